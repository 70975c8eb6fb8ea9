import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@gateway/shared/postgres';
import { accountKey, type ProviderAccount, providerKind } from '@gateway/shared/provider';
import { connectRedis, refusedWebhookKey } from '@gateway/shared/queue';
import { newUlid } from '@gateway/shared/runtime';
import { webhookInbox } from '@gateway/shared/store';
import { same, type Words } from '../words.ts';
import { type Cause, NotProven } from './proof-step.ts';
import type { TimeBudget } from './time-budget.ts';

const ownCallMs = 8_000;
const pollMs = 500;

export interface WebhookProofDeps {
  account: ProviderAccount;
  control: Database;
  redisUrl: string | null;
  /** Where the provider sends the webhooks of this account. */
  address: string;
  /** How long to wait for the provider's webhook, milliseconds. */
  waitMs: number;
  budget: TimeBudget;
}

/** What is known about the webhook address before the provider's own webhook came. */
export type AddressVerdict = { cause: Cause; detail: Words } | null;

const tlsCode = /CERT|TLS|SSL|EPROTO|UNABLE_TO_|SELF_SIGNED/;

/** Sends a genuine webhook about a charge that does not exist to the address. @returns why it was not accepted; null: it was */
export async function tryAddress({ account, address }: Pick<WebhookProofDeps, 'account' | 'address'>): Promise<AddressVerdict> {
  const { headers, body } = providerKind(account.provider).webhookAbout(newProofReference(), account.webhookSecrets[0] ?? '');
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ownCallMs),
    });
    await response.arrayBuffer();
    return response.status === 200
      ? null
      : {
          cause: 'address_not_ours',
          detail: {
            en: `${address} answered ${response.status} to a genuine webhook`,
            id: `${address} menjawab ${response.status} kepada webhook asli`,
          },
        };
  } catch (error) {
    const codes = codesOf(error).join(' ');
    const isTls = tlsCode.test(codes);
    return { cause: isTls ? 'address_tls' : 'address_unreachable', detail: same(`${address}: ${codes || (error as Error).name}`) };
  }
}

/** Watches for the webhooks of an account, from before its charge is made. */
export interface WebhookWatch {
  /**
   * Waits until the provider's webhook about this charge was received. The gateway stores it as `not_ours`, because no payment has the
   * charge. @param own what is known about the address @returns what was observed @throws NotProven with the first cause
   */
  wait(reference: string, own: AddressVerdict): Promise<Words>;
  close(): void;
}

export async function watchWebhooks({ account, control, redisUrl, address, waitMs, budget }: WebhookProofDeps): Promise<WebhookWatch> {
  const redis = redisUrl ? connectRedis(redisUrl, { name: 'ops' }) : null;
  const lastRefusal = () => redis?.get(refusedWebhookKey(accountKey(account))).catch(() => null) ?? null;
  const refusalBefore = await lastRefusal();
  const wait = async (reference: string, own: AddressVerdict): Promise<Words> => {
    const deadline = performance.now() + (own ? waitMs / 2 : waitMs);
    for (;;) {
      if (await webhookInbox.wasReceived(control.pool, { provider: account.provider, account: account.id, reference }))
        return { en: `received at ${address}`, id: `diterima di ${address}` };
      if ((await lastRefusal()) !== refusalBefore)
        throw new NotProven('webhook', 'callback_token_wrong', {
          en: `a webhook of this account came to ${address}, with a wrong signature or token`,
          id: `webhook akun ini datang ke ${address}, dengan tanda tangan atau token yang salah`,
        });
      if (performance.now() > deadline) break;
      if (budget.leftMs() === 0)
        throw new NotProven('webhook', 'provider_unreachable', {
          en: 'the provider answered so slowly that no time was left to wait for its webhook',
          id: 'penyedia menjawab begitu lambat sehingga tidak ada waktu lagi untuk menunggu webhook-nya',
        });
      await delay(pollMs);
    }
    if (own) throw new NotProven('webhook', own.cause, own.detail);
    throw new NotProven('webhook', 'callback_not_registered', {
      en: `${address} works, and no webhook of the provider came there`,
      id: `${address} berfungsi, tetapi tidak ada webhook penyedia yang datang ke sana`,
    });
  };
  return { wait, close: () => redis?.disconnect() };
}

/** The reference of a charge that belongs to no payment. */
export const newProofReference = (): string => `proof-${newUlid()}-1`;

/** The codes of an error and of its causes. */
function codesOf(error: unknown): string[] {
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown[] };
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...(cause ? codesOf(cause) : []),
    ...(Array.isArray(errors) ? errors.flatMap(codesOf) : []),
  ];
}
