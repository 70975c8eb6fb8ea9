import { isSettled, type Payment } from '@gateway/shared/payment';
import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { preferredWaitMs } from '../http/headers.ts';
import { findOwnPayment } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';

/** POST …/check: asks the provider now. 200 with the state after asking; 202 when it did not answer in time. */
export const checkPayment =
  ({ hosts, requestAndWait, links, clock }: Pick<ApiDeps, 'hosts' | 'requestAndWait' | 'links' | 'clock'>): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    const isAnswered = ({ version, checkedAt }: Payment) =>
      version > payment.version || checkedAt?.getTime() !== payment.checkedAt?.getTime();
    const needsRequest = payment.shownAttempt !== null && !isSettled(payment); // without a QR there is nothing to ask about, with the money nothing to learn
    const checked = needsRequest ? await requestAndWait(host, payment, 'check-payment', preferredWaitMs(req), isAnswered) : payment;
    if (!checked) res.setHeader('Retry-After', '3');
    res.status(checked ? 200 : 202).json(paymentView(checked ?? payment, links, clock.now()));
  };
