import type { Host } from '@gateway/shared/host';
import { type CloseReason, describeRoute, type Payment, type RouteStep } from '@gateway/shared/payment';
import type { JobOutcome, JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, leases, payments } from '@gateway/shared/store';
import { type AskResult, askedStep } from '../charging/ask-provider.ts';
import { ProviderRace } from '../charging/provider-race.ts';
import { type BegunFirst, readToCharge } from '../charging/read-to-charge.ts';
import type { Deps } from '../deps.ts';
import type { Candidate } from '../providers/accounts.ts';
import type { PaymentUpdate } from '../settling/plan-changes.ts';

type ChargeDeps = Pick<Deps, 'hosts' | 'chooseRoute' | 'askProvider' | 'createLimitMs' | 'hedging' | 'writer' | 'reply' | 'clock' | 'log'>;

interface ChargeContext {
  host: Host;
  payment: Payment;
  leaseNo: number;
  /** How many attempts earlier runs have made. */
  attemptsMade: number;
  startedAt: Date;
  begun: BegunFirst | null;
}

/**
 * Puts one correct QR on display. Providers are asked in the order of the route. A silent one does not hold up the next one, and the
 * first correct QR wins. That is safe: a QR that was never shown cannot be scanned, and `resolve-attempt` cancels every other charge.
 * May run twice: a run whose lease is not the newest shows nothing.
 */
export const charge =
  (deps: ChargeDeps) =>
  async (job: JobPayload<'charge'>): Promise<JobOutcome<'charge'>> => {
    const host = deps.hosts.byId(job.host);
    const now = deps.clock.now();
    const found = await readToCharge(deps, host, job, now);
    if (!found) return 'superseded';
    const { payment, earlier, begun } = found;
    const context: ChargeContext = { host, payment, leaseNo: job.leaseNo, attemptsMade: earlier.made, startedAt: now, begun };

    if (payment.cancelRequestedAt) return cancel(deps, context, payment);
    if (payment.expiresAt <= now) return giveUp(deps, context, 'expired_before_display', payment.route);
    if (payment.reviewSince) return holdForReview(deps, context);
    if (earlier.isSending) await attempts.abandonSending(host.db.pool, payment.id, earlier.made, now); // their worker died in the call

    const { answer, route } = await askUntilShown(deps, context);
    if (!answer) return giveUp(deps, context, 'providers_unavailable', route);
    if (answer.kind === 'cancelled') return cancel(deps, context, answer.payment);
    if (answer.kind !== 'shown') return 'superseded';
    deps.reply(answer.payment, route.length === 1 ? answer.callMs : undefined);
    return answer.payment.status;
  };

/** Asks one provider after the other until a QR is on display, or the payment is superseded. No answer: no provider is left. */
async function askUntilShown(deps: ChargeDeps, context: ChargeContext): Promise<{ answer: AskResult | null; route: RouteStep[] }> {
  const { hedging, log } = deps;
  const { candidates, skipped } = context.begun?.route ?? deps.chooseRoute(context.payment);
  const route = [...context.payment.route, ...skipped];
  const race = new ProviderRace<AskResult>();
  let asked = 0;
  const askNext = () => {
    const candidate = candidates[asked];
    if (!candidate) return;
    asked++;
    const begunAs = asked === 1 ? (context.begun?.reference ?? null) : null;
    race.add(ask(deps, context, { candidate, no: context.attemptsMade + asked, begunAs, othersLeft: candidates.length - asked, route }));
  };
  try {
    askNext();
    while (race.pending > 0) {
      const latest = candidates[asked - 1] as Candidate;
      const answer = await race.next(asked < candidates.length ? hedging.delayMs(latest) : null);
      if (answer === 'timeout') {
        if (hedging.tryAcquire(latest)) askNext(); // beside the silent provider
      } else if (answer.kind === 'refused' || answer.kind === 'unknown') askNext();
      else return { answer, route };
    }
    return { answer: null, route };
  } finally {
    if (route.length > 1) log.info({ payment_id: context.payment.id }, `provider route: ${describeRoute(route)}`);
  }
}

/** Asks one provider. Its step stands in the route from the beginning and is replaced when the provider has answered. */
async function ask(
  { askProvider, clock }: ChargeDeps,
  context: ChargeContext,
  { route, ...attempt }: { candidate: Candidate; no: number; begunAs: string | null; othersLeft: number; route: RouteStep[] },
): Promise<AskResult> {
  const now = clock.now();
  const place = route.push(askedStep({ candidate: attempt.candidate, now })) - 1;
  const answer = await askProvider({ ...context, ...attempt, now, routeWith: (step) => route.with(place, step) });
  route[place] = answer.step;
  return answer;
}

/** A report of payment for this payment is unconfirmed. A second QR could be paid as well, so none is made until the report is settled. */
async function holdForReview({ clock }: ChargeDeps, { host, payment }: ChargeContext): Promise<'held_for_review'> {
  await payments.reschedule(host.db.pool, payment, plusMs(clock.now(), leases.chargeLeaseMs));
  return 'held_for_review';
}

/** Closes a payment whose QR may not be shown any more, for the reason for which it was hidden. */
function cancel(deps: ChargeDeps, context: ChargeContext, { cancelReason }: Payment): Promise<JobOutcome<'charge'>> {
  return close(deps, context, { kind: 'closed', as: 'cancelled', reason: cancelReason ?? 'client' });
}

function giveUp(deps: ChargeDeps, context: ChargeContext, reason: CloseReason, route: RouteStep[]): Promise<JobOutcome<'charge'>> {
  return close(deps, context, { kind: 'given_up', leaseNo: context.leaseNo, reason, route });
}

/** The writer replies to the till. */
async function close({ writer }: ChargeDeps, { host, payment }: ChargeContext, update: PaymentUpdate): Promise<JobOutcome<'charge'>> {
  const result = await writer.apply(host, payment, update);
  if (result.verdict === 'stale') return 'superseded';
  if (result.verdict === 'busy') {
    await payments.reschedule(host.db.pool, payment, result.retryAt);
    return 'retry_scheduled';
  }
  return result.payment.status;
}
