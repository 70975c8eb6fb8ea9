import { attemptAfter, type ChargeStatus, chargeStatuses } from '@gateway/shared/payment';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import {
  type AttemptRow,
  appendEvent,
  attemptNo,
  concludeWebhook,
  doubtPayment,
  findAttempt,
  findWebhook,
  hastenRefunds,
  type InboxRow,
  inTransaction,
  lockPayment,
  nameRefund,
  openDiscrepancy,
  type Payment,
  paymentEvent,
  postponeWebhook,
  type WebhookVerdict,
} from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import type { ServingHost } from '../serving-host.ts';
import { noteStrangeRefunds } from '../strange-refunds.ts';

/** How long until the next try, from the first to the last: an answer that lags, a charge we do not know yet, a provider that is away. */
const ladderMs = [3_000, 10_000, 30_000, 300_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

/**
 * A webhook is a rumour: it tells us where to look. We believe only the provider's own answer.
 * Asked before any transaction opens: no row stays locked while we wait on someone else's network.
 */
export const verifyWebhook =
  ({
    hosts,
    accounts,
    writer,
    ring,
    metrics,
    clock,
    askLimitMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'ring' | 'metrics' | 'clock' | 'askLimitMs'>) =>
  async ({ host: hostId, inboxId, claim }: JobPayload<'verify-webhook'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const webhook = await findWebhook(host.db.pool, inboxId);
    if (!webhook || webhook.processedAt) return 'done before'; // the queue delivers at least once
    if (webhook.claimsTaken !== claim) return 'superseded';
    const verdict = await settle(host, webhook);
    metrics.webhookVerdicts.inc({ provider: webhook.provider, verdict });
    return verdict;

    async function settle(at: ServingHost, told: InboxRow): Promise<string> {
      const attempt = told.reference ? await findAttempt(at.db.pool, told.reference) : null;
      if (!attempt) return tryLater(at, told, 'unknown_charge');
      if (attempt.provider !== told.provider || attempt.account !== told.account) return conclude(at, told, 'not_ours');
      const ofOldNews = attempt.status === told.claims ? 'duplicate' : 'stale';
      if (isOldNews(told.claims, attempt)) return conclude(at, told, ofOldNews);
      if (await movesRefunds(at, told, attempt)) return conclude(at, told, 'applied');
      const payment = { ...attempt, id: attempt.paymentId };

      const charge = await ask(attempt, told);
      if (charge === 'unreachable') return inDoubt(at, told, payment, attempt, 'unreachable');
      if (!charge || saysLess(charge.status, told.claims)) return inDoubt(at, told, payment, attempt, 'contradicted');
      if (await noteStrangeRefunds(at, payment, attempt.no, charge, clock.now())) ring(at);
      const ifStale = charge.status === told.claims ? 'duplicate' : 'stale'; // somebody else was told the same, and was faster
      const verdictOf = (is: 'applied' | 'stale') => (is === 'stale' ? ifStale : is);
      const { verdict: applied } = await writer.apply(at, payment, { kind: 'charge', attemptNo: attempt.no, charge }, (trx, is) =>
        concludeWebhook(trx, told, verdictOf(is), clock.now()),
      );
      return verdictOf(applied);
    }

    /** News of a refund says where to look; those under way are asked about now. */
    async function movesRefunds(
      at: ServingHost,
      { claims, refundReference, providerRefundId }: InboxRow,
      about: AttemptRow,
    ): Promise<boolean> {
      if (claims !== 'refunded' && !providerRefundId) return false;
      if (refundReference && providerRefundId) await nameRefund(at.db.pool, refundReference, providerRefundId, clock.now());
      return hastenRefunds(at.db.pool, about.paymentId, clock.now());
    }

    async function ask({ reference, providerChargeId, ...at }: AttemptRow, { providerChargeId: told }: InboxRow) {
      try {
        return await accounts
          .of(at)
          .provider.findCharge({ reference, providerChargeId: providerChargeId ?? told }, AbortSignal.timeout(askLimitMs));
      } catch (error) {
        if (error instanceof ProviderError) return 'unreachable' as const;
        throw error;
      }
    }

    /** It says "paid", well signed, and cannot be confirmed: the QR must not be scanned again, and nothing is believed. */
    async function inDoubt(
      at: ServingHost,
      doubted: InboxRow,
      about: Pick<Payment, 'id'>,
      { no }: AttemptRow,
      verdict: 'contradicted' | 'unreachable',
    ): Promise<string> {
      if (doubted.claims === 'paid') {
        await inTransaction(at.db, async (trx) => {
          const now = clock.now();
          const payment = await lockPayment(trx, about.id);
          const attempt = await attemptNo(trx, about.id, no);
          if (!payment || attempt?.status === 'paid') return; // somebody could confirm it meanwhile
          await doubtPayment(trx, about.id, now);
          const reason = 'paid_unconfirmed' as const;
          const doubt = { paymentId: about.id, attemptNo: no, reason, ours: payment.status, theirs: 'paid', at: now };
          if (await openDiscrepancy(trx, doubt)) await appendEvent(trx, paymentEvent('payment.review', payment, now, { reason }));
        });
        ring(at);
      }
      return tryLater(at, doubted, verdict);
    }

    async function tryLater(
      at: ServingHost,
      { tries, ...row }: InboxRow,
      verdict: 'contradicted' | 'unreachable' | 'unknown_charge',
    ): Promise<string> {
      const inMs = ladderMs[tries];
      if (inMs === undefined) return conclude(at, { tries, ...row }, 'parked');
      await postponeWebhook(at.db.pool, row, verdict, new Date(clock.now().getTime() + inMs));
      return verdict;
    }

    async function conclude(at: ServingHost, row: InboxRow, verdict: WebhookVerdict): Promise<string> {
      await concludeWebhook(at.db.pool, row, verdict, clock.now());
      return verdict;
    }
  };

/** Whatever the provider would say to it, we know as much: nobody need be asked. */
function isOldNews(claims: string | null, attempt: AttemptRow): boolean {
  const claimed = chargeStatuses.find((status) => status === claims);
  return claimed !== undefined && attemptAfter(attempt.status, claimed) === null;
}

/** The status answer lags behind what the webhook was sent for, or contradicts it. */
function saysLess(status: ChargeStatus, claims: string | null): boolean {
  if (claims === 'paid' || claims === 'refunded') return status !== 'paid';
  return status === 'open' && claims !== null && claims !== 'open';
}
