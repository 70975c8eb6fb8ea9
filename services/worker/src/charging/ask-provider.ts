import type { Host } from '@gateway/shared/host';
import { type Charge, checkQris, type OrderChange, type Payment, providerItems, type RouteStep, transition } from '@gateway/shared/payment';
import { budgetOf, ProviderError, ProviderOutcomeUnknown } from '@gateway/shared/provider';
import type { PollSlots } from '@gateway/shared/queue';
import { type Clock, type Logger, newEventId, plusMs, withTimeLimit } from '@gateway/shared/runtime';
import { attempts, discrepancies, payments } from '@gateway/shared/store';
import type { WorkerMetrics } from '../metrics.ts';
import type { Candidate } from '../providers/accounts.ts';
import type { WakeRelay } from '../signals.ts';
import { beginAttempt, callLimitMs } from './begin-attempt.ts';
import type { Hedging } from './hedging.ts';
import { showQr } from './show-qr.ts';

/**
 * How one request for a QR ended, and its step in the payment's route. `shown`: its QR is on display. `refused`, `unknown`: the next
 * provider is asked. `callMs` is the time of the provider's call alone. `cancelled`: no QR of this payment may be shown any more, and the job closes it. `superseded`: the payment was
 * closed, shown or taken over meanwhile, so the job ends.
 */
export type AskResult = { step: RouteStep } & (
  | { kind: 'shown'; payment: Payment; callMs: number }
  | { kind: 'cancelled'; payment: Payment }
  | { kind: 'refused' | 'unknown' | 'superseded' }
);

export interface AskInput {
  host: Host;
  payment: Payment;
  leaseNo: number;
  /** The number of the attempt, from 1. */
  no: number;
  /** Its reference, when it was begun already. */
  begunAs: string | null;
  candidate: Candidate;
  /** When this provider is asked. */
  now: Date;
  /** When the job began to ask. All providers together have `createLimitMs` from then on. */
  startedAt: Date;
  /** How many providers may be asked after this one. They need time of their own. */
  othersLeft: number;
  /** The payment's route as it stands now, with this step in its place. Stored when the QR is shown. */
  routeWith(step: RouteStep): readonly RouteStep[];
}

/** Asks one provider for one QR, and shows the QR if it is correct and no other is on display. Throws for no failure of the provider. */
export type AskProvider = (input: AskInput) => Promise<AskResult>;

export interface AskProviderDeps {
  hedging: Pick<Hedging, 'recordRequest' | 'recordLatency'>;
  metrics: Pick<WorkerMetrics, 'attempts'>;
  clock: Clock;
  log: Logger;
  wakeRelay: WakeRelay;
  /** How long all providers together may take to make a QR, milliseconds. The outcome of a call that takes longer is unknown. */
  createLimitMs: number;
  /** How long a QR is on display before its first poll, milliseconds. */
  firstPollDelayMs: number;
  pollSlots: PollSlots;
}

export const createAskProvider =
  (deps: AskProviderDeps): AskProvider =>
  async (input) => {
    const { host, payment, candidate, begunAs } = input;
    const limitMs = callLimitMs(deps.createLimitMs, input);
    if (limitMs === null)
      return { kind: 'refused', step: { ...askedStep(input), outcome: 'skipped', reason: 'no time was left to ask it' } };
    const reference = begunAs ?? (await beginAttempt(host, { ...input, paymentId: payment.id }, limitMs));
    if (!reference) return { kind: 'superseded', step: askedStep(input) };
    deps.hedging.recordRequest(candidate);
    const firstPollAt = reserveFirstPoll(deps, input);
    const calledAt = performance.now();
    try {
      const items = providerItems(payment.bill, { negatives: !candidate.traits.refusesNegativeItems });
      const charge = await withTimeLimit(limitMs, (signal) =>
        candidate.provider.createCharge(
          { reference, amount: payment.amount, items, expiresAt: payment.expiresAt, description: payment.orderNumber },
          signal,
        ),
      );
      const callMs = performance.now() - calledAt;
      deps.hedging.recordLatency(candidate, elapsedMs(deps, input));
      return await showIfFirst(deps, input, { charge, callMs, firstPollAt: firstPollAt() });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const isUnknown = error instanceof ProviderOutcomeUnknown;
      return isUnknown
        ? concludeWithoutQr(deps, input, 'unknown', error)
        : concludeWithoutQr(deps, input, 'rejected', { reason: error.reason, providerChargeId: null });
    }
  };

/** The step of a provider that is being asked. */
export function askedStep({ candidate, now }: Pick<AskInput, 'candidate' | 'now'>): RouteStep {
  const { provider, id } = candidate.provider.account;
  return { provider, account: id, at: now.toISOString(), outcome: 'asked' };
}

/**
 * Reserves the poll slot of the QR while the provider makes it. The call itself does not wait, and takes a slot too.
 * @returns reads the slot; while the reservation runs, the wished time, because a QR does not wait for Redis
 */
function reserveFirstPoll({ pollSlots, firstPollDelayMs }: AskProviderDeps, { candidate, payment, now }: AskInput): () => Date {
  let firstPollAt = plusMs(now, firstPollDelayMs);
  void pollSlots.reserveAfterCall(budgetOf(candidate.provider.account), payment, firstPollAt).then((slot) => {
    firstPollAt = slot;
  });
  return () => firstPollAt;
}

interface ProviderAnswer {
  charge: Charge;
  callMs: number;
  firstPollAt: Date;
}

/** Shows the QR if it is correct and no other QR of the payment is on display. */
async function showIfFirst(deps: AskProviderDeps, input: AskInput, { charge, callMs, firstPollAt }: ProviderAnswer): Promise<AskResult> {
  const { host, payment, no, candidate } = input;
  const { provider, id: account, mode } = candidate.provider.account;
  const { providerChargeId } = charge;
  const qrString = charge.qrString ?? '';
  const check = checkQris(qrString, { amount: payment.amount, mode });
  if (!check.ok) {
    const reason = `qr_${check.problem}` as const;
    const discrepancy = { paymentId: payment.id, attemptNo: no, reason, ours: check.expected, theirs: check.found };
    await discrepancies.open(host.db.pool, { ...discrepancy, at: deps.clock.now() });
    return concludeWithoutQr(deps, input, 'unknown', { reason, providerChargeId });
  }
  if (!check.parsed) deps.log.warn({ payment_id: payment.id, provider, account }, 'QR text not parseable, accepted in test mode');

  const step = endedStep(deps, input, 'chosen');
  const now = deps.clock.now();
  const shown = transition({ ...payment, qrString, shownAttempt: no, version: payment.version + 1 }, 'pending', 'payment.pending', {
    id: newEventId(),
    now,
    data: { expires_at: payment.expiresAt.toISOString() },
  });
  const watchUntil = plusMs(now, candidate.traits.latePaymentWindowMs);
  const qr = { shown, providerChargeId, checkAt: firstPollAt, watchUntil, route: input.routeWith(step) };
  const result = await showQr(host, qr, deps.log);
  if (result === 'not_shown') return concludeNotShown(deps, input, providerChargeId);
  if (result !== 'shown') return concludeOrderChanged(deps, input, providerChargeId, result);
  countAttempt(deps, input, 'shown');
  deps.wakeRelay(host);
  return { kind: 'shown', payment: shown.payment, callMs, step };
}

/** The provider made no usable QR: `rejected` when it surely made none, `unknown` when a charge may exist that must never be shown. */
async function concludeWithoutQr(
  deps: AskProviderDeps,
  input: AskInput,
  status: 'rejected' | 'unknown',
  { reason, providerChargeId }: { reason: string; providerChargeId: string | null },
): Promise<AskResult> {
  const { host, payment, no, candidate } = input;
  const { provider, id: account } = candidate.provider.account;
  const kind = status === 'unknown' ? 'unknown' : 'refused';
  const step: RouteStep = { ...endedStep(deps, input, kind), reason };
  countAttempt(deps, input, status, reason);
  deps.log.warn({ payment_id: payment.id, attempt_no: no, provider, account, outcome: status, reason }, 'provider returned no usable QR');
  const now = deps.clock.now();
  const resolveAt = status === 'unknown' ? now : null;
  await attempts.conclude(host.db.pool, { paymentId: payment.id, no, status, reason, providerChargeId, at: now, resolveAt });
  return { kind, step };
}

/** The order changed while its QR was made. The payment is hidden for good, so that a press makes a QR for what the order owes now. */
async function concludeOrderChanged(
  deps: AskProviderDeps,
  input: AskInput,
  providerChargeId: string,
  change: OrderChange,
): Promise<AskResult> {
  const { host, payment } = input;
  await payments.hide(host.db.pool, payment.id, change, deps.clock.now());
  return concludeNotShown(deps, input, providerChargeId);
}

/** Another QR is on display, or none may be shown any more: resolve-attempt cancels this charge, so that its QR is never scanned. */
async function concludeNotShown(deps: AskProviderDeps, input: AskInput, providerChargeId: string): Promise<AskResult> {
  const { host, payment, leaseNo, no } = input;
  const reason = 'not_shown';
  const step = endedStep(deps, input, 'superseded');
  countAttempt(deps, input, 'unknown', reason);
  const now = deps.clock.now();
  await attempts.conclude(host.db.pool, {
    paymentId: payment.id,
    no,
    status: 'unknown',
    reason,
    providerChargeId,
    at: now,
    resolveAt: now,
  });
  const current = await payments.find(host.db.pool, payment.id);
  const isBeingMade = current?.status === 'created';
  if (isBeingMade && current.cancelRequestedAt) return { kind: 'cancelled', payment: current, step };
  const isStillOurs = isBeingMade && current.leaseNo === leaseNo && !current.hiddenAt;
  return { kind: isStillOurs ? 'unknown' : 'superseded', step };
}

function endedStep(deps: AskProviderDeps, input: AskInput, outcome: RouteStep['outcome']): RouteStep {
  return { ...askedStep(input), outcome, durationMs: elapsedMs(deps, input) };
}

const elapsedMs = ({ clock }: AskProviderDeps, { now }: AskInput): number => clock.now().getTime() - now.getTime();

/** @param reason why no QR was shown; empty when it was */
function countAttempt({ metrics }: AskProviderDeps, { candidate }: AskInput, outcome: 'shown' | 'rejected' | 'unknown', reason = ''): void {
  const { provider, id: account } = candidate.provider.account;
  metrics.attempts.inc({ provider, account, outcome, reason });
}
