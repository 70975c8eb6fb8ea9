import type { Database, Statement } from '../../postgres/index.ts';
import type { PendingEvent } from '../events/outbox.ts';
import { asyncCommit, type DueDelivery } from './webhook-cursors.ts';

const noteNumbered: Statement = {
  name: 'webhook-cursors-note',
  text: `with concerned as materialized (
      select e.id as endpoint_id, n.store_id, n.last_seq, n.first_seq, e.id = any($7) and (e.events = '{*}' or n.first_type = any(e.events)) as may_start
      from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::text[]) as n (store_id, first_seq, first_type, last_seq, types)
        join gateway.stores s using (store_id)
        join gateway.webhook_endpoints e on e.host = s.host and e.tenant = s.tenant
      where e.disabled_at is null and (e.store_ids is null or n.store_id = any(e.store_ids))
        and (e.events = '{*}' or e.events && string_to_array(n.types, ','))),
    held as materialized (
      select endpoint_id, store_id, n.last_seq, n.may_start and c.due_at is null and c.after_seq = n.first_seq - 1 as starts
      from gateway.webhook_cursors c join concerned n using (endpoint_id, store_id)
      where c.target_seq < n.last_seq order by endpoint_id, store_id for update of c),
    raised as (
      update gateway.webhook_cursors c set target_seq = h.last_seq, lease_no = c.lease_no + h.starts::integer,
        leased_until = case when h.starts then $8 else c.leased_until end, due_at = case when h.starts then $8 else coalesce(c.due_at, $6) end
      from held h where c.endpoint_id = h.endpoint_id and c.store_id = h.store_id
      returning c.endpoint_id, c.store_id, case when h.starts then c.lease_no end as lease_no, c.due_at <= $6 as is_due),
    added as (
      insert into gateway.webhook_cursors as c (endpoint_id, store_id, target_seq, due_at)
      select endpoint_id, store_id, last_seq, $6 from concerned order by endpoint_id, store_id
      on conflict do nothing
      returning c.endpoint_id, c.store_id, null::integer, true)
    select endpoint_id as "endpointId", store_id as "storeId", lease_no as "leaseNo", is_due as "isDue", ${asyncCommit}
    from (table raised union all table added) noted`,
};

/** What `note` needs of an event. */
export interface NumberedEvent extends Pick<PendingEvent, 'storeId' | 'seq' | 'eventId' | 'body'> {
  type: string;
  occurredAt: Date;
}

/** Which cursors may be leased by the statement that notes their event. */
export interface Start {
  endpointIds: Iterable<string>;
  leasedUntil: Date;
}

/** The endpoints that have something to send, and the deliveries that are leased already. */
export interface Noted {
  ready: Set<string>;
  started: DueDelivery[];
}

/**
 * Notes these numbered events at the cursors that they concern. Where nothing waited, the cursor is leased at once, and its event is the one
 * that the caller has: it is not read again. Other cursors become due. May run twice. A cursor that another process adds at the same time is
 * left to `catchUp`.
 */
export async function note(db: Database, events: readonly NumberedEvent[], at: Date, start: Start): Promise<Noted> {
  const stores = byStore(events);
  const all = [...stores.values()];
  const values = [
    [...stores.keys()],
    all.map(({ first, hasGap }) => (hasGap ? null : first.seq)), // an event in the gap may be another process's to note: the outbox knows it
    all.map(({ first }) => first.type),
    all.map(({ lastSeq }) => lastSeq),
    all.map(({ types }) => [...types].join(',')),
    at,
    [...start.endpointIds],
    start.leasedUntil,
  ];
  type Row = { endpointId: string; storeId: string; leaseNo: number | null; isDue: boolean };
  const { rows } = await db.pool.query<Row>({ ...noteNumbered, values });
  const started = rows.flatMap(({ endpointId, storeId, leaseNo }) => {
    const first = stores.get(storeId)?.first;
    return leaseNo !== null && first ? [{ ...first, endpointId, leaseNo, tries: 0, failingSince: null }] : [];
  });
  return { ready: new Set(rows.filter(({ isDue }) => isDue).map(({ endpointId }) => endpointId)), started };
}

interface StoreEvents {
  first: NumberedEvent;
  lastSeq: number;
  /** Whether events between the first and the last one are missing. */
  hasGap: boolean;
  types: Set<string>;
}

function byStore(events: readonly NumberedEvent[]): Map<string, StoreEvents> {
  const stores = new Map<string, StoreEvents>();
  for (const event of events) {
    const store = stores.get(event.storeId);
    if (store) {
      store.hasGap ||= event.seq !== store.lastSeq + 1;
      store.lastSeq = Math.max(store.lastSeq, event.seq);
      store.types.add(event.type);
    } else stores.set(event.storeId, { first: event, lastSeq: event.seq, hasGap: false, types: new Set([event.type]) });
  }
  return stores;
}

const idsOf = ({ rows }: { rows: { id: string }[] }): Set<string> => new Set(rows.map(({ id }) => id));

const catchUpAll: Statement = {
  name: 'webhook-cursors-catch-up',
  text: `insert into gateway.webhook_cursors as c (endpoint_id, store_id, target_seq, due_at)
    select e.id, s.store_id, s.last_seq, $1
    from gateway.webhook_endpoints e
      join gateway.stores s on s.host = e.host and s.tenant = e.tenant and (e.store_ids is null or s.store_id = any(e.store_ids))
      left join gateway.webhook_cursors k on k.endpoint_id = e.id and k.store_id = s.store_id
    where e.disabled_at is null and s.last_seq > coalesce(k.target_seq, 0)
    order by e.id, s.store_id
    on conflict (endpoint_id, store_id) do update set target_seq = excluded.target_seq, due_at = coalesce(c.due_at, excluded.due_at)
      where c.target_seq < excluded.target_seq
    returning c.endpoint_id as id, ${asyncCommit}`,
};

/** Makes every cursor due that is behind its store: what a process that was killed could not note, and what an endpoint missed while it was disabled. */
export async function catchUp(db: Database, at: Date): Promise<Set<string>> {
  return idsOf(await db.pool.query<{ id: string }>({ ...catchUpAll, values: [at] }));
}
