import { type Payment, type PaymentStatus, statusGroups, statusIn } from '../../payment/index.ts';
import type { Database, Queryable } from '../../postgres/index.ts';
import { attemptReferencePattern, paymentIdPattern, refundIdPattern } from '../../runtime/index.ts';
import * as payments from '../payments/payments.ts';

/** What a text in the search box may be. A payment is found when one reading fits. */
export type Reading = { kind: 'payment' | 'refund' | 'attempt' | 'reference' | 'order_key' | 'order_number' | 'receipt'; value: string };

/** Finds payments by all that is set; null is not asked for. */
export interface PaymentSearch {
  /** Null: all tenants of the database. */
  tenant: { host: string; tenant: string } | null;
  /** One search box: an order number, any id, a receipt, or an amount in digits. */
  text: string | null;
  /** In whole rupiah. */
  amount: number | null;
  issuer: string | null;
  storeId: string | null;
  status: PaymentStatus | null;
  /** The till waited at least so long for its QR, in milliseconds. */
  waitedMs: number | null;
  /** Created at or after this time; with an issuer, and no text, paid. */
  from: Date | null;
  to: Date | null;
  after: SearchCursor | null;
  limit: number;
}

/** The last payment of a page: its time of creation, or with an issuer the time when it was paid, and its id. */
export interface SearchCursor {
  at: Date;
  id: string;
}

export interface SearchPage {
  payments: Payment[];
  /** Null: this is the last page. */
  next: SearchCursor | null;
  /** The databases that did not answer. */
  unavailable: string[];
}

export const searchOfNothing: Omit<PaymentSearch, 'limit'> = {
  tenant: null,
  text: null,
  amount: null,
  issuer: null,
  storeId: null,
  status: null,
  waitedMs: null,
  from: null,
  to: null,
  after: null,
};

const maxTextLength = 64;
const referencePattern = /^[a-z][a-z0-9]{1,9}-[0-9a-z]{26}$/;
const amountPattern = /^(?:rp\.? ?)?(\d{1,3}(?:[.,]\d{3})+|\d{1,8})$/i;

/** What the text may be. Empty: nothing that could be found. */
export function readingsOf(text: string): Reading[] {
  const value = text.trim();
  if (value === '' || value.length > maxTextLength) return [];
  if (paymentIdPattern.test(value)) return [{ kind: 'payment', value }];
  if (refundIdPattern.test(value)) return [{ kind: 'refund', value }];
  if (attemptReferencePattern.test(value)) return [{ kind: 'attempt', value }];
  if (referencePattern.test(value)) return [{ kind: 'reference', value }];
  return (['order_number', 'order_key', 'receipt'] as const).map((kind) => ({ kind, value }));
}

/** The amount that the text may be, in whole rupiah: `55000`, `55.000`, `Rp 55.000`. Null: it is none. */
export function amountIn(text: string): number | null {
  const [, digits] = amountPattern.exec(text.trim()) ?? [];
  return digits ? Number(digits.replace(/[.,]/g, '')) : null;
}

/** Newest first, one page over all databases. Each way to a payment reads an index from the cursor on, and at most a page of it. */
export async function find(databases: readonly { db: Database; database: string }[], search: PaymentSearch): Promise<SearchPage> {
  const pages = await Promise.allSettled(databases.map(({ db }) => findIn(db.pool, { ...search, limit: search.limit + 1 })));
  const all = pages
    .flatMap((page) => (page.status === 'fulfilled' ? page.value : []))
    .sort((a, b) => b.sortAt.getTime() - a.sortAt.getTime() || (a.id < b.id ? 1 : -1));
  const shown = all.slice(0, search.limit);
  const last = shown.at(-1);
  return {
    payments: shown.map(({ sortAt: _, ...payment }) => payment),
    next: all.length > search.limit && last ? { at: last.sortAt, id: last.id } : null,
    unavailable: pages.flatMap((page, index) => (page.status === 'rejected' ? [databases[index]?.database ?? ''] : [])),
  };
}

type Found = Payment & { sortAt: Date };

async function findIn(db: Queryable, search: PaymentSearch): Promise<Found[]> {
  const { rows } = await db.query<Found>(statementOf(search));
  return rows;
}

/** Exported for the test of its plans. */
export function statementOf(search: PaymentSearch): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const value = (each: unknown): string => `$${values.push(each)}`;
  const ways = waysOf(search, value).map((way) => `(${way} order by sort_at desc, id desc limit ${search.limit})`);
  const text = `with found as (${ways.join(' union all ')}),
      page as (select distinct sort_at, id from found order by sort_at desc, id desc limit ${search.limit})
    select ${payments.columnsOfList}, page.sort_at as "sortAt"
    from page join gateway.payments p on p.id = page.id ${payments.settledAttempt} order by page.sort_at desc, p.id desc`;
  return { text, values };
}

type ValueOf = (value: unknown) => string;

const open = `p.status ${statusIn(statusGroups.open)}`;
const ended = `p.status ${statusIn([...statusGroups.closed, ...statusGroups.settled])}`;

/** The statements that read an index each. */
function waysOf(search: PaymentSearch, value: ValueOf): string[] {
  const { text, amount, issuer, from } = search;
  // The times of the issuer's index bound a search that has one; otherwise the index of amounts is the shorter way.
  if (text === null && issuer !== null && (amount === null || from !== null)) return [byIssuer(search, value)];
  const where = conditionsOf(search, value);
  if (text !== null) {
    const asAmount = amountIn(text);
    const byText = readingsOf(text).flatMap((reading) => waysOfReading(reading, value).map((way) => `${way} and ${where}`));
    const byAmount = asAmount === null ? [] : waysOfColumn('amount_idr', value(asAmount), where);
    return byText.length + byAmount.length > 0 ? [...byText, ...byAmount] : [`${ofPayment} false`];
  }
  if (amount !== null) return waysOfColumn('amount_idr', value(amount), where);
  return [ofEachTenant(search, value, where)];
}

const ofPayment = 'select p.created_at as sort_at, p.id from gateway.payments p where';
const throughAttempt = 'select p.created_at as sort_at, p.id from gateway.attempts a join gateway.payments p on p.id = a.payment_id where';

/** A partial index has the payments that ended; the open ones are few. */
const waysOfColumn = (column: string, entered: string, where: string): string[] =>
  [ended, open].map((status) => `${ofPayment} ${status} and p.${column} = ${entered} and ${where}`);

function waysOfReading({ kind, value: entered }: Reading, value: ValueOf): string[] {
  const it = value(entered);
  switch (kind) {
    case 'payment':
      return [`${ofPayment} p.id = ${it}`];
    case 'reference':
      return [`${ofPayment} p.reference = ${it}`];
    case 'attempt':
      return [`${throughAttempt} a.reference = ${it}`];
    case 'receipt':
      return [`${throughAttempt} a.receipt = ${it}`];
    case 'refund':
      return [
        `select p.created_at as sort_at, p.id from gateway.refunds r join gateway.payments p on p.id = r.payment_id where r.id = ${it}`,
      ];
    case 'order_number':
      return [ended, open].map((status) => `${ofPayment} ${status} and p.order_number = ${it}`);
    case 'order_key':
      // The host first, as in the index of orders. The key of an order by API has the tenant before it.
      return [
        `select p.created_at as sort_at, p.id from (select distinct host from gateway.stores) h
          join gateway.payments p on p.host = h.host and p.order_key = ${it} where true`,
        `select p.created_at as sort_at, p.id from (select distinct host, tenant from gateway.stores where host = 'till') h
          join gateway.payments p on p.host = h.host and p.order_key = h.tenant || '/' || ${it} where true`,
      ];
  }
}

/** How long the till waited, in milliseconds: to the answer that was shown. */
const waited = `(select extract(epoch from s.at - p.created_at) * 1000 + s."durationMs" from jsonb_to_recordset(p.route) s (at timestamptz, outcome text, "durationMs" float8)
    where s.outcome = 'chosen' limit 1)`;

/** All filters but the one that a way begins with. The status is written out, so that the planner sees which partial index serves it. */
function conditionsOf({ tenant, issuer, storeId, status, waitedMs, from, to, after }: PaymentSearch, value: ValueOf): string {
  const conditions = [
    ...(tenant ? [`p.host = ${value(tenant.host)} and p.tenant = ${value(tenant.tenant)}`] : []),
    ...(storeId === null ? [] : [`p.store_id = ${value(storeId)}`]),
    ...(status === null ? [] : [`p.status ${statusIn([status])}`]),
    ...(issuer === null ? [] : [`exists (select from gateway.attempts i where i.payment_id = p.id and i.issuer = ${value(issuer)})`]),
    ...(waitedMs === null ? [] : [`${waited} >= ${value(waitedMs)}`]),
    ...(from ? [`p.created_at >= ${value(from)}`] : []),
    ...(to ? [`p.created_at < ${value(to)}`] : []),
    ...(after ? [`(p.created_at, p.id) < (${value(after.at)}, ${value(after.id)})`] : []),
  ];
  return conditions.join(' and ') || 'true';
}

/** By the time when the guest paid, which the index of issuers has. The amount is the one asked for, or the one that the guest paid. */
function byIssuer({ issuer, amount, from, to, after, ...others }: PaymentSearch, value: ValueOf): string {
  const where = conditionsOf({ ...others, issuer: null, amount: null, from: null, to: null, after: null }, value);
  const amounts = amount === null ? [] : [`${value(amount)} in (p.amount_idr, a.paid_idr)`];
  const times = [
    ...(from ? [`a.paid_at >= ${value(from)}`] : []),
    ...(to ? [`a.paid_at < ${value(to)}`] : []),
    ...(after ? [`(a.paid_at, a.payment_id) < (${value(after.at)}, ${value(after.id)})`] : []),
  ];
  return `select a.paid_at as sort_at, p.id from gateway.attempts a join gateway.payments p on p.id = a.payment_id
    where ${[`a.issuer = ${value(issuer)} and a.paid_at is not null`, ...times, ...amounts, where].join(' and ')}`;
}

/** Of each tenant the newest, by the indexes of the lists of payments. */
function ofEachTenant({ tenant, storeId, limit }: PaymentSearch, value: ValueOf, where: string): string {
  const which = [
    ...(tenant ? [`s.host = ${value(tenant.host)} and s.tenant = ${value(tenant.tenant)}`] : []),
    ...(storeId === null ? [] : [`s.store_id = ${value(storeId)}`]),
  ];
  return `select sort_at, id from (select distinct host, tenant from gateway.stores s where ${which.join(' and ') || 'true'}) t
    cross join lateral (select p.created_at as sort_at, p.id from gateway.payments p where p.host = t.host and p.tenant = t.tenant and ${where}
      order by p.created_at desc, p.id desc limit ${limit}) of_tenant where true`;
}
