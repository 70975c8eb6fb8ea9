import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, payments } from '@gateway/shared/store';
import type { Deps } from '../deps.ts';
import { nextLatePoll } from '../settling/late-polling.ts';
import { dueOf } from '../settling/payment-writer.ts';

/**
 * The poll: the same question as a webhook's, without one. Also looks whether the host still wants the money: an order paid in cash
 * meanwhile needs no QR any more. After the QR is gone it watches on: money may still come.
 */
export const checkPayment =
  ({
    hosts,
    accounts,
    writer,
    pollSlots,
    reply,
    clock,
    queryTimeoutMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'pollSlots' | 'reply' | 'clock' | 'queryTimeoutMs'>) =>
  async ({ host: hostId, paymentId, leaseNo }: JobPayload<'check-payment'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const payment = await payments.find(host.db.pool, paymentId);
    if (payment?.leaseNo !== leaseNo) return 'superseded';
    if (!payment.shownAttempt || !payment.checkAt) return 'not_needed';
    const attempt = await attempts.find(host.db.pool, payment.id, payment.shownAttempt);
    if (!attempt) return 'not_needed';
    const candidate = accounts.of(attempt);
    const { provider, traits } = candidate;
    try {
      const seen = await provider.findCharge(attempt, AbortSignal.timeout(queryTimeoutMs));
      // Closed here, open there: whoever closed it could not reach the provider.
      const isOpenAtProviderOnly = payment.status !== 'pending' && seen?.status === 'open';
      const charge = isOpenAtProviderOnly ? await provider.cancelCharge(attempt, AbortSignal.timeout(queryTimeoutMs)) : seen;
      const result = charge
        ? await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge })
        : { verdict: 'stale', payment };
      reply({ ...result.payment, checkedAt: clock.now() });
      if (result.verdict === 'applied') return 'applied';
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      await payments.reschedule(host.db.pool, payment, await nextPollAt(payment));
      return 'provider_error';
    }
    if (await isFullyPaid(host, payment)) {
      await payments.hide(host.db.pool, payment.id, 'order_closed_elsewhere', clock.now());
      return 'order_closed_elsewhere';
    }
    await payments.reschedule(host.db.pool, payment, await nextPollAt(payment), clock.now());
    return 'no_change';

    /** At the account's own pace: with many QRs on display, each waits for its turn. */
    async function nextPollAt(polled: Payment): Promise<Date | null> {
      const at = earliestPollAt(polled);
      return at && pollSlots.reserve(candidate, at);
    }

    function earliestPollAt(polled: Payment): Date | null {
      if (polled.status !== 'pending' || polled.reviewSince) return nextLatePoll(polled, clock.now());
      const soon = plusMs(clock.now(), traits.minPollMs[provider.account.mode]);
      return polled.hiddenAt === null && polled.expiresAt < soon ? polled.expiresAt : soon;
    }
  };

async function isFullyPaid(host: Host, payment: Payment): Promise<boolean> {
  if (payment.status !== 'pending' || payment.hiddenAt) return false;
  const order = await inTransaction(host.db, async (trx) => {
    void trx.query(host.orders.sessionStatement(payment.tenant));
    return host.orders.readDue(trx, payment);
  });
  const due = dueOf(order, host);
  return due !== null && due <= 0;
}
