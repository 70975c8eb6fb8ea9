import type { Host } from '@gateway/shared/host';
import { inTransaction } from '@gateway/shared/postgres';
import { type clients, payments } from '@gateway/shared/store';
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
    const payment = (await payments.findCurrent(host.db.pool, host.id, orderId)) ?? (await findByCanonicalKey());
    if (!payment || !owns(client, payment))
      throw new Problem('payment_not_found', 'No payment exists for this order. POST /transaction/payments creates one.');
    res.json(paymentView(payment, links, clock.now()));

    async function findByCanonicalKey() {
      const orderKey = await canonicalOrderKey(host, client, orderId);
      return orderKey !== null && orderKey !== orderId ? payments.findCurrent(host.db.pool, host.id, orderKey) : null;
    }
  };

/** The host knows how the order's id is really written. Null: no such order. */
export async function canonicalOrderKey({ db, orders }: Host, { tenant }: clients.Client, orderId: string): Promise<string | null> {
  const order = await inTransaction(db, async (trx) => {
    void trx.query(orders.sessionStatement(tenant));
    const found = await orders.readDue(trx, { orderKey: orderId, tenant });
    await trx.rollback();
    return found;
  });
  return order?.orderKey ?? null;
}
