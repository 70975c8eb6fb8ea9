import { isSettled, type Payment } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import type { RequestHandler, Response } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';

const isOpen = (payment: Payment): boolean => payment.status === 'created' || payment.status === 'pending';

/** Whose QR is yet to be made is cancelled by whoever would make it. */
export const cancellationJob = ({ status }: Payment) => (status === 'created' ? 'charge' : 'cancel-payment');

/** POST …/cancel: hides the QR at once, then cancels at the provider. 200 cancelled, 202 still asking, 409 when money won. */
export const cancelPayment =
  ({ hosts, requestAndWait, links, clock }: Pick<ApiDeps, 'hosts' | 'requestAndWait' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    if (!isOpen(payment)) return answer(res, payment);
    await payments.hide(host.db.pool, payment.id, 'client', clock.now());
    const hidden = (await payments.find(host.db.pool, payment.id)) ?? payment;
    const after = isOpen(hidden)
      ? await requestAndWait(host, hidden, cancellationJob(hidden), preferredWaitMs(req), (updated) => !isOpen(updated))
      : hidden;
    answer(res, after ?? hidden);

    function answer(response: Response, updated: Payment): void {
      const view = paymentView(updated, links, clock.now());
      if (isSettled(updated))
        throw new Problem('already_paid', 'The payment was paid before it could be cancelled. Refund it if needed.', { payment: view });
      if (updated.status === 'expired' || updated.status === 'failed')
        throw new Problem('payment_not_cancellable', `The payment is already ${updated.status}.`, { payment: view });
      if (updated.status !== 'cancelled') response.setHeader('Retry-After', '3');
      response.status(updated.status === 'cancelled' ? 200 : 202).json(view);
    }
  };
