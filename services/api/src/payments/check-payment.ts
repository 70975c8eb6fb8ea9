import type { Hosts } from '@gateway/shared/host';
import { isSettled, type Payment } from '@gateway/shared/payment';
import type { Clock } from '@gateway/shared/runtime';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';
import type { RequestAndWait } from './request-and-wait.ts';

export interface CheckPaymentDeps {
  hosts: Hosts;
  requestAndWait: RequestAndWait;
  links: QrLinks;
  clock: Clock;
}

/**
 * POST /transaction/payments/{payment_id}/check: asks the provider now. 200 with the state after asking; 202 when no answer came in time.
 * A payment without a QR has no charge to ask about, and a settled one has nothing left to learn: both are answered as they are.
 */
export const checkPayment =
  ({ hosts, requestAndWait, links, clock }: CheckPaymentDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    const needsRequest = payment.shownAttempt !== null && !isSettled(payment);
    const checked = needsRequest
      ? await requestAndWait(host, payment, 'check-payment', preferredWaitMs(req), isAnsweredAfter(payment))
      : payment;
    if (!checked) res.setHeader('Retry-After', '3');
    res.status(checked ? 200 : 202).json(paymentView(checked ?? payment, links, clock.now()));
  };

/** Whether the provider has answered since `payment` was read: the payment changed, or was checked and did not change. */
const isAnsweredAfter =
  (payment: Payment) =>
  ({ version, checkedAt }: Payment): boolean =>
    version > payment.version || checkedAt?.getTime() !== payment.checkedAt?.getTime();
