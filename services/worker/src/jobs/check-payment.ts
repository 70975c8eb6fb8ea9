import type { Host } from '@gateway/shared/host';
import { type Attempt, attemptAfter, type Charge, type OrderChange, type Payment } from '@gateway/shared/payment';
import { budgetOf } from '@gateway/shared/provider';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs, withTimeLimit } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import { readOrderChange } from '../charging/read-order-change.ts';
import type { Deps } from '../deps.ts';
import type { Candidate } from '../providers/accounts.ts';
import { answerOf } from '../providers/provider-answer.ts';
import { nextLatePoll } from '../settling/late-polling.ts';
import type { ApplyResult } from '../settling/payment-writer.ts';
import { reportMissingAccount } from '../settling/report-missing-account.ts';

type CheckPaymentDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'pollSlots' | 'reply' | 'clock' | 'log' | 'queryTimeoutMs'>;

interface PollContext {
  host: Host;
  payment: Payment;
  /** The attempt whose QR is or was on display. */
  attempt: Attempt;
}

/**
 * The poll: asks the provider about the charge on display, and applies the answer. Also reads the order: one that was paid in cash, voided
 * or changed must not be paid by this QR. After the payment has closed, late-payment polling goes on until `watch_until`. May run twice.
 */
export const checkPayment =
  (deps: CheckPaymentDeps) =>
  async ({ host: hostId, paymentId, leaseNo }: JobPayload<'check-payment'>): Promise<JobOutcome<'check-payment'>> => {
    const host = deps.hosts.byId(hostId);
    const payment = await payments.find(host.db.pool, paymentId);
    if (payment?.leaseNo !== leaseNo) return 'superseded';
    const attempt = payment.shownAttempt && payment.checkAt ? await attempts.find(host.db.pool, paymentId, payment.shownAttempt) : null;
    if (!attempt) {
      deps.reply(payment); // a webhook was faster than this check, and the caller waits
      return 'not_needed';
    }
    const context = { host, payment, attempt };

    const answer = await answerOf(findCharge(deps, context));
    if (answer.kind === 'answered') {
      const result = await applyCharge(deps, context, answer.charge);
      if (result.verdict === 'busy') {
        await payments.reschedule(host.db.pool, payment, result.retryAt);
        return 'retry_scheduled';
      }
      deps.reply({ ...result.payment, checkedAt: deps.clock.now() });
      if (result.verdict === 'applied') return 'applied';
    }
    const change = await hideIfOrderChanged(deps, context); // also when the provider does not answer
    if (change) return change;
    if (answer.kind === 'failed') return retryAfterError(deps, context, answer.reason);
    return (await scheduleNextPoll(deps, context, deps.clock.now())) ? 'no_change' : 'superseded';
  };

/** An open charge of a closed payment is cancelled here: the provider could not be reached when the payment was closed. */
async function findCharge({ accounts, queryTimeoutMs }: CheckPaymentDeps, { payment, attempt }: PollContext): Promise<Charge | null> {
  const { provider } = accounts.of(attempt);
  const charge = await withTimeLimit(queryTimeoutMs, (signal) => provider.findCharge(attempt, signal));
  const isOpenAtProviderOnly = payment.status !== 'pending' && charge?.status === 'open';
  return isOpenAtProviderOnly ? withTimeLimit(queryTimeoutMs, (signal) => provider.cancelCharge(attempt, signal)) : charge;
}

/** Only an answer that says something new locks the order: a poll of an open charge waits for no lock. */
async function applyCharge(
  { writer }: CheckPaymentDeps,
  { host, payment, attempt }: PollContext,
  charge: Charge | null,
): Promise<ApplyResult> {
  if (!charge || attemptAfter(attempt.status, charge.status) === null) return { verdict: 'stale', payment };
  return writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge });
}

async function retryAfterError(deps: CheckPaymentDeps, context: PollContext, reason: string): Promise<'provider_error' | 'superseded'> {
  const { host, payment, attempt } = context;
  const { provider, account, no } = attempt;
  await reportMissingAccount(host, attempt, reason, deps.clock.now());
  deps.log.warn({ payment_id: payment.id, attempt_no: no, provider, account, reason }, 'provider poll failed, will be retried');
  return (await scheduleNextPoll(deps, context, null)) ? 'provider_error' : 'superseded';
}

/**
 * A slot is taken only while the lease is ours. A slot of a superseded job would stay unused, and delay the polls of other payments.
 * @param checkedAt when the provider answered; null when it did not @returns false: the job is superseded, and nothing was set
 */
async function scheduleNextPoll(deps: CheckPaymentDeps, context: PollContext, checkedAt: Date | null): Promise<boolean> {
  const { host, payment } = context;
  if (!(await payments.hasLease(host.db.pool, payment))) return false;
  await payments.reschedule(host.db.pool, payment, await nextPollAt(deps, context), checkedAt);
  return true;
}

/** In a poll slot, so that all workers together stay within the account's calls per second. Null: money can arrive no more. */
async function nextPollAt({ accounts, pollSlots, clock }: CheckPaymentDeps, { payment, attempt }: PollContext): Promise<Date | null> {
  const candidate = accounts.of(attempt);
  const earliest = earliestPollAt(payment, candidate, clock.now());
  return earliest && pollSlots.reserve(budgetOf(candidate.provider.account), payment, earliest);
}

/** A QR on display is polled at its expiry at the latest, so that it expires on time. */
function earliestPollAt(payment: Payment, { provider, traits }: Candidate, now: Date): Date | null {
  if (payment.status !== 'pending' || payment.reviewSince) return nextLatePoll(payment, now);
  const soon = plusMs(now, traits.minPollMs[provider.account.mode]);
  return payment.hiddenAt === null && payment.expiresAt < soon ? payment.expiresAt : soon;
}

/** Hides a QR whose order may not be paid any more, or owes another amount. Null: the QR is not on display, or it stays there. */
async function hideIfOrderChanged({ clock, log }: CheckPaymentDeps, { host, payment }: PollContext): Promise<OrderChange | null> {
  if (payment.status !== 'pending' || payment.hiddenAt) return null;
  const change = await readOrderChange({ host, payment, log });
  if (!change) return null;
  const leaseNo = await payments.hide(host.db.pool, payment.id, change, clock.now());
  return leaseNo === null ? null : change; // null: its money arrived between the provider's answer and the reading
}
