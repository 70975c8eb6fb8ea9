import type { Charge } from '@gateway/shared/payment';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { type AttemptRow, attemptNo, findPayment, lookAgain, type Payment } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { nextWatch } from '../watch.ts';

const patienceMs = 120_000; // a till does not wait longer for a provider that is away: closed here, and taken down there by the watch
const againMs = 5_000;

type TakeDownDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'reply' | 'clock' | 'askLimitMs'>;

/** How a charge ended at its provider: `charge` is null when the provider knows none. `trouble`: why it may be open still. */
type End = { charge: Charge | null; trouble?: undefined } | { charge?: undefined; trouble: string };

/** Ask, take the charge down, then close. What the provider says last counts: money may have won. */
const takeDown =
  (as: 'expired' | 'cancelled', since: (payment: Payment) => Date | null) =>
  ({ hosts, accounts, writer, reply, clock, askLimitMs }: TakeDownDeps) =>
  async ({ host: hostId, paymentId, claim }: JobPayload<'expire-payment'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const payment = await findPayment(host.db.pool, paymentId);
    if (payment?.claims !== claim) return 'superseded';
    if (payment.status !== 'pending' || !payment.shownAttempt) return 'closed already';
    const attempt = await attemptNo(host.db.pool, payment.id, payment.shownAttempt);
    if (!attempt) return 'closed already';

    const { charge, trouble } = await endAtProvider(attempt);
    if (trouble && clock.now().getTime() < (since(payment) ?? clock.now()).getTime() + patienceMs) {
      await lookAgain(host.db.pool, payment, new Date(clock.now().getTime() + againMs));
      return trouble;
    }
    let now = payment;
    if (charge) now = (await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge })).payment;
    if (now.status === 'pending')
      now = (await writer.apply(host, payment, { kind: 'closed', as, reason: trouble ? 'provider_unreachable' : 'provider' })).payment;
    reply(now);
    // Still open: money is in doubt, so a person decides. Until then it is watched, at a watch's pace.
    if (now.status === 'pending') await lookAgain(host.db.pool, payment, nextWatch(now, clock.now()));
    return now.status;

    async function endAtProvider(shown: AttemptRow): Promise<End> {
      const { provider } = accounts.of(shown);
      const signal = () => AbortSignal.timeout(askLimitMs);
      try {
        let charge = await provider.findCharge(shown, signal());
        if (charge?.status === 'open')
          charge = as === 'expired' ? await provider.expireCharge(shown, signal()) : await provider.cancelCharge(shown, signal());
        return charge?.status === 'open' ? { trouble: 'still_open' } : { charge };
      } catch (error) {
        if (error instanceof ProviderError) return { trouble: error.reason };
        throw error;
      }
    }
  };

export const expirePayment = takeDown('expired', ({ expiresAt }) => expiresAt);
export const cancelPayment = takeDown('cancelled', ({ cancelRequestedAt }) => cancelRequestedAt);
