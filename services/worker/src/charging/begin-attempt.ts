import type { Host } from '@gateway/shared/host';
import type { Payment, PaymentId } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, leases } from '@gateway/shared/store';
import type { Candidate } from '../providers/accounts.ts';

const primaryShare = 0.6; // of the remaining time, for each provider but the last: the next one must still answer while the till waits
const minBudgetMs = 100; // with less time left, no answer would reach the till
const graceMs = 5_000; // after the limit of the call, for the worker to write the outcome; then resolve-attempt takes the attempt over
const freshLeaseMs = leases.chargeLeaseMs / 2; // the running job renews the lease after a third of it

interface CallTime {
  /** When this provider is asked. */
  now: Date;
  /** When the job began to ask. All providers together have `createLimitMs` from then on. */
  startedAt: Date;
  /** How many providers may be asked after this one. They need time of their own. */
  othersLeft: number;
}

/** How long one provider may take, milliseconds; null when no time is left to ask it. */
export function callLimitMs(createLimitMs: number, { now, startedAt, othersLeft }: CallTime): number | null {
  const leftMs = createLimitMs - (now.getTime() - startedAt.getTime());
  if (leftMs < minBudgetMs) return null;
  return Math.round(othersLeft > 0 ? leftMs * primaryShare : leftMs);
}

interface AttemptOf {
  paymentId: PaymentId;
  leaseNo: number;
  candidate: Candidate;
  now: Date;
}

/**
 * Inserts an attempt before its provider is called, so that the charge of a worker that dies in the call is found.
 * @returns its reference; null when the payment is no longer this job's to make
 */
export function beginAttempt({ db }: Host, attempt: AttemptOf & { no: number }, limitMs: number): Promise<string | null> {
  const leaseUntil = plusMs(attempt.now, leases.chargeLeaseMs);
  return attempts.begin(db.pool, { ...startOf(attempt, limitMs), no: attempt.no, leaseUntil });
}

/**
 * As `beginAttempt`, for the first attempt of a payment that was made a moment ago: reads the payment in the same statement.
 * @returns null when it is not the payment's first attempt, or anything else has happened to the payment: nothing was written
 */
export function beginFirstAttempt(
  { db }: Host,
  attempt: AttemptOf,
  limitMs: number,
): Promise<{ payment: Payment; reference: string | null } | null> {
  return attempts.beginFirst(db.pool, { ...startOf(attempt, limitMs), leaseUntil: plusMs(attempt.now, freshLeaseMs) });
}

function startOf({ paymentId, leaseNo, candidate, now }: AttemptOf, limitMs: number) {
  const { provider, id: account } = candidate.provider.account;
  return { paymentId, provider, account, leaseNo, at: now, resolveAt: plusMs(now, limitMs + graceMs) };
}
