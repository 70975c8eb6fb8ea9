import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { attemptNo, findPayment, lookAgain, type Payment } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';

const patienceMs = 120_000; // a till does not wait longer for a provider that is away: closed here, watched there
const againMs = 5_000;

type TakeDownDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'reply' | 'clock' | 'askLimitMs'>;

/** Ask, take the charge down, then close. What the provider says last counts: money may have won. */
const takeDown =
  (as: 'expired' | 'cancelled', since: (payment: Payment) => Date | null) =>
  ({ hosts, accounts, writer, reply, clock, askLimitMs }: TakeDownDeps) =>
  async ({ host: hostId, paymentId }: JobPayload<'expire-payment'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const payment = await findPayment(host.db.pool, paymentId);
    if (payment?.status !== 'pending' || !payment.shownAttempt) return 'closed already';
    const attempt = await attemptNo(host.db.pool, payment.id, payment.shownAttempt);
    if (!attempt) return 'closed already';
    const { provider } = accounts.of(attempt);
    try {
      const seen = await provider.findCharge(attempt, AbortSignal.timeout(askLimitMs));
      const end = as === 'expired' ? 'expireCharge' : 'cancelCharge';
      const charge = seen?.status === 'open' ? await provider[end](attempt, AbortSignal.timeout(askLimitMs)) : seen;
      if (charge && charge.status !== 'open') {
        const { payment: now } = await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge });
        reply(now);
        if (now.status !== 'pending') return now.status;
      }
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (isPatient(payment)) {
        await lookAgain(host.db.pool, payment, new Date(clock.now().getTime() + againMs));
        return error.reason;
      }
    }
    const { payment: closed } = await writer.apply(host, payment, { kind: 'closed', as, reason: 'provider_unreachable' });
    reply(closed);
    return closed.status;

    function isPatient(open: Payment): boolean {
      return clock.now().getTime() < (since(open) ?? clock.now()).getTime() + patienceMs;
    }
  };

export const expirePayment = takeDown('expired', ({ expiresAt }) => expiresAt);
export const cancelPayment = takeDown('cancelled', ({ cancelRequestedAt }) => cancelRequestedAt);
