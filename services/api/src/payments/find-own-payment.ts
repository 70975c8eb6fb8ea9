import type { Host } from '@gateway/shared/host';
import { type Client, type Database, findPayment, type Payment } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';

const idShape = /^pay_[0-9a-z]{26}$/;

/** A payment that this key may see. Another tenant's, and one of a store the key does not cover, are as good as absent. */
export async function findOwnPayment(host: Host<Database>, client: Client, paymentId: unknown): Promise<Payment> {
  const payment = typeof paymentId === 'string' && idShape.test(paymentId) ? await findPayment(host.db.pool, paymentId) : null;
  if (!payment || !owns(client, payment)) throw new Problem('payment_not_found', 'No payment of yours has this id.');
  return payment;
}

export function owns(client: Client, { host, tenant, storeId }: Payment): boolean {
  return client.host === host && client.tenant === tenant && mayUseStore(client, storeId);
}
