import type { Database, Statement } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import * as outbox from './outbox.ts';

/** The last event of a store that screens have heard, as somebody outside this database remembers it. */
export interface LastPublished {
  storeId: string;
  seq: number;
  eventId: string;
}

/** A store whose numbers this database has forgotten, and where its numbering goes on. */
export interface SequenceReset {
  storeId: string;
  /** The last number it knew, and the last it will not give again. */
  from: number;
  above: number;
}

const reconcileStores: Statement = {
  name: 'relay-reconcile',
  text: `with last_published as (select * from unnest($1::text[], $2::bigint[], $3::text[]) as h (store_id, seq, event_id)),
    lowest as (select store_id, min(seq) as seq from gateway.outbox where published_at is null and position > 0 group by store_id),
    judged as materialized (
      select h.store_id, h.seq, s.last_seq, s.last_seq < h.seq or not exists (
        select from gateway.outbox o where o.store_id = h.store_id and o.seq = h.seq and o.event_id = h.event_id) as forgotten
      from last_published h join gateway.stores s using (store_id) left join lowest l using (store_id)
      where s.last_seq < h.seq or l.seq <= h.seq),
    resumed as (
      update gateway.stores s set last_seq = greatest(s.last_seq, j.seq), replay_from = greatest(s.last_seq, j.seq) + 1
      from judged j where s.store_id = j.store_id and j.forgotten
      returning s.store_id, j.last_seq, s.last_seq as above),
    unnumbered as (
      update gateway.outbox o set seq = null, position = null
      from resumed r where o.store_id = r.store_id and o.published_at is null and o.position > 0),
    marked as (
      update gateway.outbox o set published_at = $4
      from judged j where o.store_id = j.store_id and not j.forgotten and o.published_at is null and o.seq <= j.seq)
    select store_id as "storeId", last_seq as "from", above from resumed order by store_id`,
};

/**
 * Compares what screens have heard with what this database says it told them, for stores where the two may differ.
 *
 * When the event that was heard last is here under its number, what was numbered before it has been heard too: it is marked.
 * When it is not, the database has moved back behind what was published (a restored backup): numbering goes on above the last
 * number heard, and what waits gets new numbers, so that no number ever means two things. The gap this leaves is written down
 * as the store's `replay_from`. May run twice.
 * @returns the stores whose numbers were forgotten; null when another relay is at work, so that nothing was done
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
