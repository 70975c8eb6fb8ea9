import { checkQris, providerItems } from '@gateway/shared/payment';
import { ProviderError, ProviderOutcomeUnknown } from '@gateway/shared/provider';
import type { Clock, Logger } from '@gateway/shared/runtime';
import {
  beginAttempt,
  concludeAttempt,
  findPayment,
  openDiscrepancy,
  type Payment,
  paymentEvent,
  type RouteStep,
  showQr,
} from '@gateway/shared/store';
import type { Hedge } from './hedge.ts';
import type { Candidate } from './route.ts';
import type { ServingHost } from './serving-host.ts';
import type { Turns } from './turns.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** `shown`: its QR is on display. `refused`, `unknown`: go on. `over`: the payment is not ours to make any more. */
export type AskOutcome = { kind: 'shown'; payment: Payment } | { kind: 'refused' | 'unknown' | 'over' };

export interface Ask {
  host: ServingHost;
  payment: Payment;
  no: number;
  claim: number;
  candidate: Candidate;
  /** When its first provider was asked: all of them together have `createLimitMs`. */
  startedAt: Date;
  /** How many may be asked after this one, and need time of their own. */
  others: number;
  /** What has been tried for this payment so far: this ask adds its own step. */
  steps: RouteStep[];
  leaseMs: number;
}

export interface AskDeps {
  hedge: Pick<Hedge, 'asked' | 'answered'>;
  metrics: Pick<WorkerMetrics, 'attempts'>;
  clock: Clock;
  log: Logger;
  ring: (host: ServingHost) => void;
  /** How long all providers together may take to make a QR; whoever has not answered by then has an unknown outcome. */
  createLimitMs: number;
  /** How long after it is on display a QR is first asked about. */
  firstLookMs: number;
  turns: Turns;
}

const firstShare = 0.6; // of the time that is left, for one that is not the last: the next one must still answer while the till waits
const worthAskingMs = 100; // with less time left, nobody would wait for the answer
const lateMs = 5_000; // past the limit nobody waits for the answer any more: whoever finds the attempt may judge it lost

/** Asks one provider for one QR: the attempt is written down before the call, and how it ended after it. Never throws for what a provider does. */
export const createAskProvider =
  ({ hedge, metrics, clock, log, ring, createLimitMs, firstLookMs, turns }: AskDeps) =>
  async ({ host, payment, no, claim, candidate, startedAt, others, steps, leaseMs }: Ask): Promise<AskOutcome> => {
    const { provider, id: account, mode } = candidate.provider.account;
    const started = clock.now();
    const step: RouteStep = { provider, account, at: started.toISOString(), outcome: 'asked' };
    steps.push(step);
    const leftMs = createLimitMs - (started.getTime() - startedAt.getTime());
    if (leftMs < worthAskingMs) {
      Object.assign(step, { outcome: 'skipped', reason: 'no time was left to ask it' });
      return { kind: 'refused' };
    }
    const limitMs = Math.round(others > 0 ? leftMs * firstShare : leftMs);
    const later = (ms: number) => new Date(started.getTime() + ms);
    const reference = await beginAttempt(host.db.pool, {
      paymentId: payment.id,
      no,
      provider,
      account,
      claim,
      at: started,
      resolveAt: later(limitMs + lateMs),
      leaseUntil: later(leaseMs),
    });
    if (!reference) return { kind: 'over' };
    hedge.asked(candidate);
    let firstLook = later(firstLookMs);
    void turns.take(candidate, firstLook).then((turn) => {
      firstLook = turn;
    });

    try {
      const items = providerItems(payment.bill, { negatives: !candidate.traits.refusesNegativeItems });
      const charge = await candidate.provider.createCharge(
        { reference, amount: payment.amount, items, expiresAt: payment.expiresAt, description: payment.orderNumber },
        AbortSignal.timeout(limitMs),
      );
      hedge.answered(candidate, elapsedMs());
      return await display(charge.providerChargeId, charge.qrString ?? '');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return error instanceof ProviderOutcomeUnknown
        ? conclude('unknown', error.reason, error.providerChargeId)
        : conclude('rejected', error.reason, null);
    }

    function elapsedMs(): number {
      return clock.now().getTime() - started.getTime();
    }

    function note(outcome: RouteStep['outcome'], reason?: string): void {
      Object.assign(step, { outcome, durationMs: elapsedMs(), ...(reason ? { reason } : {}) });
    }

    function count(outcome: 'shown' | 'rejected' | 'unknown', reason: string): void {
      metrics.attempts.inc({ provider, account, outcome, reason });
    }

    async function conclude(status: 'rejected' | 'unknown', reason: string, providerChargeId: string | null): Promise<AskOutcome> {
      count(status, reason);
      note(status === 'unknown' ? 'unknown' : 'refused', reason);
      log.warn({ payment_id: payment.id, attempt_no: no, provider, account, outcome: status, reason }, 'no QR from this provider');
      const at = clock.now();
      await concludeAttempt(host.db.pool, {
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
    async function display(providerChargeId: string, qrString: string): Promise<AskOutcome> {
      const verdict = checkQris(qrString, { amount: payment.amount, mode });
      if (!verdict.ok) {
        await openDiscrepancy(host.db.pool, {
          paymentId: payment.id,
          attemptNo: no,
          reason: `qr_${verdict.problem}`,
          ours: verdict.expected,
          theirs: verdict.found,
          at: clock.now(),
        });
        return conclude('unknown', `qr_${verdict.problem}`, providerChargeId);
      }
      if (!verdict.parsed)
        log.warn({ payment_id: payment.id, provider, account }, 'the QR cannot be read; allowed because the account is in test mode');
      note('chosen');
      const at = clock.now();
      const shown: Payment = { ...payment, status: 'pending', qrString, shownAttempt: no, updatedAt: at, version: payment.version + 1 };
      const won = await showQr(host.db.pool, {
        paymentId: payment.id,
        attemptNo: no,
        providerChargeId,
        qrString,
        at,
        checkAt: firstLook,
        watchUntil: new Date(at.getTime() + candidate.traits.watchMs),
        route: steps,
        event: paymentEvent('payment.pending', shown, at, { expires_at: payment.expiresAt.toISOString() }),
      });
      if (!won) return lost(providerChargeId);
      count('shown', '');
      ring(host);
      return { kind: 'shown', payment: shown };
    }

    /** Another QR is on display, or none may be any more: this one must never be scanned. */
    async function lost(providerChargeId: string): Promise<AskOutcome> {
      count('unknown', 'not_shown');
      note('lost');
      const at = clock.now();
      await concludeAttempt(host.db.pool, {
        paymentId: payment.id,
        no,
        status: 'unknown',
        reason: 'not_shown',
        providerChargeId,
        at,
        resolveAt: at,
      });
      const now = await findPayment(host.db.pool, payment.id);
      return now?.status === 'created' && now.claims === claim && !now.cancelRequestedAt ? { kind: 'unknown' } : { kind: 'over' };
    }
  };
