import type { Queryable } from '@gateway/shared/postgres';
import type { Finding } from './finding.ts';
import type { Rule } from './rule.ts';

/** An accepted payment releases its order once, and `order.paid` carries the number of the release. */
export const releases: readonly Rule[] = [
  {
    invariant: 'I6',
    name: 'accepted_not_released',
    select: `select p.id as about, a.reference as ours, null as theirs, w.next_try_at is not null as waiting
      from page p join attempts a on a.payment_id = p.id and a.accepted
      left join host_writes w on w.payment_id = p.id and w.step = 'paid' and w.done_at is null
      where not exists (select from gateway.releases r where r.host = p.host and r.order_key = p.order_key and r.payment_id = p.id)
        and not exists (select from discrepancies d where d.payment_id = p.id and d.reason = 'host_not_told')`,
  },
  {
    invariant: 'I6',
    name: 'released_not_once',
    select: `select p.id as about, r.release as ours, count(e.event_id) as theirs
      from page p
      left join gateway.releases r on r.host = p.host and r.order_key = p.order_key and r.payment_id = p.id
      left join events e on e.payment_id = p.id and e.type = 'order.paid'
      group by p.id, r.release having count(e.event_id) <> (case when r.release is null then 0 else 1 end)`,
  },
  {
    invariant: 'I6',
    name: 'release_number_differs',
    select: `select p.id as about, r.release as ours, e.payload#>>'{data,release}' as theirs
      from page p
      join gateway.releases r on r.host = p.host and r.order_key = p.order_key and r.payment_id = p.id
      join events e on e.payment_id = p.id and e.type = 'order.paid'
      where e.payload#>>'{data,release}' <> r.release::text`,
  },
];

/**
 * Sequence numbers of a store that are missing or stand twice, in the days that are kept. A day's partition is dropped as a whole,
 * and an event may be numbered after midnight, so gaps in the oldest hour that is kept are ignored.
 */
const gaps = `select o.store_id as about, 'after ' || o.before as ours, min(o.seq) as theirs
  from (
    select o.store_id, o.seq, lag(o.seq) over line as before, o.occurred_at, min(o.occurred_at) over (partition by o.store_id) as since
    from gateway.stores s join gateway.outbox o on o.store_id = s.store_id and o.seq >= s.replay_from
    where s.store_id = any ($1)
    window line as (partition by o.store_id order by o.seq)) o
  where o.seq <> o.before + 1 and (o.since > $2::timestamptz - interval '71 hours' or o.occurred_at > o.since + interval '1 hour')
  group by o.store_id, o.before
  union all
  select s.store_id, 'last ' || s.last_seq, max(o.seq)
  from gateway.stores s join gateway.outbox o on o.store_id = s.store_id and o.seq is not null
  where s.store_id = any ($1) group by s.store_id, s.last_seq having max(o.seq) > s.last_seq`;

const unpublished = `select store_id as about, count(*) as ours, min(occurred_at) as theirs
  from gateway.outbox where published_at is null and occurred_at < $1::timestamptz - interval '1 minute' group by store_id`;

const storesPerBatch = 20;

/** Checks the sequence numbers of every store, and that events are published within a minute. */
export async function auditSequences(db: Queryable, now: Date): Promise<Finding[]> {
  const { rows: stores } = await db.query<{ id: string }>({ text: 'select store_id as id from gateway.stores order by store_id' });
  const findings: Finding[] = [];
  for (let at = 0; at < stores.length; at += storesPerBatch) {
    const ids = stores.slice(at, at + storesPerBatch).map(({ id }) => id);
    const { rows } = await db.query<{ about: string; ours: string; theirs: number }>({ text: gaps, values: [ids, now] });
    findings.push(...rows.map(({ about, ours, theirs }) => finding('sequence_gap', about, ours, String(theirs))));
  }
  const { rows: unpublishedRows } = await db.query<{ about: string; ours: number; theirs: Date }>({ text: unpublished, values: [now] });
  findings.push(
    ...unpublishedRows.map(({ about, ours, theirs }) =>
      finding('events_not_published', about, `${ours} events`, `since ${theirs.toISOString()}`),
    ),
  );
  return findings;
}

const finding = (rule: string, about: string, ours: string, theirs: string): Finding => ({
  invariant: 'I6',
  rule,
  about,
  ours,
  theirs,
  state: 'broken',
});
