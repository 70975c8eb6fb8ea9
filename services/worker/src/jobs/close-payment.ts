import { type Attempt, type Charge, type Payment, providerUnreachableLimitMs } from '@gateway/shared/payment';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { nextLatePoll } from '../settling/late-polling.ts';

const retryMs = 5_000;

type ClosePaymentDeps = Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'reply' | 'clock' | 'queryTimeoutMs'>;

/** How a charge ended at its provider: `charge` is null when the provider knows none. `trouble`: why it may be open still. */
type ProviderResult = { charge: Charge | null; failureReason?: undefined } | { charge?: undefined; failureReason: string };

/** Ask, take the charge down, then close. What the provider says last counts: money may have won. */
const closePayment =
  (as: 'expired' | 'cancelled', since: (payment: Payment) => Date | null) =>
  ({ hosts, accounts, writer, reply, clock, queryTimeoutMs }: ClosePaymentDeps) =>
  async ({ host: hostId, paymentId, leaseNo }: JobPayload<'expire-payment'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const payment = await payments.find(host.db.pool, paymentId);
    if (payment?.leaseNo !== leaseNo) return 'superseded';
    if (payment.status !== 'pending' || !payment.shownAttempt) return 'already_done';
    const attempt = await attempts.find(host.db.pool, payment.id, payment.shownAttempt);
    if (!attempt) return 'already_done';

    const { charge, failureReason } = await closeAtProvider(attempt);
    if (failureReason && clock.now().getTime() < (since(payment) ?? clock.now()).getTime() + providerUnreachableLimitMs) {
      await payments.reschedule(host.db.pool, payment, plusMs(clock.now(), retryMs));
      return 'retry_scheduled';
    }
    let updated = payment;
    if (charge) updated = (await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge })).payment;
    if (updated.status === 'pending')
      updated = (await writer.apply(host, payment, { kind: 'closed', as, reason: failureReason ? 'provider_unreachable' : 'provider' }))
        .payment;
    reply(updated);
    // Still open: money is in doubt, so a person decides. Until then it is watched, at a watch's pace.
    if (updated.status === 'pending') await payments.reschedule(host.db.pool, payment, nextLatePoll(updated, clock.now()));
    return updated.status;

    async function closeAtProvider(shown: Attempt): Promise<ProviderResult> {
      const { provider } = accounts.of(shown);
      const signal = () => AbortSignal.timeout(queryTimeoutMs);
      try {
        let charge = await provider.findCharge(shown, signal());
        if (charge?.status === 'open')
          charge = as === 'expired' ? await provider.expireCharge(shown, signal()) : await provider.cancelCharge(shown, signal());
        return charge?.status === 'open' ? { failureReason: 'still_open' } : { charge };
      } catch (error) {
        if (error instanceof ProviderError) return { failureReason: error.reason };
        throw error;
      }
    }
  };

export const expirePayment = closePayment('expired', ({ expiresAt }) => expiresAt);
export const cancelPayment = closePayment('cancelled', ({ cancelRequestedAt }) => cancelRequestedAt);
