import type { Host, Hosts } from '@gateway/shared/host';
import { asOrderKey, type OrderKey, type Payment } from '@gateway/shared/payment';
import { inTransaction } from '@gateway/shared/postgres';
import type { Clock } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import type { RequestHandler } from 'express';
import { clientOf } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { orderKeyOf } from '../orders/order-key.ts';
import { findOwnPayment, requireOwn } from './find-own-payment.ts';
import { paymentView } from './payment-view.ts';
import type { QrLinks } from './qr-link.ts';

export interface GetPaymentDeps {
  hosts: Hosts;
  links: QrLinks;
  clock: Clock;
}

/** GET /transaction/payments/{payment_id}: the current state of a payment. */
export const getPayment =
  ({ hosts, links, clock }: GetPaymentDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const payment = await findOwnPayment(hosts.of(client), client, req.params.paymentId);
    res.json(paymentView(payment, links, clock.now()));
  };

/** GET /transaction/orders/{order_id}/payment: the payment to show for an order. A till that restarted finds its live QR here. */
export const getPaymentOfOrder =
  ({ hosts, links, clock }: GetPaymentDeps): RequestHandler =>
  async (req, res) => {
    const client = clientOf(res);
    const payment = await findPaymentOfOrder(hosts.of(client), client, orderKeyOf(client, String(req.params.orderId)));
    const notFound = new Problem('payment_not_found', 'No payment exists for this order. POST /transaction/payments creates one.');
    res.json(paymentView(requireOwn(client, payment, notFound), links, clock.now()));
  };

/** Looks for the id as the caller wrote it first, because that needs no statement of the host. */
async function findPaymentOfOrder(host: Host, client: clients.Client, orderId: string): Promise<Payment | null> {
  const payment = await payments.findCurrent(host.db.pool, host.id, asOrderKey(orderId));
  if (payment) return payment;
  const orderKey = await canonicalOrderKey(host, client, orderId);
  return orderKey !== null && orderKey !== orderId ? payments.findCurrent(host.db.pool, host.id, orderKey) : null;
}

/** The order's id as the host itself writes it, whichever spelling the caller used. Null: the host has no such order. */
export async function canonicalOrderKey({ db, orders }: Host, { tenant }: clients.Client, orderId: string): Promise<OrderKey | null> {
  const order = await inTransaction(
    db,
    async (trx) => {
      const found = await orders.readDue(trx, { orderKey: orderId, tenant });
      await trx.rollback();
      return found;
    },
    orders.begin(tenant),
  );
  return order?.orderKey ?? null;
}
