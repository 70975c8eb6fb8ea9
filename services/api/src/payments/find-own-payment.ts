import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { paymentIdPattern } from '@gateway/shared/runtime';
import { type clients, payments } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

/**
 * A payment that this key may see.
 * @throws Problem `payment_not_found`, also for another tenant's payment and for a store that the key does not cover
 */
export async function findOwnPayment(host: Host, client: clients.Client, paymentId: unknown): Promise<Payment> {
  const payment = typeof paymentId === 'string' && paymentIdPattern.test(paymentId) ? await payments.find(host.db.pool, paymentId) : null;
  if (!payment || !owns(client, payment)) throw new Problem('payment_not_found', 'No payment with this id exists for this key.');
  return payment;
}

export function owns(client: clients.Client, { host, tenant, storeId }: Payment): boolean {
  return client.host === host && client.tenant === tenant && mayUseStore(client, storeId);
}
