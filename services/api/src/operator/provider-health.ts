import { accountKey, type ProviderAccount } from '@gateway/shared/provider';
import { type BreakerNews, breakerKey, refusalKey } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** How an account fares, in words. */
export interface AccountHealth {
  provider: string;
  account: string;
  mode: string;
  /** Making charges, and all else. */
  create: string;
  rest: string;
}

/** What the workers have told each other about their breakers. Without Redis nobody here knows, and the page says so. */
export async function healthOfProviders(accounts: readonly ProviderAccount[], redis: Pick<Redis, 'get'>): Promise<AccountHealth[]> {
  return Promise.all(
    accounts.map(async (account) => {
      const [create, rest] = await Promise.all([sentence(account, 'create', redis), sentence(account, 'rest', redis)]);
      return { provider: account.provider, account: account.id, mode: account.mode, create, rest };
    }),
  );
}

async function sentence(account: ProviderAccount, kind: BreakerNews['kind'], redis: Pick<Redis, 'get'>): Promise<string> {
  try {
    const key = accountKey(account);
    const [news, refusal] = await Promise.all([redis.get(breakerKey({ account: key, kind })), redis.get(refusalKey(key))]);
    if (news) return `left alone since ${(JSON.parse(news) as BreakerNews).since}`;
    if (!refusal) return 'asked';
    const { reason, at } = JSON.parse(refusal) as { reason: string; at: string };
    return `refuses our credentials or set-up (${reason}) since ${at}: only you can help`;
  } catch {
    return 'not known: Redis does not answer';
  }
}
