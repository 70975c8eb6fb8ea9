import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import type { Installation } from './installation.ts';
import type { Sale } from './shop.ts';

const mostSales = 200;

/** Reads the payments, orders, events and pictures of each tenant with the key of the other one. */
export async function foreignReads({ stack }: Installation, sales: readonly Sale[]): Promise<{ how: string; faults: string[] }> {
  const faults: string[] = [];
  let reads = 0;
  const otherKey = (key: string) => (key === demoKeys.pos ? demoKeys.till : demoKeys.pos);
  for (const { key, storeId, payment } of sales.slice(-mostSales)) {
    const till = stack.till(otherKey(key));
    const routes = [
      `/transaction/payments/${payment.payment_id}`,
      `/transaction/payments/${payment.payment_id}/timeline`,
      `/transaction/payments/${payment.payment_id}/refunds`,
      `/transaction/payments/${payment.payment_id}/qr.svg`,
      `/transaction/orders/${payment.order_id}/payment`,
      `/stores/${storeId}/events?after=0`,
      `/stores/${storeId}/snapshot`,
    ];
    for (const route of routes) {
      const status = await answerOf(() => till.request('GET', route));
      reads += 1;
      if (status !== 404) faults.push(`${status} to GET ${route} with the key of another tenant`);
    }
  }
  for (const key of [demoKeys.pos, demoKeys.till]) {
    const own = new Set(sales.filter((sale) => sale.key === key).map(({ payment }) => payment.payment_id));
    const others = new Set(sales.filter((sale) => sale.key !== key).map(({ payment }) => payment.payment_id));
    const { body } = await stack.till(key).request<{ payments: { payment_id: string }[] }>('GET', '/transaction/payments?limit=200');
    if (own.size > 0 && !body.payments.some(({ payment_id: id }) => own.has(id))) faults.push('a list lacks the own payments');
    if (body.payments.some(({ payment_id: id }) => others.has(id))) faults.push('a list has a payment of another tenant');
  }
  return { how: `${reads} reads with the key of another tenant, both lists, and every message on every channel`, faults };
}

/** The status of an answer. A read that the api could not answer is repeated: processes may still look for the servers after the faults. */
const answerOf = (read: () => Promise<{ status: number }>): Promise<number> =>
  eventually(async () => {
    const { status } = await read();
    return status !== 503 && status;
  });
