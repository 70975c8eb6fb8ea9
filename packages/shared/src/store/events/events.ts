import type pg from 'pg';
import type { OrderKey, Payment, PaymentEvent, ReleaseItem } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

/**
 * The insert of an event and of its outbox row, as two steps of a `with` query: `event` and `outbox_row`, or with the prefix `name`. Every statement that appends an event contains it,
 * so that no event can be stored without being published. Its parameters are `$1` to `$7`, in the order of `eventValues`.
 * @param from where `source` is an earlier step of the query: `from source`. When that step returns no row, no event is appended
 * @param payload the SQL expression of the event's JSON
 */
export const insertEvent = (from = '', payload = '$5', name = ''): string => `${name}event as (
      insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
      select $1, $2, $3, $4, ${payload} ${from}
      returning event_id, occurred_at, payment_id, type),
    ${name}outbox_row as (
      insert into gateway.outbox (event_id, occurred_at, payment_id, type, store_id, order_key)
      select event_id, occurred_at, payment_id, type, $6, $7 from ${name}event
      returning event_id)`;

/** The parameters `$1` to `$7` of a statement that contains `insertEvent`. @param orderKey of the event's payment: callers may see another id */
export const eventValues = (event: PaymentEvent, orderKey: string): unknown[] => [
  event.event_id,
  event.occurred_at,
  event.payment_id,
  event.type,
  JSON.stringify(event),
  event.store_id,
  orderKey,
];

const appendOne: Statement = { name: 'event-append', text: `with ${insertEvent()} select from outbox_row` };

/** Appends an event to the payment's history and to the outbox, in the caller's transaction. */
export function append(trx: Queryable, event: PaymentEvent, orderKey: string): Promise<unknown> {
  return trx.query({ ...appendOne, values: eventValues(event, orderKey) });
}

const appendOncePerPayment: Statement = {
  name: 'event-release',
  text: `with released as (
      insert into gateway.releases (host, order_key, payment_id, release, released_at, items)
      select $8, $7, $3, coalesce(max(release), 0) + 1, $2, $9 from gateway.releases where host = $8 and order_key = $7
      on conflict (host, order_key, payment_id) do nothing
      returning release),
    ${insertEvent('from released', `jsonb_set($5::jsonb, '{data,release}', to_jsonb(release))`, 'release_')}
    select from release_outbox_row`,
};

/**
 * Appends `order.paid` with the number of this release of the order. May run twice: the second run appends nothing, so that the
 * kitchen cooks a payment once. The caller holds the order's lock, which keeps two payments from taking the same number.
 */
export function releaseOrder(trx: Queryable, event: PaymentEvent, orderKey: string): Promise<unknown> {
  const values = [...eventValues(event, orderKey), event.host, JSON.stringify(event.data.items ?? [])];
  return trx.query({ ...appendOncePerPayment, values });
}

const releasesOfOrder: Statement = {
  name: 'releases-of-order',
  text: 'select items from gateway.releases where host = $1 and order_key = $2',
};

/** Finds the `items` of each release of an order, as a part of a larger statement. */
export const releasedItemsQuery = (host: string, orderKey: OrderKey): pg.QueryConfig => ({ ...releasesOfOrder, values: [host, orderKey] });

/** The items of all releases of an order: what the kitchen has been told to cook. */
export async function releasedItems(db: Queryable, host: string, orderKey: OrderKey): Promise<ReleaseItem[]> {
  const { rows } = await db.query<{ items: ReleaseItem[] }>(releasedItemsQuery(host, orderKey));
  return rows.flatMap(({ items }) => items);
}

const byPayment: Statement = {
  name: 'payment-history',
  text: `select payload from gateway.payment_events where payment_id = $1 and occurred_at >= $2::timestamptz - interval '1 day'
    order by occurred_at, event_id limit 500`,
};

/**
 * The events of a payment, oldest first, at most 500. Events are kept for 400 days, in a partition for each month. Only those since the payment
 * was made are read; the day before it is for the difference between two clocks.
 */
export async function ofPayment(db: Queryable, { id, createdAt }: Pick<Payment, 'id' | 'createdAt'>): Promise<PaymentEvent[]> {
  const { rows } = await db.query<{ payload: PaymentEvent }>({ ...byPayment, values: [id, createdAt] });
  return rows.map(({ payload }) => payload);
}
