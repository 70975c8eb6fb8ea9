import type { Queryable, Statement } from '../../postgres/index.ts';

/** Longer than an attempt takes, which is given up after 10 s, so that two processes do not send events of one store at the same time. */
export const leaseMs = 20_000;

/** An event that is to be sent to an endpoint now, under a lease of its cursor. */
export interface DueDelivery {
  endpointId: string;
  storeId: string;
  leaseNo: number;
  /** Failed attempts of this event so far. */
  tries: number;
  /** Since when the events of this store cannot be delivered to this endpoint; null: they can. */
  failingSince: Date | null;
  seq: number;
  eventId: string;
  type: string;
  occurredAt: Date;
  /** The bytes that were published. */
  body: string;
}

// Statements that change several cursors lock them in the order of their key, so that two of them never wait for each other.

/**
 * The commit of a statement about cursors does not wait for the disk. What a crash of the server loses is repeated: a lease is given again, a
 * delivery that was made is made again with the same id, and an event that was not noted is found by `numberedEvents.catchUp`.
 */
export const asyncCommit = `set_config('synchronous_commit', 'off', true)`;

/**
 * The next event of each cursor of the step `source`: `ahead`. Without one, `seq` is null, and `last_seq` is what was looked through. The
 * outbox is not read for a cursor without a noted event: usually the event that was delivered is the last one of its store for now.
 */
const nextEvents = (source: string): string => `ahead as (
      select d.endpoint_id, d.store_id, coalesce(s.last_seq, d.after_seq) as last_seq, o.seq, o.event_id, o.type, o.occurred_at, o.body
      from ${source} d join gateway.webhook_endpoints e on e.id = d.endpoint_id
        left join gateway.stores s on s.store_id = d.store_id and d.target_seq > d.after_seq
        left join lateral (
          (select o.seq, o.event_id, o.type, o.occurred_at, '{"seq":' || o.seq || ',' || substr((
              select p.payload::text from gateway.payment_events p where p.event_id = o.event_id and p.occurred_at = o.occurred_at), 2) as body
            from gateway.outbox o where d.target_seq > d.after_seq and o.store_id = d.store_id and o.seq is not null and o.seq > d.after_seq and (e.events = '{*}' or o.type = any(e.events))
            order by o.seq limit 1)
          union all
          (select d.target_seq, d.test_event::json ->> 'event_id', d.test_event::json ->> 'type', (d.test_event::json ->> 'occurred_at')::timestamptz, d.test_event
            where d.store_id = '*' and d.target_seq > d.after_seq)) o on true)`;

// When no event is left, the cursor stays due if the relay has noted one that this statement cannot see yet.
const moved = (lease: string, now: string) => `after_seq = coalesce(a.seq - 1, a.last_seq),
      leased_until = case when a.seq is not null then ${lease}::timestamptz end,
      due_at = case when a.seq is not null then coalesce(${lease}::timestamptz, ${now}) when c.target_seq > a.last_seq then ${now} end`;

const delivery = `c.endpoint_id as "endpointId", c.store_id as "storeId", c.lease_no as "leaseNo", c.tries, c.failing_since as "failingSince", a.seq,
      a.event_id as "eventId", a.type, a.occurred_at as "occurredAt", a.body`;

const claimDue: Statement = {
  name: 'webhook-cursors-claim',
  text: `with due as materialized (
      select c.* from unnest($1::text[], $2::integer[]) as w (endpoint_id, most)
        join gateway.webhook_endpoints e on e.id = w.endpoint_id and e.disabled_at is null cross join lateral (
        select c.endpoint_id, c.store_id, c.after_seq, c.target_seq, c.test_event from gateway.webhook_cursors c
        where c.endpoint_id = w.endpoint_id and c.due_at <= $3 order by c.due_at limit w.most for update skip locked) c),
    ${nextEvents('due')}
    update gateway.webhook_cursors c set lease_no = c.lease_no + 1, ${moved('$4', '$3')}
    from ahead a where c.endpoint_id = a.endpoint_id and c.store_id = a.store_id
    returning ${delivery}, ${asyncCommit}`,
};

/**
 * Claims due cursors of endpoints that are not disabled meanwhile: sets the deadline of each to the end of a lease, raises its lease number, and reads its next event.
 * @param capacity how many cursors of each endpoint may be claimed
 */
export async function claim(db: Queryable, capacity: ReadonlyMap<string, number>, now: Date, leasedUntil: Date): Promise<DueDelivery[]> {
  const values = [[...capacity.keys()], [...capacity.values()], now, leasedUntil];
  const { rows } = await db.query<DueDelivery & Record<string, unknown>>({ ...claimDue, values });
  return rows.filter(({ seq }) => seq !== null);
}

/** How an attempt ended. */
export interface Attempt {
  at: Date;
  /** Null: no answer. */
  statusCode: number | null;
  /** Why it failed; null: it did not. */
  error: string | null;
  durationMs: number;
}

const attemptColumns = `endpoint_id, event_id, occurred_at, store_id, seq, type, state, tries, attempted_at, status_code, error, duration_ms, next_try_at, delivered_at`;
const onRepetition = `on conflict (endpoint_id, occurred_at, event_id) do update set (seq, state, tries, attempted_at, status_code, error, duration_ms, next_try_at, delivered_at)
        = (excluded.seq, excluded.state, excluded.tries, excluded.attempted_at, excluded.status_code, excluded.error, excluded.duration_ms, excluded.next_try_at, excluded.delivered_at)`;

const deliveredThen: Statement = {
  name: 'webhook-cursors-delivered',
  text: `with done as materialized (
      select * from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::timestamptz[], $7::text[], $8::integer[], $9::timestamptz[],
          $10::integer[], $11::integer[], $12::timestamptz[])
        as d (endpoint_id, store_id, lease_no, after_seq, event_id, occurred_at, type, tries, at, status_code, duration_ms, leased_until)),
    held as materialized (
      select endpoint_id, store_id, d.after_seq, c.target_seq, c.test_event from gateway.webhook_cursors c join done d using (endpoint_id, store_id)
      where c.lease_no = d.lease_no order by endpoint_id, store_id for update of c),
    ${nextEvents('held')},
    advanced as (
      update gateway.webhook_cursors c set tries = 0, failing_since = null, ${moved('d.leased_until', 'd.at')}
      from ahead a join done d using (endpoint_id, store_id)
      where c.endpoint_id = a.endpoint_id and c.store_id = a.store_id and c.lease_no = d.lease_no
      returning ${delivery}, c.due_at <= d.at as "isDue"),
    logged as (
      insert into gateway.webhook_deliveries as l (${attemptColumns})
      select d.endpoint_id, d.event_id, d.occurred_at, d.store_id, d.after_seq, d.type, 'delivered', d.tries, d.at, d.status_code, null, d.duration_ms, null, d.at
      from done d join held h using (endpoint_id, store_id) where h.after_seq = d.after_seq
      ${onRepetition})
    select *, ${asyncCommit} from advanced`,
};

/** A delivery that was made. */
export interface Delivered {
  due: DueDelivery;
  attempt: Attempt;
  /** The end of the lease for the next event of its cursor; null: the lease ends, and the cursor stays due when an event waits. */
  leasedUntil: Date | null;
}

/** What follows a delivery: the next event, under the same lease; `due`: an event waits, without a lease; null: none waits, or another process holds a newer lease. */
export type Following = DueDelivery | 'due' | null;

/** Notes deliveries, of different cursors, and reads the next event of each under the same lease. May run twice. @returns what follows each of them */
export async function delivered(db: Queryable, all: readonly Delivered[]): Promise<Following[]> {
  const columns = all.map(({ due, attempt, leasedUntil }) => [
    ...attemptedValues(due, attempt),
    attempt.statusCode,
    attempt.durationMs,
    leasedUntil,
  ]);
  const values = columns[0]?.map((_, n) => columns.map((row) => row[n])) ?? [];
  const { rows } = await db.query<DueDelivery & { isDue: boolean | null } & Record<string, unknown>>({ ...deliveredThen, values });
  const byCursor = new Map(rows.map((row) => [cursorOf(row), row]));
  return all.map(({ due }) => {
    const next = byCursor.get(cursorOf(due));
    if (next?.isDue) return 'due';
    return next && next.seq !== null ? next : null;
  });
}

/** Names the cursor of a delivery. No id has a space. */
const cursorOf = ({ endpointId, storeId }: Pick<DueDelivery, 'endpointId' | 'storeId'>): string => `${endpointId} ${storeId}`;

/** Which delivery was attempted, and when. */
const attemptedValues = (due: DueDelivery, { at }: Attempt): unknown[] => [
  due.endpointId,
  due.storeId,
  due.leaseNo,
  due.seq,
  due.eventId,
  due.occurredAt,
  due.type,
  due.tries + 1,
  at,
];

const valuesOf = (due: DueDelivery, attempt: Attempt): unknown[] => [
  ...attemptedValues(due, attempt),
  attempt.statusCode,
  attempt.error,
  attempt.durationMs,
];

const loggedFailure = (state: string, nextTryAt: string) => `logged as (
      insert into gateway.webhook_deliveries as l (${attemptColumns})
      select $1, $5, $6, $2, $4, $7, ${state}, $8, $9, $10, $11, $12, ${nextTryAt}, null from held
      ${onRepetition})`;

const failedUntil: Statement = {
  name: 'webhook-cursors-failed',
  text: `with held as (
      update gateway.webhook_cursors set tries = $8, failing_since = coalesce(failing_since, $9), due_at = $13, leased_until = null
      where endpoint_id = $1 and store_id = $2 and lease_no = $3 returning endpoint_id),
    ${loggedFailure(`'retrying'`, '$13')}
    select ${asyncCommit} from held`,
};

/** Notes that the attempt failed and when the same event is tried again. Nothing changes when another process holds a newer lease. */
export async function failed(db: Queryable, due: DueDelivery, attempt: Attempt, nextTryAt: Date): Promise<void> {
  await db.query({ ...failedUntil, values: [...valuesOf(due, attempt), nextTryAt] });
}

const failedForGood: Statement = {
  name: 'webhook-cursors-disable',
  text: `with held as (
      update gateway.webhook_cursors set tries = $8, failing_since = coalesce(failing_since, $9), due_at = $9, leased_until = null
      where endpoint_id = $1 and store_id = $2 and lease_no = $3 returning endpoint_id),
    ${loggedFailure(`'failed'`, 'null')}
    update gateway.webhook_endpoints e set disabled_at = $9, disabled_reason = $13, updated_at = $9 from held
    where e.id = held.endpoint_id and e.disabled_at is null`,
};

/** Disables the endpoint. The event stays the next one of its store, for the time when the endpoint is enabled again. */
export async function disable(db: Queryable, due: DueDelivery, attempt: Attempt, reason: string): Promise<void> {
  await db.query({ ...failedForGood, values: [...valuesOf(due, attempt), reason] });
}

const giveBack: Statement = {
  name: 'webhook-cursors-give-back',
  text: `update gateway.webhook_cursors set due_at = $4, leased_until = null where endpoint_id = $1 and store_id = $2 and lease_no = $3`,
};

/** Ends the lease without an attempt: another process may send the event at once. */
export async function release(db: Queryable, { endpointId, storeId, leaseNo }: DueDelivery, now: Date): Promise<void> {
  await db.query({ ...giveBack, values: [endpointId, storeId, leaseNo, now] });
}

const startAgain = `with locked as materialized (
    select store_id, after_seq from gateway.webhook_cursors where endpoint_id = $1 order by store_id for update)
  update gateway.webhook_cursors c set after_seq = f.seq - 1, target_seq = greatest(c.target_seq, s.last_seq), tries = 0, failing_since = null,
    lease_no = c.lease_no + 1, due_at = greatest($3, c.leased_until)
  from locked l join gateway.stores s using (store_id) cross join lateral (
    select o.seq from gateway.outbox o where o.store_id = s.store_id and o.seq is not null and o.occurred_at >= $2 order by o.seq limit 1) f
  where c.endpoint_id = $1 and c.store_id = l.store_id and f.seq <= c.after_seq`;

/** Sends the events since `since` again, in order. A delivery that runs now ends first, so that it cannot arrive between them. */
export async function recover(db: Queryable, endpointId: string, since: Date, now: Date): Promise<void> {
  await db.query({ text: startAgain, values: [endpointId, since, now] });
}

const setTest = `insert into gateway.webhook_cursors as c (endpoint_id, store_id, target_seq, due_at, test_event) values ($1, '*', 1, $3, $2)
  on conflict (endpoint_id, store_id) do update set test_event = excluded.test_event, target_seq = c.after_seq + 1, tries = 0, failing_since = null,
    lease_no = c.lease_no + 1, due_at = excluded.due_at`;

/** Makes a test event due. A test that still waits is replaced. */
export async function sendTest(
  db: Queryable,
  endpointId: string,
  event: { event_id: string; occurred_at: string },
  now: Date,
): Promise<void> {
  await db.query({ text: setTest, values: [endpointId, JSON.stringify(event), now] });
}
