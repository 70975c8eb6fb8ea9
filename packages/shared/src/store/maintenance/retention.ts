import { setTimeout as delay } from 'node:timers/promises';
import { type Database, inTransaction, isLockTimeout, type Statement, type Transaction } from '../../postgres/index.ts';
import { tillHost } from '../till/order-body.ts';

/** The tables that are pruned by age. How long their rows are kept is in the migration `retention`, so that a serving role cannot shorten it. */
const prunedTables = ['outbox', 'payment_events', 'webhook_inbox', 'webhook_deliveries', 'provider_calls'] as const;

// Creating and dropping a partition needs a table lock. While it waits for the transactions that use the table, all later queries on the
// table, also a till's payment, wait behind it. A transaction of ours ends within milliseconds, and a host's report may take half an hour.
// So maintenance gives up after 50 ms, lets the others through, and tries again. `detach partition concurrently` would not make them
// wait, but PostgreSQL refuses it for a table with a default partition.
const shortLockTimeout: Statement = { name: 'maintenance-lock-timeout', text: `select set_config('lock_timeout', '50ms', true)` };
const lockTries = 10;

export interface RetentionOptions {
  /** How long the others have the table to themselves before the lock is tried again, milliseconds. */
  pauseMs?: number;
}

const tryMaintenanceLock: Statement = {
  name: 'maintenance-lock',
  text: `select pg_try_advisory_xact_lock(hashtextextended('gateway maintenance', 0)) as "isAcquired"`,
};

/**
 * Runs `work` in a transaction that holds the maintenance lock, and again while its table locks cannot be had.
 * @returns null when another process holds the maintenance lock: nothing was done
 * @throws the lock timeout of the last try
 */
async function withMaintenanceLock<T>(
  db: Database,
  { pauseMs = 1_000 }: RetentionOptions,
  work: (trx: Transaction) => Promise<T>,
): Promise<T | null> {
  for (let tries = 1; ; tries++) {
    try {
      return await tryWithMaintenanceLock(db, work);
    } catch (error) {
      if (!isLockTimeout(error) || tries === lockTries) throw error;
      await delay(pauseMs);
    }
  }
}

function tryWithMaintenanceLock<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T | null> {
  return inTransaction(db, async (trx) => {
    await trx.query(shortLockTimeout);
    const { rows } = await trx.query<{ isAcquired: boolean }>(tryMaintenanceLock);
    return rows[0]?.isAcquired ? await work(trx) : null;
  });
}

/** Creates the partitions of the previous, the current and the next two days or months. May run twice, also at the same time. */
export async function createPartitions(db: Database, at: Date, options: RetentionOptions = {}): Promise<void> {
  await withMaintenanceLock(db, options, (trx) => trx.query({ text: 'select gateway.create_partitions($1)', values: [at] }));
}

/** An expired partition. With `has_unfinished_rows` or `locked` it stays until the next run. */
export interface PartitionResult {
  partition: string;
  result: 'dropped' | 'has_unfinished_rows' | 'locked';
}

/** Drops expired partitions, each in its own transaction. May run twice, also at the same time. @param at an instant that has passed */
export async function dropExpiredPartitions(db: Database, at: Date, options: RetentionOptions = {}): Promise<PartitionResult[]> {
  const results: PartitionResult[] = [];
  const lockedTables = new Set<string>();
  const { rows } = await db.pool.query<{ partition: string }>({ ...expiredPartitions, values: [at] });
  for (const { partition } of rows) {
    const table = partition.slice(0, -9); // without `_20260301`
    if (lockedTables.has(table)) continue;
    const result = await dropPartition(db, partition, at, options);
    if (result) results.push({ partition, result });
    if (result === 'locked') lockedTables.add(table); // a report that reads the whole table locks its other partitions too
  }
  return results;
}

const expiredPartitions: Statement = { name: 'maintenance-expired', text: 'select partition from gateway.expired_partitions($1)' };

/** Null: the partition is dropped already, or another process holds the maintenance lock. */
async function dropPartition(
  db: Database,
  partition: string,
  at: Date,
  options: RetentionOptions,
): Promise<PartitionResult['result'] | null> {
  try {
    return await withMaintenanceLock(db, options, async (trx) => {
      const text = 'select gateway.drop_expired_partition($1, $2) as result';
      const { rows } = await trx.query<{ result: 'dropped' | 'has_unfinished_rows' | null }>({ text, values: [partition, at] });
      return rows[0]?.result ?? null;
    });
  } catch (error) {
    if (isLockTimeout(error)) return 'locked';
    throw error;
  }
}

const batch = 1_000; // rows of one statement, so that it holds its row locks for milliseconds only

/**
 * Deletes expired rows that no dropped partition contains: those of the default partitions, and idempotency keys. May run twice, also at
 * the same time. @returns how many rows were deleted, by table
 */
export async function pruneRows(db: Database, at: Date): Promise<Record<string, number>> {
  const pruned: Record<string, number> = {};
  for (const table of prunedTables) pruned[`${table}_default`] = await pruneDefault(db, table, at);
  pruned.idempotency_keys = await pruneIdempotencyKeys(db, at);
  return pruned;
}

async function pruneDefault(db: Database, table: (typeof prunedTables)[number], at: Date): Promise<number> {
  for (let total = 0; ; ) {
    const { rows } = await db.pool.query<{ deleted: number }>('select gateway.prune_default($1, $2, $3) as deleted', [table, at, batch]);
    const { deleted } = rows[0] ?? { deleted: 0 };
    total += deleted;
    if (deleted < batch) return total;
  }
}

// By the places of the locked rows: a join by the key would read the whole table for each batch.
const deleteExpiredKeys: Statement = {
  name: 'maintenance-idempotency-keys',
  text: `with expired as materialized (
      select ctid as place, expires_at from gateway.idempotency_keys
      where expires_at between $1 and $2 order by expires_at limit ${batch} for update skip locked),
    gone as (delete from gateway.idempotency_keys where ctid = any (array(select place from expired)))
    select count(*) as count, max(expires_at) as upto from expired`,
};

async function pruneIdempotencyKeys(db: Database, at: Date): Promise<number> {
  let from = new Date(0); // where the last batch ended, because the rows that it deleted would be read again until vacuum removes them
  for (let total = 0; ; ) {
    const { rows } = await db.pool.query<{ count: number; upto: Date | null }>({ ...deleteExpiredKeys, values: [from, at] });
    const { count, upto } = rows[0] ?? { count: 0, upto: null };
    total += count;
    if (count < batch || !upto) return total;
    from = upto;
  }
}

// By the places of the locked rows, as above. The lines, charges, tenders and payments of an order go with it. What is left to do about its
// money needs the order: an operator who closes a discrepancy looks it up, and a deferred host write is written into it.
const deleteEndedOrders: Statement = {
  name: 'maintenance-till-orders',
  text: `with ended as materialized (
      select ctid as place from till.orders o where status in ('paid', 'void') and updated_at < $1
        and not exists (select from gateway.payments p where p.host = $2 and p.order_key = o.order_key and (
          p.check_at is not null
          or exists (select from gateway.discrepancies d where d.payment_id = p.id and d.closed_at is null)
          or exists (select from gateway.refunds r where r.payment_id = p.id and r.status = 'pending')
          or exists (select from gateway.host_writes w where w.payment_id = p.id and w.done_at is null)))
      order by updated_at limit ${batch} for update skip locked)
    delete from till.orders where ctid = any (array(select place from ended))`,
};

/**
 * Deletes the orders of tills that have been paid or void since before `before`. Open ones stay, and so do those with a payment that has
 * work left, an open discrepancy, a pending refund or a host write that was not accepted. Does nothing where the schema `till` is not.
 * May run twice, also at the same time. @returns how many were deleted
 */
export async function pruneTillOrders(db: Database, before: Date): Promise<number> {
  const { rows } = await db.pool.query<{ isPresent: boolean }>(`select to_regclass('till.orders') is not null as "isPresent"`);
  if (!rows[0]?.isPresent) return 0;
  for (let total = 0; ; ) {
    const { rowCount } = await db.pool.query({ ...deleteEndedOrders, values: [before, tillHost] });
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batch) return total;
  }
}
