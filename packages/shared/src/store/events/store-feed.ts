import { type Payment, statusGroups, statusIn } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import type * as stores from '../control/stores.ts';
import * as payments from '../payments/payments.ts';

/** A numbered event. `body` is its JSON as clients receive it. */
export interface StoreEvent {
  seq: number;
  body: string;
}

/** A page of one store's events, with the range that can be read. */
export interface StoreEvents {
  owner: stores.StoreOwner;
  /** The number before the first event of the page: the requested one, else the one before the oldest readable event. */
  after: number;
  /** The events that follow `after`, in order and without a gap. */
  events: StoreEvent[];
  /** The number of the newest event; 0 before the first. */
  lastSeq: number;
  /** The oldest event that can be read; `lastSeq + 1` when there is none. */
  oldestSeq: number;
  /** The events after `after` are not kept any more, or `after` was never given: the client must start from a snapshot. */
  isGone: boolean;
}

// Unpublished events are read too: a committed number is final, and clients receive events while Redis is unavailable.
const numbered = 'o.store_id = $1 and o.seq is not null';

// A subquery for each row. As a join, a wrong estimate of the planner would read 400 days of history.
const body = `'{"seq":' || o.seq || ',' || substr((
        select p.payload::text from gateway.payment_events p where p.event_id = o.event_id and p.occurred_at = o.occurred_at), 2) as body`;

const page: Statement = {
  name: 'store-events',
  text: `with store as materialized (
      select s.host, s.tenant, s.last_seq, greatest(s.replay_from,
        coalesce((select o.seq from gateway.outbox o where ${numbered} order by o.seq limit 1), s.last_seq + 1)) as oldest
      from gateway.stores s where s.store_id = $1)
    select s.host, s.tenant, s.last_seq as "lastSeq", s.oldest as "oldestSeq", e.seq, e.body
    from store s left join lateral (
      select o.seq, ${body}
      from gateway.outbox o where ${numbered} and o.seq > coalesce($2, s.oldest - 1) order by o.seq limit $3) e on true
    order by e.seq`,
};

type PageRow = stores.StoreOwner & { lastSeq: number; oldestSeq: number; seq: number | null; body: string };

/** Reads the events after `request.after`; null: from the oldest on. @returns null when this database has no such store */
export async function read(db: Queryable, request: { storeId: string; after: number | null; limit: number }): Promise<StoreEvents | null> {
  const { rows } = await db.query<PageRow>({ ...page, values: [request.storeId, request.after, request.limit] });
  const [first] = rows;
  if (!first) return null;
  const { host, tenant, lastSeq, oldestSeq } = first;
  const after = request.after ?? oldestSeq - 1;
  const events = withoutGaps(rows, after);
  const isGone = after > lastSeq || after < oldestSeq - 1 || (after < lastSeq && events.length === 0);
  return { owner: { host, tenant }, after, events: isGone ? [] : events, lastSeq, oldestSeq, isGone };
}

/** Cuts at the first gap. The outbox loses whole days, and an event may be numbered after its day has ended, so a gap may remain. */
function withoutGaps(rows: readonly PageRow[], after: number): StoreEvent[] {
  const events = rows.flatMap(({ seq, body }) => (seq === null ? [] : [{ seq, body }]));
  const gap = events.findIndex(({ seq }, index) => seq !== after + 1 + index);
  return gap < 0 ? events : events.slice(0, gap);
}

const lastSeqOfStores: Statement = {
  name: 'store-last-seqs',
  text: `select store_id as "storeId", last_seq as "lastSeq" from gateway.stores where store_id = any($1)`,
};

/** The last number given in each of these stores. Stores that this database does not have are left out. */
export async function lastSeqs(db: Queryable, storeIds: readonly string[]): Promise<{ storeId: string; lastSeq: number }[]> {
  const { rows } = await db.query<{ storeId: string; lastSeq: number }>({ ...lastSeqOfStores, values: [storeIds] });
  return rows;
}

const openOfStore: Statement = {
  name: 'store-open-payments',
  text: `select ${payments.columns} from gateway.payments p
    where p.store_id = $1 and p.status ${statusIn(statusGroups.open)} and p.host = $2 and p.tenant = $3 order by p.id`,
};

/** The open payments of a store, oldest first. */
export async function openPayments(db: Queryable, storeId: string, { host, tenant }: stores.StoreOwner): Promise<Payment[]> {
  const { rows } = await db.query<Payment>({ ...openOfStore, values: [storeId, host, tenant] });
  return rows;
}

const releasedOfStore: Statement = {
  name: 'store-released-orders',
  text: `select o.seq, ${body}
    from gateway.outbox o
    where ${numbered} and o.seq <= $2 and o.occurred_at >= $3 and o.type = 'order.paid'
    order by o.seq`,
};

/** The `order.paid` events of a store that occurred at or after `since`, up to and including `seq`; later ones follow as events. */
export async function releasedOrders(db: Queryable, storeId: string, seq: number, since: Date): Promise<StoreEvent[]> {
  const { rows } = await db.query<StoreEvent>({ ...releasedOfStore, values: [storeId, seq, since] });
  return rows;
}
