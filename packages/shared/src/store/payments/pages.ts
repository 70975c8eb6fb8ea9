import type { Knex } from 'knex';
import { type Payment, type PaymentStatus, statusGroups, statusIn } from '../../payment/index.ts';
import * as payments from './payments.ts';

/** The last payment of a page. The next page has the payments that are older, or as old with a smaller id. */
export interface PageCursor {
  createdAt: Date;
  id: string;
}

interface PaymentFilter {
  host: string;
  tenant: string;
  /** Null: all stores of the tenant. */
  stores: readonly string[] | null;
  orderKey: string | null;
  status: PaymentStatus | null;
  /** True: payments whose QR is displayed or being made. False: all others. Null: all. */
  live: boolean | null;
  /** Created at or after this time. */
  from: Date | null;
  /** Created before this time. */
  to: Date | null;
  after: PageCursor | null;
  limit: number;
  now: Date;
}

const isLive = `(p.status ${statusIn(statusGroups.open)} and p.hidden_at is null and p.expires_at > ?)`;

/** One page of payments, newest first. It is read by index from the cursor, so its cost does not grow with the number of payments. */
export function list(knex: Knex, filter: PaymentFilter): Knex.QueryBuilder<object, Payment[]> {
  const { host, tenant, stores, orderKey, status, live, from, to, after, limit, now } = filter;
  const page = knex<object, Payment[]>('gateway.payments as p')
    .select<Payment[]>(knex.raw(payments.columns))
    .where({ 'p.host': host, 'p.tenant': tenant });
  if (stores) void (stores.length === 1 ? page.where('p.store_id', stores[0]) : page.whereIn('p.store_id', stores));
  if (orderKey !== null) void page.where('p.order_key', orderKey);
  if (status) void page.where('p.status', status);
  if (live !== null) void page.whereRaw(live ? isLive : `not ${isLive}`, [now]);
  if (from) void page.where('p.created_at', '>=', from);
  if (to) void page.where('p.created_at', '<', to);
  if (after) void page.whereRaw('(p.created_at, p.id) < (?, ?)', [after.createdAt, after.id]);
  return page
    .orderBy([
      { column: 'p.created_at', order: 'desc' },
      { column: 'p.id', order: 'desc' },
    ])
    .limit(limit);
}
