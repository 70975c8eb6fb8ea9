import type { Host } from '@gateway/shared/host';
import type { Attempt, AttemptStatus, Charge, ChargeStatus, Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs, withTimeLimit } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { freshRetryMs, isFresh } from '../providers/fresh-charge.ts';
import { answerOf } from '../providers/provider-answer.ts';
import { openReviewOnce } from '../settling/open-review.ts';
import { reportMissingAccount } from '../settling/report-missing-account.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/**
 * How long after its start an attempt is looked up. A provider that finds unpaid charges by reference proves absence within minutes; its
 * first 404 may be a race with the creation. A provider that shows only money proves it after the longest life of a QR.
 */
const lookupDelaysMs = {
  provesAbsence: [45 * second, 2 * minute, 5 * minute, 10 * minute, 20 * minute],
  seesOnlyMoney: [1 * minute, 10 * minute, 1 * hour, 6 * hour, 24 * hour, 48 * hour],
};
const unresolvedRetryMs = 6 * hour;

type ResolveAttemptDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'wakeRelay' | 'clock' | 'queryTimeoutMs'>;

interface ResolveContext {
  host: Host;
  payment: Payment;
  attempt: Attempt;
}

/**
 * Ends an attempt whose outcome is unknown, or whose charge must be cancelled: as cancelled, expired, paid or proven absent. An attempt
 * that does not end by the last lookup gets a discrepancy, and is looked up every six hours. May run twice.
 */
export const resolveAttempt =
  (deps: ResolveAttemptDeps) =>
  async ({ host: hostId, paymentId, no, leaseNo }: JobPayload<'resolve-attempt'>): Promise<JobOutcome<'resolve-attempt'>> => {
    const host = deps.hosts.byId(hostId);
    const [payment, attempt] = await Promise.all([payments.find(host.db.pool, paymentId), attempts.find(host.db.pool, paymentId, no)]);
    if (attempt?.leaseNo !== leaseNo) return 'superseded';
    if (!payment || !attempt.resolveAt) return 'already_done';
    const context = { host, payment, attempt };
    const nextLookupAt = nextLookup(deps, attempt);

    const answer = await answerOf(findAndCancel(deps, attempt));
    if (answer.kind === 'failed') await reportMissingAccount(host, attempt, answer.reason, deps.clock.now());
    if (answer.kind === 'answered' && answer.charge && isEnded(answer.charge)) return applyCharge(deps, context, answer.charge);
    const now = deps.clock.now();
    const isBehind = answer.kind === 'answered' && !answer.charge && isFresh(attempt, now);
    if (nextLookupAt) {
      const lookupAt = isBehind ? plusMs(now, freshRetryMs) : nextLookupAt;
      return (await attempts.reschedule(host.db.pool, attempt, lookupAt)) ? 'retry_scheduled' : 'superseded';
    }
    if (answer.kind === 'failed') return reportUnresolved(deps, context, answer.reason);
    if (answer.charge) return reportUnresolved(deps, context, 'it stays open');
    await conclude(deps, context, 'absent');
    return 'absent';
  };

/** Null: this lookup is the last one. */
function nextLookup({ accounts, clock }: ResolveAttemptDeps, attempt: Attempt): Date | null {
  const { traits } = accounts.of(attempt);
  const provesAbsence = traits.findsUnpaidByReference || attempt.providerChargeId !== null;
  const delaysMs = provesAbsence ? lookupDelaysMs.provesAbsence : lookupDelaysMs.seesOnlyMoney;
  const now = clock.now();
  return delaysMs.map((delayMs) => plusMs(attempt.startedAt, delayMs)).find((at) => at > now) ?? null;
}

async function findAndCancel({ accounts, queryTimeoutMs }: ResolveAttemptDeps, attempt: Attempt): Promise<Charge | null> {
  const { provider } = accounts.of(attempt);
  const charge = await withTimeLimit(queryTimeoutMs, (signal) => provider.findCharge(attempt, signal));
  return charge?.status === 'open' ? withTimeLimit(queryTimeoutMs, (signal) => provider.cancelCharge(charge, signal)) : charge;
}

type EndedCharge = Charge & { status: Exclude<ChargeStatus, 'open'> };
const isEnded = (charge: Charge): charge is EndedCharge => charge.status !== 'open';

async function applyCharge(
  deps: ResolveAttemptDeps,
  context: ResolveContext,
  charge: EndedCharge,
): Promise<EndedCharge['status'] | 'retry_scheduled'> {
  const { host, payment, attempt } = context;
  const result = await deps.writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge });
  if (result.verdict === 'busy') {
    await attempts.reschedule(host.db.pool, attempt, result.retryAt);
    return 'retry_scheduled';
  }
  // The end was known already, and only `resolve_at` has to be cleared.
  if (result.verdict === 'stale') await conclude(deps, context, attempt.status === 'sending' ? 'unknown' : attempt.status);
  return charge.status;
}

function conclude({ clock }: ResolveAttemptDeps, { host, attempt }: ResolveContext, status: AttemptStatus): Promise<unknown> {
  const { paymentId, no, reason } = attempt;
  return attempts.conclude(host.db.pool, { paymentId, no, status, reason, at: clock.now(), resolveAt: null });
}

async function reportUnresolved(
  { clock, wakeRelay }: ResolveAttemptDeps,
  { host, payment, attempt }: ResolveContext,
  theirs: string,
): Promise<'unresolved'> {
  const now = clock.now();
  await inTransaction(host.db, async (trx) => {
    await openReviewOnce(trx, payment, { reason: 'unresolved_attempt', attemptNo: attempt.no, ours: attempt.status, theirs }, now);
    await attempts.reschedule(trx, attempt, plusMs(now, unresolvedRetryMs));
  });
  wakeRelay(host);
  return 'unresolved';
}
