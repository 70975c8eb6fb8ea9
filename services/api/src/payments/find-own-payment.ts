import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { paymentIdPattern } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { Refusal } from '../http/refusal.ts';

/**
 * A payment that this key may see.
 * @throws Problem `payment_not_found`, also for another tenant's payment and for a store that the key does not cover
 */
export async function findOwnPayment(host: Host, client: clients.Client, paymentId: unknown): Promise<Payment> {
  const payment = typeof paymentId === 'string' && paymentIdPattern.test(paymentId) ? await payments.find(host.db.pool, paymentId) : null;
  return requireOwn(client, payment, new Problem('payment_not_found', 'No payment with this id exists for this key.'));
}

/** The payment when this key may see it. @throws Problem `notFound`, also as a Refusal when the payment exists and the key may not see it */
export function requireOwn(client: clients.Client, payment: Payment | null, notFound: Problem): Payment {
  if (!payment) throw notFound;
  if (!owns(client, payment)) throw new Refusal('store_refused', notFound);
  return payment;
}

export function owns(client: clients.Client, { host, tenant, storeId }: Payment): boolean {
  return client.host === host && client.tenant === tenant && mayUseStore(client, storeId);
}
