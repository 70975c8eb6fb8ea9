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

const isOpen = `p.status ${statusIn(statusGroups.open)}`;
const isLive = `(${isOpen} and p.hidden_at is null and p.expires_at > ?)`;

/** One page of payments, newest first. Every filter is read by an index from the cursor on, so the cost does not grow with the number of payments. */
export function list(knex: Knex, filter: PaymentFilter): Knex.QueryBuilder<object, Payment[]> {
  const { stores } = filter;
  if (!stores || stores.length === 1) {
    const page = pageOf(knex, filter).select<Payment[]>(knex.raw(payments.columnsOfList)).joinRaw(payments.settledAttempt);
    return stores ? page.where('p.store_id', stores[0]) : page;
  }
  // Each store by its own index, and then the newest of them: one scan over all stores of the tenant might pass over many payments.
  const ofEach = pageOf(knex, filter).select('p.id').whereRaw('p.store_id = s.store_id');
  const ids = knex.raw('select page.id from unnest(?::text[]) as s(store_id) cross join lateral (?) as page', [[...stores], ofEach]);
  return newestFirst(
    knex<object, Payment[]>('gateway.payments as p')
      .select<Payment[]>(knex.raw(payments.columnsOfList))
      .joinRaw(payments.settledAttempt)
      .whereRaw('p.id in (?)', [ids]),
    filter.limit,
  );
}

/** The filters but the stores. The statuses are written into the statement, so that the planner sees which partial index serves them. */
function pageOf(knex: Knex, filter: PaymentFilter): Knex.QueryBuilder<object, Payment[]> {
  const { host, tenant, orderKey, status, live, from, to, after, limit, now } = filter;
  const page = knex<object, Payment[]>('gateway.payments as p').where({ 'p.host': host, 'p.tenant': tenant });
  if (orderKey !== null) void page.where('p.order_key', orderKey);
  if (status) void page.whereRaw(`p.status ${statusIn([status])}`);
  if (live !== null) void page.whereRaw(live ? isLive : `not ${isLive}`, [now]);
  if (from) void page.where('p.created_at', '>=', from);
  if (to) void page.where('p.created_at', '<', to);
  if (after) void page.whereRaw('(p.created_at, p.id) < (?, ?)', [after.createdAt, after.id]);
  return newestFirst(page, limit);
}

/** The limit is written into the statement: of a parameter PostgreSQL assumes that it is a tenth of all rows, and starts parallel workers for a page. */
const newestFirst = (page: Knex.QueryBuilder<object, Payment[]>, limit: number): Knex.QueryBuilder<object, Payment[]> =>
  page
    .orderBy([
      { column: 'p.created_at', order: 'desc' },
      { column: 'p.id', order: 'desc' },
    ])
    .limit(limit, { skipBinding: true });
