import type { Host } from '@gateway/shared/host';
import { type Attempt, announce, type Charge, type Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { newEventId, plusMs } from '@gateway/shared/runtime';
import { attempts, discrepancies, events, payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';

const s = 1_000;
const m = 60 * s;
const h = 60 * m;

/**
 * How long after its start an attempt is looked for. A provider that finds unpaid charges by our reference proves absence within
 * minutes (its first 404 may be a race); with one that only shows money that moved, it takes as long as its QR may live.
 */
const lookupDelaysMs = {
  provesAbsence: [45 * s, 2 * m, 5 * m, 10 * m, 20 * m],
  seesOnlyMoney: [1 * m, 10 * m, 1 * h, 6 * h, 24 * h, 48 * h],
};

/** An unknown outcome must end: cancelled, expired, paid or proven absent. What cannot be is handed to a person. */
export const resolveAttempt =
  ({
    hosts,
    accounts,
    writer,
    wakeRelay,
    clock,
    queryTimeoutMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'wakeRelay' | 'clock' | 'queryTimeoutMs'>) =>
  async ({ host: hostId, paymentId, no, leaseNo }: JobPayload<'resolve-attempt'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const [payment, attempt] = await Promise.all([payments.find(host.db.pool, paymentId), attempts.find(host.db.pool, paymentId, no)]);
    if (attempt?.leaseNo !== leaseNo) return 'superseded';
    if (!payment || !attempt.resolveAt) return 'already_done';
    const { provider, traits } = accounts.of(attempt);
    const delaysMs =
      traits.findsUnpaidByReference || attempt.providerChargeId ? lookupDelaysMs.provesAbsence : lookupDelaysMs.seesOnlyMoney;
    const nextLookupAt = delaysMs.map((after) => plusMs(attempt.startedAt, after)).find((at) => at > clock.now());
    try {
      const seen = await provider.findCharge(attempt, AbortSignal.timeout(queryTimeoutMs));
      const charge = seen?.status === 'open' ? await provider.cancelCharge(seen, AbortSignal.timeout(queryTimeoutMs)) : seen;
      if (charge && charge.status !== 'open') return applyCharge(host, payment, attempt, charge);
      if (!nextLookupAt) return charge ? reportUnresolved(host, payment, attempt, 'it stays open') : conclude(host, attempt, 'absent');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (!nextLookupAt) return reportUnresolved(host, payment, attempt, error.reason);
    }
    await attempts.reschedule(host.db.pool, attempt, nextLookupAt);
    return 'retry_scheduled';

    async function applyCharge(host: Host, payment: Payment, { no: attemptNumber, ...attempt }: Attempt, charge: Charge): Promise<string> {
      const { verdict } = await writer.apply(host, payment, { kind: 'charge', attemptNo: attemptNumber, charge });
      // Old news (it is closed already): only the reminder has to go.
      if (verdict === 'stale')
        await conclude(host, { no: attemptNumber, ...attempt }, attempt.status === 'sending' ? 'unknown' : attempt.status);
      return charge.status;
    }

    async function conclude(host: Host, attempt: Attempt, status: Attempt['status']): Promise<string> {
      await attempts.conclude(host.db.pool, { paymentId, no, status, reason: attempt.reason, at: clock.now(), resolveAt: null });
      return status;
    }

    async function reportUnresolved(host: Host, payment: Payment, attempt: Attempt, theirs: string): Promise<string> {
      const now = clock.now();
      await inTransaction(host.db, async (trx) => {
        if (
          await discrepancies.open(trx, { paymentId, attemptNo: no, reason: 'unresolved_attempt', ours: attempt.status, theirs, at: now })
        ) {
          await events.append(trx, announce(payment, 'payment.review', { id: newEventId(), now, data: { reason: 'unresolved_attempt' } }));
        }
        await attempts.reschedule(trx, attempt, plusMs(now, 6 * h));
      });
      wakeRelay(host);
      return 'unresolved';
    }
  };
