import type { Host } from '@gateway/shared/host';
import { type Attempt, announce, attemptAfter, type ChargeStatus, chargeStatuses, type Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, payments, refunds, webhookInbox } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { recordExternalRefunds } from '../settling/external-refunds.ts';

/** How long until the next try, from the first to the last: an answer that lags, a charge we do not know yet, a provider that is away. */
const retryDelaysMs = [3_000, 10_000, 30_000, 300_000, 3_600_000, 6 * 3_600_000, 24 * 3_600_000];

/**
 * A webhook is a rumour: it tells us where to look. We believe only the provider's own answer.
 * Asked before any transaction opens: no row stays locked while we wait on someone else's network.
 */
export const verifyWebhook =
  ({
    hosts,
    accounts,
    writer,
    wakeRelay,
    metrics,
    clock,
    queryTimeoutMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'wakeRelay' | 'metrics' | 'clock' | 'queryTimeoutMs'>) =>
  async ({ host: hostId, inboxId, leaseNo }: JobPayload<'verify-webhook'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const webhook = await webhookInbox.find(host.db.pool, inboxId);
    if (!webhook || webhook.processedAt) return 'already_done'; // the queue delivers at least once
    if (webhook.leaseNo !== leaseNo) return 'superseded';
    const verdict = await verify(host, webhook);
    metrics.webhookVerdicts.inc({ provider: webhook.provider, verdict });
    return verdict;

    async function verify(host: Host, webhook: webhookInbox.InboxRow): Promise<string> {
      const attempt = webhook.reference ? await attempts.findByReference(host.db.pool, webhook.reference) : null;
      if (!attempt) return reschedule(host, webhook, 'unknown_charge');
      if (attempt.provider !== webhook.provider || attempt.account !== webhook.account) return conclude(host, webhook, 'not_ours');
      const verdictIfKnown = attempt.status === webhook.reportedStatus ? 'duplicate' : 'stale';
      if (isAlreadyKnown(webhook.reportedStatus, attempt)) return conclude(host, webhook, verdictIfKnown);
      if (await expediteRefunds(host, webhook, attempt)) return conclude(host, webhook, 'applied');
      const payment = { ...attempt, id: attempt.paymentId };

      const charge = await findCharge(attempt, webhook);
      if (charge === 'unreachable') return holdForReview(host, webhook, payment, attempt, 'unreachable');
      if (!charge || providerLagsBehind(charge.status, webhook.reportedStatus))
        return holdForReview(host, webhook, payment, attempt, 'contradicted');
      if (await recordExternalRefunds(host, payment, attempt.no, charge, clock.now())) wakeRelay(host);
      const verdictIfStale = charge.status === webhook.reportedStatus ? 'duplicate' : 'stale'; // somebody else was told the same, and was faster
      const verdictOf = (result: 'applied' | 'stale') => (result === 'stale' ? verdictIfStale : result);
      const { verdict: applied } = await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge }, (trx, result) =>
        webhookInbox.conclude(trx, webhook, verdictOf(result), clock.now()),
      );
      return verdictOf(applied);
    }

    /** News of a refund says where to look; those under way are asked about now. */
    async function expediteRefunds(
      host: Host,
      { reportedStatus, refundReference, providerRefundId }: webhookInbox.InboxRow,
      attempt: Attempt,
    ): Promise<boolean> {
      if (reportedStatus !== 'refunded' && !providerRefundId) return false;
      if (refundReference && providerRefundId)
        await refunds.setProviderRefundId(host.db.pool, refundReference, providerRefundId, clock.now());
      return refunds.expedite(host.db.pool, attempt.paymentId, clock.now());
    }

    async function findCharge(
      { reference, providerChargeId, ...account }: Attempt,
      { providerChargeId: reportedChargeId }: webhookInbox.InboxRow,
    ) {
      try {
        return await accounts
          .of(account)
          .provider.findCharge({ reference, providerChargeId: providerChargeId ?? reportedChargeId }, AbortSignal.timeout(queryTimeoutMs));
      } catch (error) {
        if (error instanceof ProviderError) return 'unreachable' as const;
        throw error;
      }
    }

    /** It says "paid", well signed, and cannot be confirmed: the QR must not be scanned again, and nothing is believed. */
    async function holdForReview(
      host: Host,
      webhook: webhookInbox.InboxRow,
      payment: Pick<Payment, 'id'>,
      { no }: Attempt,
      verdict: 'contradicted' | 'unreachable',
    ): Promise<string> {
      if (webhook.reportedStatus === 'paid') {
        await inTransaction(host.db, async (trx) => {
          const now = clock.now();
          const locked = await payments.lock(trx, payment.id);
          const attempt = await attempts.find(trx, payment.id, no);
          if (!locked || attempt?.status === 'paid') return; // somebody could confirm it meanwhile
          await payments.markUnconfirmed(trx, payment.id, now);
          const reason = 'paid_unconfirmed' as const;
          const discrepancy = { paymentId: payment.id, attemptNo: no, reason, ours: locked.status, theirs: 'paid', at: now };
          if (await discrepancies.open(trx, discrepancy))
            await events.append(trx, announce(locked, 'payment.review', { id: newEventId(), now, data: { reason } }));
        });
        wakeRelay(host);
      }
      return reschedule(host, webhook, verdict);
    }

    async function reschedule(
      host: Host,
      { tries, ...webhook }: webhookInbox.InboxRow,
      verdict: 'contradicted' | 'unreachable' | 'unknown_charge',
    ): Promise<string> {
      const delayMs = retryDelaysMs[tries];
      if (delayMs === undefined) return conclude(host, { tries, ...webhook }, 'parked');
      await webhookInbox.reschedule(host.db.pool, webhook, verdict, plusMs(clock.now(), delayMs));
      return verdict;
    }

    async function conclude(host: Host, webhook: webhookInbox.InboxRow, verdict: webhookInbox.WebhookVerdict): Promise<string> {
      await webhookInbox.conclude(host.db.pool, webhook, verdict, clock.now());
      return verdict;
    }
  };

/** Whatever the provider would say to it, we know as much: nobody need be asked. */
function isAlreadyKnown(reportedStatus: string | null, attempt: Attempt): boolean {
  const reported = chargeStatuses.find((status) => status === reportedStatus);
  return reported !== undefined && attemptAfter(attempt.status, reported) === null;
}

/** The status answer lags behind what the webhook was sent for, or contradicts it. */
function providerLagsBehind(status: ChargeStatus, reportedStatus: string | null): boolean {
  if (reportedStatus === 'paid' || reportedStatus === 'refunded') return status !== 'paid';
  return status === 'open' && reportedStatus !== null && reportedStatus !== 'open';
}
