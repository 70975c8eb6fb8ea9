import type { Hosts } from '@gateway/shared/host';
import { refundIdPattern } from '@gateway/shared/runtime';
import { payments, refunds } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment, requireOwn } from './find-own-payment.ts';
import { refundView } from './refund-view.ts';

export interface GetRefundsDeps {
  hosts: Hosts;
}

/** GET /transaction/payments/{payment_id}/refunds: oldest first, including refunds that the gateway or an operator opened. */
export const listRefunds =
  ({ hosts }: GetRefundsDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const payment = await findOwnPayment(host, client, req.params.paymentId);
    const refundRows = await refunds.ofPayment(host.db.pool, payment.id);
    res.json({ refunds: refundRows.map((refund) => refundView(refund, payment)) });
  };

/** GET /transaction/refunds/{refund_id}: the current state of a refund. */
export const getRefund =
  ({ hosts }: GetRefundsDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const { pool } = hosts.of(client).db;
    const id = String(req.params.refundId);
    const refund = refundIdPattern.test(id) ? await refunds.find(pool, id) : null;
    const notFound = new Problem('refund_not_found', 'No refund with this id exists for this key.');
    if (!refund) throw notFound;
    const payment = requireOwn(client, await payments.find(pool, refund.paymentId), notFound);
    res.json(refundView(refund, payment));
  };
