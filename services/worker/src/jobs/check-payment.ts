import { ProviderError } from '@gateway/shared/provider';
import type { JobPayload } from '@gateway/shared/queue';
import { attemptNo, findPayment, hidePayment, inTransaction, lookAgain, type Payment } from '@gateway/shared/store';
import { dueOf } from '../apply-charge.ts';
import type { Deps } from '../deps.ts';
import type { ServingHost } from '../serving-host.ts';
import { nextWatch } from '../watch.ts';

/**
 * The poll: the same question as a webhook's, without one. Also looks whether the host still wants the money: an order paid in cash
 * meanwhile needs no QR any more. After the QR is gone it watches on: money may still come.
 */
export const checkPayment =
  ({
    hosts,
    accounts,
    writer,
    turns,
    reply,
    clock,
    askLimitMs,
  }: Pick<Deps, 'hosts' | 'accounts' | 'writer' | 'turns' | 'reply' | 'clock' | 'askLimitMs'>) =>
  async ({ host: hostId, paymentId, claim }: JobPayload<'check-payment'>): Promise<string> => {
    const host = hosts.byId(hostId);
    const payment = await findPayment(host.db.pool, paymentId);
    if (payment?.claims !== claim) return 'superseded';
    if (!payment.shownAttempt || !payment.checkAt) return 'nothing to ask';
    const attempt = await attemptNo(host.db.pool, payment.id, payment.shownAttempt);
    if (!attempt) return 'nothing to ask';
    const candidate = accounts.of(attempt);
    const { provider, traits } = candidate;
    try {
      const seen = await provider.findCharge(attempt, AbortSignal.timeout(askLimitMs));
      // Closed here, open there: whoever closed it could not reach the provider.
      const isLeftOver = payment.status !== 'pending' && seen?.status === 'open';
      const charge = isLeftOver ? await provider.cancelCharge(attempt, AbortSignal.timeout(askLimitMs)) : seen;
      const known = charge
        ? await writer.apply(host, payment, { kind: 'charge', attemptNo: attempt.no, charge })
        : { verdict: 'stale', payment };
      reply({ ...known.payment, checkedAt: clock.now() });
      if (known.verdict === 'applied') return 'applied';
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      await lookAgain(host.db.pool, payment, await next(payment));
      return error.reason;
    }
    if (await isOwedNothing(host, payment)) {
      await hidePayment(host.db.pool, payment.id, 'order_closed_elsewhere', clock.now());
      return 'order_closed_elsewhere';
    }
    await lookAgain(host.db.pool, payment, await next(payment), clock.now());
    return 'no news';

    /** At the account's own pace: with many QRs on display, each waits for its turn. */
    async function next(asked: Payment): Promise<Date | null> {
      const at = earliest(asked);
      return at && turns.take(candidate, at);
    }

    function earliest(asked: Payment): Date | null {
      if (asked.status !== 'pending' || asked.reviewSince) return nextWatch(asked, clock.now());
      const soon = new Date(clock.now().getTime() + traits.minPollMs[provider.account.mode]);
      return asked.hiddenAt === null && asked.expiresAt < soon ? asked.expiresAt : soon;
    }
  };

async function isOwedNothing(host: ServingHost, payment: Payment): Promise<boolean> {
  if (payment.status !== 'pending' || payment.hiddenAt) return false;
  const order = await inTransaction(host.db, async (trx) => {
    void trx.query(host.orders.sessionStatement(payment.tenant));
    return host.orders.readDue(trx, payment);
  });
  const due = dueOf(order, host);
  return due !== null && due <= 0;
}
