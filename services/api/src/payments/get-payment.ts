import { findPaymentToShow, inTransaction } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import type { ApiDeps } from '../deps.ts';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { findOwnPayment, owns } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';

type Deps = Pick<ApiDeps, 'hosts' | 'links' | 'clock'>;

/** GET /transaction/payments/{payment_id}: its present state. */
export const getPayment =
  ({ hosts, links, clock }: Deps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const payment = await findOwnPayment(hosts.of(client), client, req.params.paymentId);
    res.json(paymentView(payment, links, clock.now()));
  };

/** GET /transaction/orders/{order_id}/payment: a till that rebooted gets its live QR back. */
export const getPaymentOfOrder =
  ({ hosts, links, clock }: Deps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const host = hosts.of(client);
    const orderId = String(req.params.orderId);
    const payment = (await findPaymentToShow(host.db.pool, host.id, orderId)) ?? (await byOtherSpelling());
    if (!payment || !owns(client, payment))
      throw new Problem('payment_not_found', 'This order has no payment. POST /transaction/payments makes one.');
    res.json(paymentView(payment, links, clock.now()));

    /** The host knows how the order's id is really written. */
    async function byOtherSpelling() {
      const order = await inTransaction(host.db, async (trx) => {
        void trx.query(host.orders.sessionStatement(client.tenant));
        const found = await host.orders.readDue(trx, { orderKey: orderId, tenant: client.tenant });
        await trx.rollback();
        return found;
      });
      return order && order.orderKey !== orderId ? findPaymentToShow(host.db.pool, host.id, order.orderKey) : null;
    }
  };
