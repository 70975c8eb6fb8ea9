import type { Hosts } from '@gateway/shared/host';
import { isOpen, isSettled, type Payment } from '@gateway/shared/payment';
import type { Clock } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import { Problem } from '../http/problem.ts';
import type { TenantShare } from '../http/tenant-share.ts';
import { cancellationJob } from './cancellation-job.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { type PaymentView, paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';
import type { RequestAndWait } from './request-and-wait.ts';

export interface CancelPaymentDeps {
  hosts: Hosts;
  tenantShare: TenantShare;
  requestAndWait: RequestAndWait;
  links: QrLinks;
  clock: Clock;
}

/**
 * POST /transaction/payments/{payment_id}/cancel: hides the QR at once, then cancels at the provider. 200 when cancelled, 202 when the
 * provider has not confirmed in time, 409 when the payment was paid first or had ended otherwise.
 */
export const cancelPayment =
  ({ hosts, tenantShare, requestAndWait, links, clock }: CancelPaymentDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    let payment = await tenantShare(client, async () => {
      const found = await findOwnPayment(host, client, req.params.paymentId);
      if (!isOpen(found)) return found;
      await payments.hide(host.db.pool, found.id, 'client', clock.now());
      return (await payments.find(host.db.pool, found.id)) ?? found;
    });
    if (isOpen(payment)) {
      const isClosed = (updated: Payment) => !isOpen(updated);
      payment =
        (await requestAndWait(host, payment, { job: cancellationJob(payment), waitMs: preferredWaitMs(req), isAnswer: isClosed })) ??
        payment;
    }
    const view = paymentView(payment, links, clock.now());
    refuseUnlessCancelling(payment, view);
    const isCancelled = payment.status === 'cancelled';
    if (!isCancelled) res.setHeader('Retry-After', '3');
    res.status(isCancelled ? 200 : 202).json(view);
  };

/** @throws Problem `already_paid` or `payment_not_cancellable`, with the payment */
function refuseUnlessCancelling(payment: Payment, view: PaymentView): void {
  if (isSettled(payment))
    throw new Problem('already_paid', 'The payment was paid before it could be cancelled. Refund it if needed.', { payment: view });
  if (payment.status === 'expired' || payment.status === 'failed')
    throw new Problem('payment_not_cancellable', `The payment is already ${payment.status}.`, { payment: view });
}
