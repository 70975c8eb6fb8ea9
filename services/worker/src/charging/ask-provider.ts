import type { Host } from '@gateway/shared/host';
import { checkQris, type Payment, providerItems, type RouteStep, transition } from '@gateway/shared/payment';
import { ProviderError, ProviderOutcomeUnknown } from '@gateway/shared/provider';
import { type Clock, type Logger, newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, payments } from '@gateway/shared/store';
import type { WorkerMetrics } from '../metrics.ts';
import type { PollSlots } from '../providers/poll-slots.ts';
import type { Hedging } from './hedging.ts';
import type { Candidate } from './routing.ts';

/** `shown`: its QR is on display. `refused`, `unknown`: go on. `superseded`: the payment is not ours to make any more. */
export type AskOutcome = { kind: 'shown'; payment: Payment } | { kind: 'refused' | 'unknown' | 'superseded' };

export interface AskInput {
  host: Host;
  payment: Payment;
  no: number;
  leaseNo: number;
  candidate: Candidate;
  /** When its first provider was asked: all of them together have `createLimitMs`. */
  startedAt: Date;
  /** How many may be asked after this one, and need time of their own. */
  others: number;
  /** What has been tried for this payment so far: this ask adds its own step. */
  steps: RouteStep[];
  leaseMs: number;
}

export interface AskProviderDeps {
  hedging: Pick<Hedging, 'recordRequest' | 'recordLatency'>;
  metrics: Pick<WorkerMetrics, 'attempts'>;
  clock: Clock;
  log: Logger;
  wakeRelay: (host: Host) => void;
  /** How long all providers together may take to make a QR; whoever has not answered by then has an unknown outcome. */
  createLimitMs: number;
  /** How long after it is on display a QR is first asked about. */
  firstPollDelayMs: number;
  pollSlots: PollSlots;
}

const primaryShare = 0.6; // of the time that is left, for one that is not the last: the next one must still answer while the till waits
const minBudgetMs = 100; // with less time left, nobody would wait for the answer
const graceMs = 5_000; // past the limit nobody waits for the answer any more: whoever finds the attempt may judge it lost

/** Asks one provider for one QR: the attempt is written down before the call, and how it ended after it. Never throws for what a provider does. */
export const createAskProvider =
  ({ hedging, metrics, clock, log, wakeRelay, createLimitMs, firstPollDelayMs, pollSlots }: AskProviderDeps) =>
  async ({ host, payment, no, leaseNo, candidate, startedAt, others, steps, leaseMs }: AskInput): Promise<AskOutcome> => {
    const { provider, id: account, mode } = candidate.provider.account;
    const started = clock.now();
    const step: RouteStep = { provider, account, at: started.toISOString(), outcome: 'asked' };
    steps.push(step);
    const leftMs = createLimitMs - (started.getTime() - startedAt.getTime());
    if (leftMs < minBudgetMs) {
      Object.assign(step, { outcome: 'skipped', reason: 'no time was left to ask it' });
      return { kind: 'refused' };
    }
    const limitMs = Math.round(others > 0 ? leftMs * primaryShare : leftMs);
    const afterStart = (ms: number) => plusMs(started, ms);
    const reference = await attempts.begin(host.db.pool, {
      paymentId: payment.id,
      no,
      provider,
      account,
      leaseNo,
      at: started,
      resolveAt: afterStart(limitMs + graceMs),
      leaseUntil: afterStart(leaseMs),
    });
    if (!reference) return { kind: 'superseded' };
    hedging.recordRequest(candidate);
    let firstPollAt = afterStart(firstPollDelayMs);
    void pollSlots.reserve(candidate, firstPollAt).then((slot) => {
      firstPollAt = slot;
    });

    try {
      const items = providerItems(payment.bill, { negatives: !candidate.traits.refusesNegativeItems });
      const charge = await candidate.provider.createCharge(
        { reference, amount: payment.amount, items, expiresAt: payment.expiresAt, description: payment.orderNumber },
        AbortSignal.timeout(limitMs),
      );
      hedging.recordLatency(candidate, elapsedMs());
      return await showIfFirst(charge.providerChargeId, charge.qrString ?? '');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return error instanceof ProviderOutcomeUnknown
        ? conclude('unknown', error.reason, error.providerChargeId)
        : conclude('rejected', error.reason, null);
    }

    function elapsedMs(): number {
      return clock.now().getTime() - started.getTime();
    }

    function recordStep(outcome: RouteStep['outcome'], reason?: string): void {
      Object.assign(step, { outcome, durationMs: elapsedMs(), ...(reason ? { reason } : {}) });
    }

    function countAttempt(outcome: 'shown' | 'rejected' | 'unknown', reason: string): void {
      metrics.attempts.inc({ provider, account, outcome, reason });
    }

    async function conclude(status: 'rejected' | 'unknown', reason: string, providerChargeId: string | null): Promise<AskOutcome> {
      countAttempt(status, reason);
      recordStep(status === 'unknown' ? 'unknown' : 'refused', reason);
      log.warn({ payment_id: payment.id, attempt_no: no, provider, account, outcome: status, reason }, 'provider returned no usable QR');
      const at = clock.now();
      await attempts.conclude(host.db.pool, {
        paymentId: payment.id,
        no,
        status,
        reason,
        providerChargeId,
        at,
        resolveAt: status === 'unknown' ? at : null,
      });
      return { kind: status === 'unknown' ? 'unknown' : 'refused' };
    }

    /** Only a QR that says what we asked for is shown, and only if no other was faster. */
    async function showIfFirst(providerChargeId: string, qrString: string): Promise<AskOutcome> {
      const verdict = checkQris(qrString, { amount: payment.amount, mode });
      if (!verdict.ok) {
        await discrepancies.open(host.db.pool, {
          paymentId: payment.id,
          attemptNo: no,
          reason: `qr_${verdict.problem}`,
          ours: verdict.expected,
          theirs: verdict.found,
          at: clock.now(),
        });
        return conclude('unknown', `qr_${verdict.problem}`, providerChargeId);
      }
      if (!verdict.parsed) log.warn({ payment_id: payment.id, provider, account }, 'QR text not parseable, accepted in test mode');
      recordStep('chosen');
      const at = clock.now();
      const shown = transition({ ...payment, qrString, shownAttempt: no, version: payment.version + 1 }, 'pending', 'payment.pending', {
        id: newEventId(),
        now: at,
        data: { expires_at: payment.expiresAt.toISOString() },
      });
      const isShown = await payments.showQr(host.db.pool, {
        shown,
        providerChargeId,
        checkAt: firstPollAt,
        watchUntil: plusMs(at, candidate.traits.latePaymentWindowMs),
        route: steps,
      });
      if (!isShown) return concludeSuperseded(providerChargeId);
      countAttempt('shown', '');
      wakeRelay(host);
      return { kind: 'shown', payment: shown.payment };
    }

    /** Another QR is on display, or none may be any more: this one must never be scanned. */
    async function concludeSuperseded(providerChargeId: string): Promise<AskOutcome> {
      countAttempt('unknown', 'not_shown');
      recordStep('lost');
      const at = clock.now();
      await attempts.conclude(host.db.pool, {
        paymentId: payment.id,
        no,
        status: 'unknown',
        reason: 'not_shown',
        providerChargeId,
        at,
        resolveAt: at,
      });
      const updated = await payments.find(host.db.pool, payment.id);
      return updated?.status === 'created' && updated.leaseNo === leaseNo && !updated.cancelRequestedAt
        ? { kind: 'unknown' }
        : { kind: 'superseded' };
    }
  };
