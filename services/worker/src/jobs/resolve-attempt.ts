import type { Charge } from '@gateway/shared/payment';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import {
  type AttemptRow,
  appendEvent,
  attemptNo,
  concludeAttempt,
  findPayment,
  inTransaction,
  lookForAgain,
  openDiscrepancy,
  type Payment,
  paymentEvent,
} from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import type { ServingHost } from '../serving-host.ts';

const s = 1_000;
const m = 60 * s;
const h = 60 * m;

/**
 * How long after its start an attempt is looked for. A provider that finds unpaid charges by our reference proves absence within
 * minutes (its first 404 may be a race); with one that only shows money that moved, it takes as long as its QR may live.
 */
const looksMs = { provesAbsence: [45 * s, 2 * m, 5 * m, 10 * m, 20 * m], seesOnlyMoney: [1 * m, 10 * m, 1 * h, 6 * h, 24 * h, 48 * h] };

/** An unknown outcome must end: cancelled, expired, paid or proven absent. What cannot be is handed to a person. */
export const resolveAttempt =
  ({ hosts, accounts, writer, ring, clock, askLimitMs }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'ring' | 'clock' | 'askLimitMs'>) =>
  async ({ host: hostId, paymentId, no, claim }: JobPayload<'resolve-attempt'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const [payment, attempt] = await Promise.all([findPayment(host.db.pool, paymentId), attemptNo(host.db.pool, paymentId, no)]);
    if (attempt?.resolves !== claim) return 'superseded';
    if (!payment || !attempt.resolveAt) return 'resolved already';
    const { provider, traits } = accounts.of(attempt);
    const looks = traits.findsUnpaidByReference || attempt.providerChargeId ? looksMs.provesAbsence : looksMs.seesOnlyMoney;
    const nextLook = looks.map((after) => new Date(attempt.startedAt.getTime() + after)).find((at) => at > clock.now());
    try {
      const seen = await provider.findCharge(attempt, AbortSignal.timeout(askLimitMs));
      const charge = seen?.status === 'open' ? await provider.cancelCharge(seen, AbortSignal.timeout(askLimitMs)) : seen;
      if (charge && charge.status !== 'open') return settle(host, payment, attempt, charge);
      if (!nextLook) return charge ? giveUp(host, payment, attempt, 'it stays open') : conclude(host, attempt, 'absent');
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (!nextLook) return giveUp(host, payment, attempt, error.reason);
    }
    await lookForAgain(host.db.pool, attempt, nextLook);
    return 'not yet';

    async function settle(at: ServingHost, about: Payment, { no: attemptNumber, ...rest }: AttemptRow, charge: Charge): Promise<string> {
      const { verdict } = await writer.apply(at, about, { kind: 'charge', attemptNo: attemptNumber, charge });
      // Old news (it is closed already): only the reminder has to go.
      if (verdict === 'stale') await conclude(at, { no: attemptNumber, ...rest }, rest.status === 'sending' ? 'unknown' : rest.status);
      return charge.status;
    }

    async function conclude(at: ServingHost, about: AttemptRow, status: AttemptRow['status']): Promise<string> {
      await concludeAttempt(at.db.pool, { paymentId, no, status, reason: about.reason, at: clock.now(), resolveAt: null });
      return status;
    }

    async function giveUp(at: ServingHost, about: Payment, unresolved: AttemptRow, theirs: string): Promise<string> {
      const now = clock.now();
      await inTransaction(at.db, async (trx) => {
        if (
          await openDiscrepancy(trx, { paymentId, attemptNo: no, reason: 'unresolved_attempt', ours: unresolved.status, theirs, at: now })
        ) {
          await appendEvent(trx, paymentEvent('payment.review', about, now, { reason: 'unresolved_attempt' }));
        }
        await lookForAgain(trx, unresolved, new Date(now.getTime() + 6 * h));
      });
      ring(at);
      return 'unresolved';
    }
  };
