import type { Attempt, ChargeRefund, Refund } from '@gateway/shared/payment';
import { ProviderError, ProviderMisconfigured, ProviderRejected, ProviderUnavailable } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, payments, refunds } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { concludeRefund } from '../settling/conclude-refund.ts';

/** How far away the next look is, by how often it has been looked at: wallets confirm within seconds, banks within days. */
const retryDelaysMs = [3_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const retryDelayMs = (leaseNo: number): number => retryDelaysMs[Math.min(Math.max(leaseNo - 1, 0), retryDelaysMs.length - 1)] as number;

/** For how long nobody need know that a provider has not confirmed a refund, or does not take one. */
const reportAfterMs = { requested: 15 * 60_000, notRequested: 3_600_000 };

/**
 * What is known of a refund after asking. `unknown`: it may have been carried out. `not_requested`: surely not; `retryAt` is when a rule
 * of the provider allows it.
 */
type RefundProgress =
  | { kind: 'pending'; providerRefundId: string }
  | { kind: 'succeeded'; providerRefundId: string }
  | { kind: 'failed'; providerRefundId: string | null; reason: string | null }
  | { kind: 'unknown'; reason: string }
  | { kind: 'not_requested'; reason: string; retryAt: Date | null };

/**
 * Money back, where it was taken. Written down before it is asked for, and looked for before it is repeated; where a repeat is not
 * safe it is never repeated: then a person finds out. May run twice, also at the same time.
 */
export const refund =
  ({
    hosts,
    accounts,
    wakeRelay,
    clock,
    log,
    queryTimeoutMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'wakeRelay' | 'clock' | 'log' | 'queryTimeoutMs'>) =>
  async ({ host: hostId, refundId, leaseNo }: JobPayload<'refund'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const { pool } = host.db;
    const refundRow = await refunds.find(pool, refundId);
    if (refundRow?.status !== 'pending') return 'already_done';
    if (refundRow.leaseNo !== leaseNo) return 'superseded';
    const [payment, attempt] = await Promise.all([
      payments.find(pool, refundRow.paymentId),
      attempts.find(pool, refundRow.paymentId, refundRow.attemptNo),
    ]);
    if (!payment || !attempt) throw new Error(`refund ${refundId}: payment or attempt not found`);

    const progress = await findOrRequest(refundRow, attempt);
    if (progress.kind === 'succeeded' || progress.kind === 'failed') {
      const failure = progress.kind === 'failed' ? progress.reason : null;
      await concludeRefund({
        host,
        payment,
        refund: refundRow,
        result: { status: progress.kind, failure, providerRefundId: progress.providerRefundId },
        clock,
      });
      wakeRelay(host);
      return progress.kind;
    }
    await reschedule(refundRow, progress);
    return progress.kind;

    async function findOrRequest(refundRow: Refund, attempt: Attempt): Promise<RefundProgress> {
      const { provider, traits } = accounts.of(attempt);
      const charge = { reference: attempt.reference, providerChargeId: attempt.providerChargeId };
      const { reference, amount, reason, providerRefundId } = refundRow;
      const signal = () => AbortSignal.timeout(queryTimeoutMs);
      const isFirst = !refundRow.askedAt && !providerRefundId;
      if (isFirst) {
        const { acquirer = '' } = provider.account;
        const paidAmount = attempt.paid ?? amount;
        const facts = {
          issuer: attempt.issuer,
          acquirer,
          paidAt: attempt.paidAt ?? refundRow.createdAt,
          paidAmount,
          amount,
          now: clock.now(),
        };
        const obstacle = traits.refundObstacle(facts);
        if (obstacle?.retryAt) return { kind: 'not_requested', reason: obstacle.code, retryAt: obstacle.retryAt };
        if (obstacle) return { kind: 'failed', providerRefundId: null, reason: obstacle.code };
        if (!(await refunds.begin(pool, refundRow, clock.now()))) return { kind: 'unknown', reason: 'superseded' };
      }
      try {
        const found = isFirst ? null : await provider.findRefund({ charge, reference, providerRefundId }, signal());
        if (found) return progressOf(found);
        if (providerRefundId) await refunds.clearProviderRefundId(pool, refundRow);
        if (!isFirst && !traits.repeatsRefundsSafely) return { kind: 'unknown', reason: 'not_found' };
        return progressOf(await provider.refundCharge({ charge, reference, amount, reason }, signal()));
      } catch (error) {
        if (!(error instanceof ProviderError)) throw error;
        log.warn({ refund_id: refundId, provider: attempt.provider, account: attempt.account, err: error }, 'refund not final yet');
        if (error instanceof ProviderRejected) return { kind: 'failed', providerRefundId: null, reason: error.reason };
        if (error.reason === 'wrong_charge' && providerRefundId) await refunds.clearProviderRefundId(pool, refundRow);
        return isFirst && wasNotCarriedOut(error)
          ? { kind: 'not_requested', reason: error.reason, retryAt: null }
          : { kind: 'unknown', reason: error.reason };
      }
    }

    async function reschedule(refundRow: Refund, progress: Exclude<RefundProgress, { kind: 'succeeded' | 'failed' }>): Promise<void> {
      const at = clock.now();
      const soon = plusMs(at, retryDelayMs(refundRow.leaseNo));
      const notRequested = progress.kind === 'not_requested';
      const nextTryAt = (notRequested && progress.retryAt) || soon;
      await refunds.reschedule(pool, refundRow, {
        at,
        nextTryAt,
        notRequested,
        ...(progress.kind === 'pending' ? { providerRefundId: progress.providerRefundId } : {}),
      });
      if (progress.kind === 'pending' || (notRequested && progress.retryAt)) return;
      const since = notRequested ? refundRow.createdAt : (refundRow.askedAt ?? at);
      if (at.getTime() - since.getTime() < (notRequested ? reportAfterMs.notRequested : reportAfterMs.requested)) return;
      const discrepancy = {
        paymentId: refundRow.paymentId,
        attemptNo: refundRow.attemptNo,
        reason: 'refund_unconfirmed' as const,
        ours: refundRow.id,
      };
      await discrepancies.open(pool, { ...discrepancy, theirs: progress.reason, at });
    }
  };

function progressOf({ status, providerRefundId, failure }: ChargeRefund): RefundProgress {
  return status === 'failed' ? { kind: 'failed', providerRefundId, reason: failure } : { kind: status, providerRefundId };
}

/** Of the first time it was asked for. "Another one is in progress" is a clear no then: it cannot be this one. */
function wasNotCarriedOut(error: ProviderError): boolean {
  return error instanceof ProviderUnavailable || error instanceof ProviderMisconfigured || error.reason === 'refund_in_progress';
}
