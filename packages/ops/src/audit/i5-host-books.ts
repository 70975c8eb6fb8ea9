import type { Host } from '@gateway/shared/host';
import { type Database, inTransaction } from '@gateway/shared/store';
import type { Finding } from './finding.ts';
import type { Page, Rule } from './rule.ts';

export const hostWrites: readonly Rule[] = [
  {
    invariant: 'I5',
    name: 'host_not_told',
    select: `select p.id as about, w.step || coalesce(': ' || w.last_error, '') as ours, w.next_try_at as theirs, w.next_try_at >= c.overdue as waiting
      from page p cross join clock c join gateway.host_writes w on w.payment_id = p.id where w.done_at is null`,
  },
];

interface AcceptedOrder {
  orderKey: string;
  tenant: string;
  /** What the host was told is paid of this order and has not been given back, as it was told. */
  recorded: string;
  /** Of how many payments that is the sum. */
  count: number;
  paymentId: string;
}

/** Left out: what the host has not been told yet, and what a person has on the list, or has settled. */
const accepted = `select p.order_key as "orderKey", p.tenant, sum(p.recorded) as recorded, count(*) as count, max(p.id) as "paymentId"
  from gateway.payments p
  where p.host = $1 and p.status = 'paid' and exists (select from gateway.attempts a where a.payment_id = p.id and a.accepted)
    and not exists (select from gateway.host_writes w where w.payment_id = p.id and w.done_at is null)
    and not exists (select from gateway.discrepancies d where d.payment_id = p.id and (d.closed_at is null or d.closed_by <> 'gateway'))
    and (p.host, p.order_key) in (select host, order_key from gateway.payments where id > $2 and id <= $3)
  group by p.order_key, p.tenant`;

/** The host's own orders, as its `order.sql` reads them: what we say is paid, they have as paid. Read without a lock. */
export async function auditHost(host: Host<Database>, { after, upto }: Page): Promise<Finding[]> {
  const { rows } = await host.db.pool.query<AcceptedOrder>({ text: accepted, values: [host.id, after, upto] });
  const findings: Finding[] = [];
  for (const order of rows) findings.push(...(await auditOrder(host, order)));
  return findings;
}

async function auditOrder(host: Host<Database>, { orderKey, tenant, recorded, count, paymentId }: AcceptedOrder): Promise<Finding[]> {
  const order = await inTransaction(host.db, async (trx) => {
    void trx.query(host.orders.sessionStatement(tenant));
    const read = await host.orders.readDue(trx, { orderKey, tenant });
    await trx.rollback();
    return read;
  });
  if (!order) return []; // a host may put old orders away
  const { total, paid } = order;
  const told = { about: paymentId, ours: recorded, state: 'broken' } as const;
  if (Number(paid) + tolerance < Number(recorded))
    return [{ ...told, invariant: 'I5', rule: 'paid_not_in_host', theirs: `paid ${paid} of ${total}` }];
  const isTooMuch = count > 1 && Number(recorded) > Number(total) + tolerance; // of one payment: the host has changed the order since
  return isTooMuch ? [{ ...told, invariant: 'I2', rule: 'accepted_more_than_the_order', theirs: `total ${total}` }] : [];
}

const tolerance = 0.005; // below the smallest amount that any host can write
