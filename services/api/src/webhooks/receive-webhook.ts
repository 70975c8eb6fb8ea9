import { type ProviderAccount, providerKind, type WebhookNotice, WebhookRefused } from '@gateway/shared/provider';
import { attemptReferencePattern, plusMs } from '@gateway/shared/runtime';
import { webhookInbox } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { Problem } from '../http/problem.ts';

const verifyWithinMs = 3_000; // its job is lost if nobody has taken it by then
/** Headers that help to find a delivery again, and hold nothing secret. */
const storedHeaders = ['content-type', 'user-agent', 'webhook-id'];

/** POST /webhooks/{provider}[/{account}]: signature → inbox row → job → 200. What it says is believed by nobody yet. */
export const receiveWebhook =
  ({
    hosts,
    controlDb,
    accounts,
    enqueue,
    webhookCounter,
    clock,
    log,
  }: Pick<ApiDeps, 'hosts' | 'controlDb' | 'accounts' | 'enqueue' | 'webhookCounter' | 'clock' | 'log'>): RequestHandler =>
  async (req, res) => {
    const account = accountOf(String(req.params.provider), String(req.params.account ?? 'default'));
    const { provider } = account;
    const raw = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
    const notice = readNotice(raw);
    const location = notice.reference && attemptReferencePattern.test(notice.reference) ? hosts.forReference(notice.reference) : null;
    const now = clock.now();
    const id = await webhookInbox.store((location?.db ?? controlDb).pool, {
      provider,
      account: account.id,
      raw,
      headers: Object.fromEntries(storedHeaders.flatMap((name) => (req.get(name) ? [[name, req.get(name) as string]] : []))),
      ...notice,
      receivedAt: now,
      ...(location ? { nextTryAt: plusMs(now, verifyWithinMs) } : { nextTryAt: null, verdict: 'not_ours' as const }),
    });
    if (location && id !== null) await enqueue('verify-webhook', { host: location.id, inboxId: id, leaseNo: 0 });
    webhookCounter.inc({ provider, verdict: location ? (id === null ? 'duplicate' : 'stored') : 'not_ours' });
    res.json({ received: true });

    /** Only this account's secrets count. @throws Problem when there is no such account */
    function accountOf(name: string, accountId: string): ProviderAccount {
      providerKind(name);
      const found = accounts.find(({ provider: each, id: eachId }) => each === name && eachId === accountId);
      if (!found) throw new Problem('not_found', 'This provider account is not configured.');
      return found;
    }

    function readNotice(body: Buffer): WebhookNotice {
      try {
        return providerKind(provider).webhookReader.read(body, req.headers, account);
      } catch (error) {
        if (error instanceof WebhookRefused) {
          webhookCounter.inc({ provider, verdict: 'forged' });
          log.warn(
            { provider, account: account.id, address: req.ip, request_id: res.getHeader('x-request-id') },
            'webhook rejected: invalid signature',
          );
        }
        throw error;
      }
    }
  };
