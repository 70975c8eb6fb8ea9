import { findPayment, hidePayment, isSettled, type Payment } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';

const open = (payment: Payment): boolean => payment.status === 'created' || payment.status === 'pending';

/** Whose QR is yet to be made is cancelled by whoever would make it. */
export const jobThatCancels = ({ status }: Payment) => (status === 'created' ? 'charge' : 'cancel-payment');

/** POST …/cancel: hides the QR at once, then cancels at the provider. 200 cancelled, 202 still asking, 409 when money won. */
export const cancelPayment =
  ({ hosts, askNow, links, clock }: Pick<ApiDeps, 'hosts' | 'askNow' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    if (!open(payment)) return answer(res, payment);
    await hidePayment(host.db.pool, payment.id, 'client', clock.now());
    const hidden = (await findPayment(host.db.pool, payment.id)) ?? payment;
    const after = open(hidden) ? await askNow(host, hidden, jobThatCancels(hidden), preferredWaitMs(req), (now) => !open(now)) : hidden;
    answer(res, after ?? hidden);

    function answer(to: Response, now: Payment): void {
      const view = paymentView(now, links, clock.now());
      if (isSettled(now))
        throw new Problem('already_paid', 'The money came first. Refund it if the guest should have it back.', { payment: view });
      if (now.status === 'expired' || now.status === 'failed')
        throw new Problem('payment_not_cancellable', `It is ${now.status} already: nobody can pay it any more.`, { payment: view });
      if (now.status !== 'cancelled') to.setHeader('Retry-After', '3');
      to.status(now.status === 'cancelled' ? 200 : 202).json(view);
    }
  };
