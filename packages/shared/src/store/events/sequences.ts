import type { Database, Statement } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import * as outbox from './outbox.ts';

/** The last published event of a store, as Redis remembers it. */
export interface LastPublished {
  storeId: string;
  seq: number;
  eventId: string;
}

/** A store whose sequence was moved forward, because this database did not know the last published event. */
interface SequenceReset {
  storeId: string;
  /** The last number that this database knew. */
  from: number;
  /** New events are numbered above this number. */
  above: number;
}

const reconcileStores: Statement = {
  name: 'relay-reconcile',
  text: `with last_published as (select * from unnest($1::text[], $2::bigint[], $3::text[]) as h (store_id, seq, event_id)),
    lowest as (select store_id, min(seq) as seq from gateway.outbox where published_at is null and position > 0 group by store_id),
    compared as materialized (
      select h.store_id, h.seq, s.last_seq, s.last_seq < h.seq or not exists (
        select from gateway.outbox o where o.store_id = h.store_id and o.seq = h.seq and o.event_id = h.event_id) as is_unknown
      from last_published h join gateway.stores s using (store_id) left join lowest l using (store_id)
      where s.last_seq < h.seq or l.seq <= h.seq),
    moved as (
      update gateway.stores s set last_seq = greatest(s.last_seq, c.seq), replay_from = greatest(s.last_seq, c.seq) + 1
      from compared c where s.store_id = c.store_id and c.is_unknown
      returning s.store_id, c.last_seq, s.last_seq as above),
    unnumbered as (
      update gateway.outbox o set seq = null, position = null
      from moved r where o.store_id = r.store_id and o.published_at is null and o.position > 0),
    marked as (
      update gateway.outbox o set published_at = $4
      from compared c where o.store_id = c.store_id and not c.is_unknown and o.published_at is null and o.seq <= c.seq)
    select store_id as "storeId", last_seq as "from", above from moved order by store_id`,
};

/**
 * Compares the last published events with this database, for stores where the two may differ. May run twice.
 *
 * When the database knows the event under the same number, every event up to that number is published, and is marked so. When it does
 * not, the database was restored from a backup that is older than the event. Numbering then continues above the published number, and
 * unpublished events get new numbers, so that one number never names two events. `replay_from` of the store records the gap.
 * @returns the stores whose sequence was moved forward; null when another relay holds the lock, so that nothing was done
 */
export function reconcile(db: Database, lastPublished: readonly LastPublished[], at: Date): Promise<SequenceReset[] | null> {
  return inTransaction(db, async (trx) => {
    if (!(await outbox.tryLock(trx))) return null;
    const values = [
      lastPublished.map(({ storeId }) => storeId),
      lastPublished.map(({ seq }) => seq),
      lastPublished.map(({ eventId }) => eventId),
      at,
    ];
    const { rows } = await trx.query<SequenceReset & Record<string, unknown>>({ ...reconcileStores, values });
    return rows;
  });
}
