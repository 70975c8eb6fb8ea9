import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Host, Hosts } from '@gateway/shared/host';
import type { Database } from '@gateway/shared/postgres';
import { type AccountDirectory, type ProviderAccount, providerKind, type WebhookNotice, WebhookRefused } from '@gateway/shared/provider';
import type { Enqueue } from '@gateway/shared/queue';
import { attemptReferencePattern, type Clock, plusMs } from '@gateway/shared/runtime';
import { attempts, webhookInbox } from '@gateway/shared/store';
import type { Counter } from '@prometheus-io/client';
import type { Request, RequestHandler } from 'express';
import { callerAddress } from '../http/caller-address.ts';
import { fromControl, Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';
import { createWebhookLimits, refuseForNow, type WebhookLimits } from './webhook-limits.ts';

export interface ReceiveWebhookDeps {
  hosts: Hosts;
  controlDb: Database;
  accounts: AccountDirectory;
  /** Reads the control data again. */
  refreshControl: () => Promise<void>;
  enqueue: Enqueue;
  webhookCounter: Counter<'provider' | 'verdict'>;
  /** Remembers that a webhook of this account was refused, for an operator who proves the account. */
  noteRefused: (account: ProviderAccount) => void;
  clock: Clock;
}

/** Headers that identify a delivery and contain no secret. */
const storedHeaders = ['content-type', 'user-agent', 'webhook-id'];

/**
 * POST /webhooks/{provider}[/{account}]: checks the signature, stores the webhook, adds its verification job, and answers 200. The content
 * is not applied here, because a genuine webhook may be outdated or wrong: the worker asks the provider first.
 */
export const receiveWebhook = (deps: ReceiveWebhookDeps): RequestHandler => {
  const limits = createWebhookLimits(deps.clock);
  const newerCopy = createNewerCopy(deps.refreshControl);
  return async (req, res) => {
    const raw = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const copy = copyOf(req, raw);
    limits.refuseCopy(copy);
    const { account, notice } = await readGenuine(deps, newerCopy, { raw, req });
    const delivery = { account, notice, raw, headers: storedHeadersOf(req), address: callerAddress(req), copy };
    const verdict = limits.isRepeat(delivery) ? 'duplicate' : await keep(deps, limits, delivery);
    deps.webhookCounter.inc({ provider: account.provider, verdict });
    if (verdict === 'limited') refuseForNow();
    res.json({ received: true });
  };
};

interface GenuineWebhook {
  account: ProviderAccount;
  notice: WebhookNotice;
  raw: Buffer;
  headers: Record<string, string>;
  address: string;
  copy: string;
}

/** Equal for a webhook with the same bytes and the same token, sent to the same account from the same address. */
const copyOf = (req: Request, raw: Buffer): string =>
  `${callerAddress(req)} ${req.path} ${createHash('sha256')
    .update(req.get('x-callback-token') ?? '')
    .update('\n')
    .update(raw)
    .digest('base64')}`;

/** Stores the webhook, unless it is known or a limit forbids it. */
async function keep(
  deps: ReceiveWebhookDeps,
  limits: WebhookLimits,
  webhook: GenuineWebhook,
): Promise<'stored' | 'duplicate' | 'not_ours' | 'limited'> {
  const { hosts, enqueue } = deps;
  const { account, notice } = webhook;
  const named = locationByReference(hosts, notice);
  if (!named) limits.countForeign(webhook);
  const mayBeUnknown = limits.mayStoreUnknown(account);
  if (!named && notice.providerChargeId !== null && !mayBeUnknown) return 'limited'; // it may be about a charge of ours: it is sent again
  const location = named ?? (await locationByCharge(hosts, account, notice));
  if (!location && !mayBeUnknown) return 'not_ours'; // answered, and not kept
  const result = await store(deps, webhook, location, mayBeUnknown);
  if (!result.isKnown && result.kind === 'stored') limits.countUnknown(account);
  if (result.kind === 'refused') return 'limited';
  if (!location) return 'not_ours';
  limits.remember(webhook);
  if (result.kind !== 'stored') return 'duplicate';
  await enqueue('verify-webhook', { host: location.id, inboxId: result.id, leaseNo: 0, ...(result.paid ? { paid: result.paid } : {}) });
  return 'stored';
}

function store(
  { controlDb, clock }: ReceiveWebhookDeps,
  { account, notice, raw, headers }: GenuineWebhook,
  location: Location | null,
  mayBeUnknown: boolean,
): Promise<webhookInbox.StoreResult> {
  const now = clock.now();
  const received = { provider: account.provider, account: account.id, raw, headers, ...notice, receivedAt: now };
  if (!location) return fromControl(webhookInbox.store(controlDb.pool, { ...received, nextTryAt: null, verdict: 'not_ours' }));
  const { db, reference } = location;
  return webhookInbox.store(db.pool, { ...received, reference, nextTryAt: plusMs(now, webhookInbox.verifyWithinMs) }, { mayBeUnknown });
}

const storedHeadersOf = (req: Request): Record<string, string> =>
  Object.fromEntries(storedHeaders.flatMap((name) => (req.get(name) ? [[name, req.get(name) as string]] : [])));

interface Location extends Pick<Host, 'id' | 'db'> {
  /** Our reference of the charge. */
  reference: string;
}

/** Null: the webhook names no reference of ours. */
function locationByReference(hosts: Hosts, { reference }: WebhookNotice): Location | null {
  const host = reference !== null && attemptReferencePattern.test(reference) ? hosts.forReference(reference) : null;
  return host && reference !== null ? { id: host.id, db: host.db, reference } : null;
}

/**
 * Finds the charge by the provider's own id, in every host's database: a refund that was made at a dashboard names no reference of ours.
 * A database that cannot be asked fails the request, so that the provider delivers the webhook again. Null: the charge is not ours.
 */
async function locationByCharge(
  hosts: Hosts,
  { provider, id: account }: ProviderAccount,
  { providerChargeId }: WebhookNotice,
): Promise<Location | null> {
  if (providerChargeId === null) return null;
  for (const { db } of hosts.databases()) {
    const attempt = await attempts.findByCharge(db.pool, { provider, account, providerChargeId });
    const host = attempt && hosts.forReference(attempt.reference);
    if (host) return { id: host.id, db, reference: attempt.reference };
  }
  return null;
}

/**
 * @throws UnknownProvider; Problem `not_found` when the account is not configured, `database_unavailable` when that, or its secrets,
 * cannot be known now: the provider sends the webhook again
 */
function accountOf(accounts: AccountDirectory, provider: string, id: string): ProviderAccount {
  providerKind(provider);
  const account = accounts.find(provider, id);
  if (account === 'unreadable')
    throw new Problem('database_unavailable', 'The secrets of this account cannot be read at the moment. Send it again later.', {
      retryAfter: 60,
    });
  if (!account) throw new Problem('not_found', 'This provider account is not configured.');
  return account;
}

const newerCopyMs = 250;

/** Resolves when the control data was read again after the call. Many callers share one reading, at most four in a second. */
function createNewerCopy(refresh: () => Promise<void>): () => Promise<void> {
  let next: Promise<void> | null = null;
  return () => {
    next ??= delay(newerCopyMs).then(() => {
      next = null;
      return refresh();
    });
    return next;
  };
}

interface WebhookDelivery {
  account: ProviderAccount;
  raw: Buffer;
  req: Request;
}

/**
 * Reads a webhook with the secrets of its account. When it seems to be unknown or forged and an operator may have changed the account a
 * moment ago, a newer copy of the control data decides: a worker may know an account before this process does, and no genuine webhook is
 * refused for that.
 */
async function readGenuine(
  deps: ReceiveWebhookDeps,
  newerCopy: () => Promise<void>,
  { raw, req }: Pick<WebhookDelivery, 'raw' | 'req'>,
): Promise<{ account: ProviderAccount; notice: WebhookNotice }> {
  const [provider, id] = [String(req.params.provider), String(req.params.account ?? 'default')];
  const read = (account: ProviderAccount) => ({ account, notice: providerKind(provider).webhookReader.read(raw, req.headers, account) });
  const known = deps.accounts.find(provider, id);
  if (deps.accounts.mayChange(provider, id)) {
    if (known !== null && known !== 'unreadable') {
      try {
        return read(known);
      } catch (error) {
        if (!(error instanceof WebhookRefused)) throw error;
      }
    }
    await newerCopy();
  }
  const account = accountOf(deps.accounts, provider, id);
  return { account, notice: readNotice(deps, { account, raw, req }) };
}

/** Verifies the signature with the secrets of this account only, and parses the body. @throws WebhookRefused, WebhookUnreadable */
function readNotice({ webhookCounter, noteRefused }: ReceiveWebhookDeps, { account, raw, req }: WebhookDelivery): WebhookNotice {
  const { provider, id } = account;
  try {
    return providerKind(provider).webhookReader.read(raw, req.headers, account);
  } catch (error) {
    if (!(error instanceof WebhookRefused)) throw error;
    webhookCounter.inc({ provider, verdict: 'forged' });
    noteRefused(account);
    throw new Refusal('webhook_forged', new Problem('unauthenticated', 'Invalid signature or token.'), `${provider}/${id}`);
  }
}
