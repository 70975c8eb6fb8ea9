import type pg from 'pg';
import { asOrderKey, type OrderKey, type Payment, statusGroups, statusIn, type UnbookedMoney } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { columns } from './payment-columns.ts';

const isLive = `p.status ${statusIn(statusGroups.open)} and p.hidden_at is null`;

/** Decimals are text in JSON too, so that no digit is lost. `p` is the payment, `a` its attempt. */
const unbookedMoney = `coalesce(json_agg(json_build_object('paymentId', a.payment_id, 'no', a.no, 'amount', p.recorded::text,
      'hostPaidBefore', a.host_paid_before::text) order by a.paid_at), '[]')`;

/** How many payments of one order may be made within a minute. A bill that changes all the time needs fewer. */
export const maxPerMinute = 10;

const decisiveOfOrder: Statement = {
  name: 'payment-decisive',
  text: `select unbooked."unbookedMoney", latest."fullSince", decisive.*
    from (select ${unbookedMoney} as "unbookedMoney" from gateway.payments p join gateway.attempts a on a.payment_id = p.id and a.unbooked
      where p.host = $1 and p.order_key = $2) unbooked
    cross join (select case when count(*) filter (where status <> 'failed') >= ${maxPerMinute} then min(created_at) end as "fullSince"
      from (select p.status, p.created_at from gateway.payments p where p.host = $1 and p.order_key = $2 order by p.id desc limit ${maxPerMinute}) newest) latest
    left join (select ${columns} from gateway.payments p
      where p.host = $1 and p.order_key = $2 and (${isLive} or p.review_since is not null) order by (${isLive}) desc, p.id desc limit 1) decisive on true`,
};

export interface Decisive {
  payment: Payment | null;
  unbooked: UnbookedMoney[];
  /** When the oldest of the last `maxPerMinute` payments was made. Null: there are fewer, or one of them failed. */
  fullSince: Date | null;
}

/** Finds what `findDecisive` returns, as a part of a larger statement: one row. */
export const decisiveQuery = (host: string, orderKey: OrderKey): pg.QueryConfig => ({ ...decisiveOfOrder, values: [host, orderKey] });

export type DecisiveRow = Payment & Pick<Decisive, 'fullSince'> & { unbookedMoney: UnbookedMoney[] };

/** @param row of `decisiveQuery`; other columns of it are part of `payment`, too */
export function decisiveIn({ unbookedMoney: unbooked, fullSince, ...payment }: DecisiveRow): Decisive {
  return { payment: payment.id ? payment : null, unbooked, fullSince };
}

/**
 * What decides whether an order may get a QR. `payment`: the live one, whose QR is displayed or being made; else one whose report of
 * payment is unconfirmed (`reviewSince`), because a second QR could be paid as well. An index allows one live payment at most. Null:
 * there is neither. `unbooked`: accepted money that the host's paid amount did not show when it was last read, oldest first.
 */
export async function findDecisive(db: Queryable, host: string, orderKey: OrderKey): Promise<Decisive> {
  const { rows } = await db.query<DecisiveRow>(decisiveQuery(host, orderKey));
  return decisiveIn(rows[0] as DecisiveRow); // an aggregate: always one row
}

/** Reads our rows as the creation of a payment does, for readiness. @throws PostgreSQL's error when that is not possible */
export const proveReads = (db: Queryable, host: string): Promise<unknown> => findDecisive(db, host, asOrderKey(''));

const currentOfOrder: Statement = {
  name: 'payment-current-of-order',
  text: `select ${columns} from gateway.payments p
    where p.host = $1 and p.order_key = $2
    order by case when ${isLive} then 1 when p.review_since is not null then 2 when p.status ${statusIn(statusGroups.settled)} then 3 else 4 end,
      p.id desc limit 1`,
};

const currentOfOrders: Statement = {
  name: 'payment-current-of-orders',
  text: `select current.* from unnest($2::text[]) as wanted (key) cross join lateral (${currentOfOrder.text.replace('$2', 'wanted.key')}) current`,
};

/** The payment to show for each of these orders, by order key. An order without a payment is missing. */
export async function findCurrentOf(db: Queryable, host: string, orderKeys: readonly OrderKey[]): Promise<Map<OrderKey, Payment>> {
  if (orderKeys.length === 0) return new Map();
  const { rows } = await db.query<Payment>({ ...currentOfOrders, values: [host, orderKeys] });
  return new Map(rows.map((payment) => [payment.orderKey, payment]));
}

/**
 * The payment to show for an order: the live one, else one that may have been paid (`reviewSince`), else a settled one, else the
 * newest. A till that asks after it restarted must learn of money before it learns of a QR that closed without any. Null: the order has
 * no payment.
 */
export async function findCurrent(db: Queryable, host: string, orderKey: OrderKey): Promise<Payment | null> {
  const { rows } = await db.query<Payment>({ ...currentOfOrder, values: [host, orderKey] });
  return rows[0] ?? null;
}
