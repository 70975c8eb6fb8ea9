import type { Host } from '@gateway/shared/host';
import { type Attempt, type Charge, type Payment, providerUnreachableLimitMs } from '@gateway/shared/payment';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs, withTimeLimit } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { isFresh } from '../providers/fresh-charge.ts';
import { answerOf, type ProviderAnswer } from '../providers/provider-answer.ts';
import { nextLatePoll } from '../settling/late-polling.ts';
import type { ApplyResult } from '../settling/payment-writer.ts';
import { reportMissingAccount } from '../settling/report-missing-account.ts';

const retryMs = 5_000; // while the provider cannot be reached

type ClosePaymentDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'reply' | 'clock' | 'log' | 'queryTimeoutMs'>;

interface CloseContext {
  host: Host;
  payment: Payment;
  /** The attempt whose QR was on display. */
  attempt: Attempt;
  as: 'expired' | 'cancelled';
}

/**
 * Ends the charge at the provider, then closes the payment here. The provider's last answer counts: money may have arrived first. A
 * provider that cannot be reached is retried until `providerUnreachableLimitMs` after `dueSince`. May run twice.
 */
const closePayment =
  (as: CloseContext['as'], dueSince: (payment: Payment) => Date | null) =>
  (deps: ClosePaymentDeps) =>
  async ({ host: hostId, paymentId, leaseNo }: JobPayload<'expire-payment'>): Promise<JobOutcome<'expire-payment'>> => {
    const host = deps.hosts.byId(hostId);
    const payment = await payments.find(host.db.pool, paymentId);
    if (payment?.leaseNo !== leaseNo) return 'superseded';
    const isOnDisplay = payment.status === 'pending' && payment.shownAttempt;
    const attempt = isOnDisplay ? await attempts.find(host.db.pool, paymentId, isOnDisplay) : null;
    if (!attempt) {
      deps.reply(payment); // a webhook or a poll was faster, and a till may wait
      return 'already_done';
    }
    const context: CloseContext = { host, payment, attempt, as };

    const answer = await closeAtProvider(deps, context);
    const now = deps.clock.now();
    if (answer.kind === 'failed') await reportMissingAccount(host, attempt, answer.reason, now);
    if (answer.kind === 'failed' && now < plusMs(dueSince(payment) ?? now, providerUnreachableLimitMs))
      return retryLater(deps, context, answer.reason);
    const result = await closeHere(deps, context, answer);
    if (result.verdict === 'busy') {
      await payments.reschedule(host.db.pool, payment, result.retryAt);
      return 'retry_scheduled';
    }
    const closed = result.payment;
    deps.reply(closed); // also when it stays open
    // Still open: a report of payment is unconfirmed, and an operator decides. Late-payment polling may confirm it earlier.
    if (closed.status === 'pending') await payments.reschedule(host.db.pool, payment, nextLatePoll(closed, deps.clock.now()));
    return closed.status;
  };

export const expirePayment = closePayment('expired', ({ expiresAt }) => expiresAt);
export const cancelPayment = closePayment('cancelled', ({ cancelRequestedAt }) => cancelRequestedAt);

/**
 * @returns the charge after it was ended; null when the provider knows none. A charge that stays open counts as a failure, and so does
 *   a fresh one that the provider does not know yet.
 */
async function closeAtProvider(deps: ClosePaymentDeps, context: CloseContext): Promise<ProviderAnswer<Charge | null>> {
  const answer = await answerOf(endCharge(deps, context));
  if (answer.kind === 'failed') return answer;
  if (!answer.charge && isFresh(context.attempt, deps.clock.now())) return { kind: 'failed', reason: 'not_found_yet' };
  return answer.charge?.status === 'open' ? { kind: 'failed', reason: 'still_open' } : answer;
}

async function endCharge({ accounts, queryTimeoutMs }: ClosePaymentDeps, { attempt, as }: CloseContext): Promise<Charge | null> {
  const { provider } = accounts.of(attempt);
  const charge = await withTimeLimit(queryTimeoutMs, (signal) => provider.findCharge(attempt, signal));
  if (charge?.status !== 'open') return charge;
  return withTimeLimit(queryTimeoutMs, (signal) =>
    as === 'expired' ? provider.expireCharge(attempt, signal) : provider.cancelCharge(attempt, signal),
  );
}

async function retryLater(
  { clock, log }: ClosePaymentDeps,
  { host, payment, attempt }: CloseContext,
  reason: string,
): Promise<'retry_scheduled'> {
  const { provider, account, no } = attempt;
  log.warn({ payment_id: payment.id, attempt_no: no, provider, account, reason }, 'charge not closed at the provider, will be retried');
  await payments.reschedule(host.db.pool, payment, plusMs(clock.now(), retryMs));
  return 'retry_scheduled';
}

/** Applies the provider's answer. Closes the payment when the answer has not done so. */
async function closeHere(
  { writer }: ClosePaymentDeps,
  { host, payment, attempt, as }: CloseContext,
  answer: ProviderAnswer<Charge | null>,
): Promise<ApplyResult> {
  if (answer.kind === 'answered' && answer.charge) {
    const result = await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge: answer.charge });
    if (result.verdict === 'busy' || result.payment.status !== 'pending') return result;
  }
  const reason = answer.kind === 'failed' ? 'provider_unreachable' : 'provider';
  return writer.apply(host, payment, { kind: 'closed', as, reason });
}
