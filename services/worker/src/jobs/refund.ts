import type { Host } from '@gateway/shared/host';
import type { Attempt, ChargeRefund, Payment, Refund } from '@gateway/shared/payment';
import { ProviderError, ProviderMisconfigured, ProviderRejected, ProviderUnavailable } from '@gateway/shared/provider';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs, withTimeLimit } from '@gateway/shared/runtime';
import { attempts, discrepancies, payments, refunds } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { concludeRefund } from '../settling/conclude-refund.ts';
import { reportMissingAccount } from '../settling/report-missing-account.ts';

/** How long until the next try, by lease number: wallets confirm a refund within seconds, banks within days. */
const retryDelaysMs = [3_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];
const retryDelayMs = (leaseNo: number): number => retryDelaysMs[Math.min(Math.max(leaseNo - 1, 0), retryDelaysMs.length - 1)] as number;

/** How long a refund may stay unconfirmed, or be refused by the provider for now, before a discrepancy is opened. */
const reportAfterMs = { requested: 15 * 60_000, notRequested: 3_600_000 };

/** `unknown`: the provider may have carried it out. `not_requested`: it surely did not; a rule of the provider allows it at `retryAt`. */
type RefundProgress =
  | { kind: 'pending'; providerRefundId: string }
  | { kind: 'succeeded'; providerRefundId: string }
  | { kind: 'failed'; providerRefundId: string | null; reason: string | null }
  | { kind: 'unknown'; reason: string }
  | { kind: 'not_requested'; reason: string; retryAt: Date | null };
type FinalProgress = Extract<RefundProgress, { kind: 'succeeded' | 'failed' }>;
type OpenProgress = Exclude<RefundProgress, FinalProgress>;

type RefundDeps = Pick<Deps, 'hosts' | 'accounts' | 'wakeRelay' | 'clock' | 'log' | 'queryTimeoutMs'>;

interface RefundContext {
  host: Host;
  payment: Payment;
  /** The attempt that holds the money. */
  attempt: Attempt;
  refund: Refund;
}

/**
 * Refunds money at the provider that holds it. The row says that the refund is requested before the provider is called. From then on the
 * refund is looked up, and requested again only where the provider makes a repeat safe; elsewhere an operator decides. May run twice,
 * also at the same time.
 */
export const refund =
  (deps: RefundDeps) =>
  async ({ host: hostId, refundId, leaseNo }: JobPayload<'refund'>): Promise<JobOutcome<'refund'>> => {
    const host = deps.hosts.byId(hostId);
    const { pool } = host.db;
    const refund = await refunds.find(pool, refundId);
    if (refund?.status !== 'pending') return 'already_done';
    if (refund.leaseNo !== leaseNo) return 'superseded';
    const [payment, attempt] = await Promise.all([
      payments.find(pool, refund.paymentId),
      attempts.find(pool, refund.paymentId, refund.attemptNo),
    ]);
    if (!payment || !attempt) throw new Error(`refund ${refundId}: payment or attempt not found`);
    const context = { host, payment, attempt, refund };

    const progress = await findOrRequest(deps, context);
    if (progress.kind === 'succeeded' || progress.kind === 'failed') await conclude(deps, context, progress);
    else await reschedule(deps, context, progress);
    return progress.kind;
  };

async function findOrRequest(deps: RefundDeps, context: RefundContext): Promise<RefundProgress> {
  const { host, attempt, refund } = context;
  const isFirst = !refund.askedAt && !refund.providerRefundId;
  if (isFirst) {
    const obstacle = findObstacle(deps, context);
    if (obstacle) return obstacle;
    if (!(await refunds.begin(host.db.pool, refund, deps.clock.now()))) return { kind: 'unknown', reason: 'superseded' };
  }
  try {
    return isFirst ? await request(deps, context) : await lookUp(deps, context);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const { provider, account } = attempt;
    await reportMissingAccount(host, attempt, error.reason, deps.clock.now());
    deps.log.warn({ refund_id: refund.id, provider, account, reason: error.reason, err: error }, 'refund not final yet');
    if (error instanceof ProviderRejected) return { kind: 'failed', providerRefundId: null, reason: error.reason };
    if (error.reason === 'wrong_charge' && refund.providerRefundId) await refunds.clearProviderRefundId(host.db.pool, refund);
    return isFirst && wasNotCarriedOut(error)
      ? { kind: 'not_requested', reason: error.reason, retryAt: null }
      : { kind: 'unknown', reason: error.reason };
  }
}

/** The rule of the provider that forbids this refund, for ever or for now; null: none that is known. */
function findObstacle({ accounts, clock }: RefundDeps, { attempt, refund: { amount, createdAt } }: RefundContext): RefundProgress | null {
  const { provider, traits } = accounts.of(attempt);
  const obstacle = traits.refundObstacle({
    issuer: attempt.issuer,
    acquirer: provider.account.acquirer ?? '',
    paidAt: attempt.paidAt ?? createdAt,
    paidAmount: attempt.paid ?? amount,
    amount,
    now: clock.now(),
  });
  if (obstacle?.retryAt) return { kind: 'not_requested', reason: obstacle.code, retryAt: obstacle.retryAt };
  return obstacle && { kind: 'failed', providerRefundId: null, reason: obstacle.code };
}

async function request({ accounts, queryTimeoutMs }: RefundDeps, { attempt, refund }: RefundContext): Promise<RefundProgress> {
  const { provider } = accounts.of(attempt);
  const { reference, amount, reason } = refund;
  return progressOf(
    await withTimeLimit(queryTimeoutMs, (signal) => provider.refundCharge({ charge: attempt, reference, amount, reason }, signal)),
  );
}

/** A refund that is not found under its provider refund id loses that id: a webhook or an operator had named another refund. */
async function lookUp(deps: RefundDeps, context: RefundContext): Promise<RefundProgress> {
  const { host, attempt, refund } = context;
  const { provider, traits } = deps.accounts.of(attempt);
  const { reference, providerRefundId } = refund;
  const found = await withTimeLimit(deps.queryTimeoutMs, (signal) =>
    provider.findRefund({ charge: attempt, reference, providerRefundId }, signal),
  );
  if (found) return progressOf(found);
  if (providerRefundId) await refunds.clearProviderRefundId(host.db.pool, refund);
  return traits.repeatsRefundsSafely ? request(deps, context) : { kind: 'unknown', reason: 'not_found' };
}

async function conclude(
  { wakeRelay, clock }: RefundDeps,
  { host, payment, refund }: RefundContext,
  progress: FinalProgress,
): Promise<void> {
  const { kind: status, providerRefundId } = progress;
  const failure = progress.kind === 'failed' ? progress.reason : null;
  await concludeRefund({ host, payment, refund, result: { status, failure, providerRefundId }, clock });
  wakeRelay(host);
}

async function reschedule({ clock }: RefundDeps, { host, refund }: RefundContext, progress: OpenProgress): Promise<void> {
  const now = clock.now();
  const notRequested = progress.kind === 'not_requested';
  const allowedAt = notRequested ? progress.retryAt : null;
  await refunds.reschedule(host.db.pool, refund, {
    at: now,
    nextTryAt: allowedAt ?? plusMs(now, retryDelayMs(refund.leaseNo)),
    notRequested,
    providerRefundId: progress.kind === 'pending' ? progress.providerRefundId : null,
  });
  if (progress.kind === 'pending' || allowedAt) return;
  const since = notRequested ? refund.createdAt : (refund.askedAt ?? now);
  const limitMs = notRequested ? reportAfterMs.notRequested : reportAfterMs.requested;
  if (now < plusMs(since, limitMs)) return;
  const { paymentId, attemptNo, id } = refund;
  await discrepancies.open(host.db.pool, {
    paymentId,
    attemptNo,
    reason: 'refund_unconfirmed',
    subject: id,
    ours: id,
    theirs: progress.reason,
    at: now,
  });
}

function progressOf({ status, providerRefundId, failure }: ChargeRefund): RefundProgress {
  return status === 'failed' ? { kind: 'failed', providerRefundId, reason: failure } : { kind: status, providerRefundId };
}

/** For the first request of a refund. `refund_in_progress` then speaks of another refund, so this one was refused. */
function wasNotCarriedOut(error: ProviderError): boolean {
  return error instanceof ProviderUnavailable || error instanceof ProviderMisconfigured || error.reason === 'refund_in_progress';
}
