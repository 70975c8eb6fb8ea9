import type { Host } from '@gateway/shared/host';
import { inTransaction } from '@gateway/shared/postgres';
import type { Finding } from './finding.ts';
import { type Page, pageLimit, type Rule } from './rule.ts';

/** Host writes that the host has not accepted yet. */
export const hostWrites: readonly Rule[] = [
  {
    invariant: 'I5',
    name: 'host_write_pending',
    select: `select p.id as about, w.step || coalesce(': ' || w.last_error, '') as ours, w.next_try_at as theirs, w.next_try_at >= c.overdue as waiting
      from page p cross join clock c join host_writes w on w.payment_id = p.id where w.done_at is null`,
  },
];

interface AcceptedOrder {
  orderKey: string;
  tenant: string;
  paymentId: string;
  status: string;
  /** The amount that the host was given to record, as a decimal. */
  recorded: string;
  /** A host write is deferred, or a discrepancy is open or was closed by an operator. */
  isExplained: boolean;
}

/**
 * The last accepted payment of each order of the page: a till may have reopened the order and undone an earlier payment. Discrepancies are
 * counted, because for `exists` PostgreSQL would sometimes read all of them.
 */
const accepted = `select distinct on (p.order_key) p.order_key as "orderKey", p.tenant, p.id as "paymentId", p.status, p.recorded,
    exists (select from gateway.host_writes w where w.payment_id = p.id and w.done_at is null)
      or (select count(*) from gateway.discrepancies d where d.payment_id = p.id and (d.closed_at is null or d.closed_by <> 'gateway')) > 0 as "isExplained"
  from gateway.payments p
  where p.host = $1 and exists (select from gateway.attempts a where a.payment_id = p.id and a.accepted)
    and (p.host, p.order_key) in (select host, order_key from gateway.payments where id > $2 and id <= $3 ${pageLimit})
  order by p.order_key, p.id desc`;

/** Compares our accepted payments with the orders of the host, which `order.sql` reads without its lock. */
export async function auditHost(host: Host, { after, upto }: Page): Promise<Finding[]> {
  const { rows } = await host.db.pool.query<AcceptedOrder>({ text: accepted, values: [host.id, after, upto] });
  const findings: Finding[] = [];
  for (const order of rows) {
    // Refunded payments are skipped: a till may record a refund in its own way.
    if (order.status === 'paid' && !order.isExplained) findings.push(...(await auditOrder(host, order)));
  }
  return findings;
}

async function auditOrder(host: Host, { orderKey, tenant, recorded, paymentId }: AcceptedOrder): Promise<Finding[]> {
  const order = await inTransaction(host.db, async (trx) => {
    void trx.query(host.orders.sessionStatement(tenant));
    const read = await host.orders.readDue(trx, { orderKey, tenant });
    await trx.rollback();
    return read;
  });
  if (!order) return []; // a host may archive old orders
  const { total, paid } = order;
  const finding = { about: paymentId, ours: recorded, theirs: `paid ${paid} of ${total}`, state: 'broken' } as const;
  if (Number(paid) + tolerance < Number(recorded)) return [{ ...finding, invariant: 'I5', rule: 'paid_not_in_host' }];
  if (Number(paid) > Number(total) + tolerance) return [{ ...finding, invariant: 'I2', rule: 'paid_more_than_the_order' }];
  return [];
}

const tolerance = 0.005; // rupiah; half of the smallest amount that a host records
