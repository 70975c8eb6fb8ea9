import { type Database, hasSqlState, inTransaction, type Statement, sqlState, type Transaction } from '../../postgres/index.ts';

/** The tables that are pruned by age. How long their rows are kept is in the migration `retention`, so that a serving role cannot shorten it. */
const prunedTables = ['outbox', 'payment_events', 'webhook_inbox'] as const;

// Creating and dropping a partition needs a table lock that waits for the end of a long report. All later queries on the table, also a
// till's payment, would wait behind it. So maintenance gives up after 0.2 s and tries again in an hour.
const shortLockTimeout: Statement = { name: 'maintenance-lock-timeout', text: `select set_config('lock_timeout', '200ms', true)` };

const tryMaintenanceLock: Statement = {
  name: 'maintenance-lock',
  text: `select pg_try_advisory_xact_lock(hashtextextended('gateway maintenance', 0)) as "isAcquired"`,
};

/** Runs `work` in a transaction that holds the maintenance lock. Null: another process holds it, and nothing was done. */
function withMaintenanceLock<T>(db: Database, work: (trx: Transaction) => Promise<T>): Promise<T | null> {
  return inTransaction(db, async (trx) => {
    await trx.query(shortLockTimeout);
    const { rows } = await trx.query<{ isAcquired: boolean }>(tryMaintenanceLock);
    return rows[0]?.isAcquired ? await work(trx) : null;
  });
}

/** Creates the partitions of the previous, the current and the next two days or months. May run twice, also at the same time. */
export async function createPartitions(db: Database, at: Date): Promise<void> {
  await withMaintenanceLock(db, (trx) => trx.query({ text: 'select gateway.create_partitions($1)', values: [at] }));
}

/** An expired partition. With `has_unfinished_rows` or `locked` it stays until the next run. */
export interface PartitionResult {
  partition: string;
  result: 'dropped' | 'has_unfinished_rows' | 'locked';
}

/** Drops expired partitions, each in its own transaction. May run twice, also at the same time. @param at an instant that has passed */
export async function dropExpiredPartitions(db: Database, at: Date): Promise<PartitionResult[]> {
  const results: PartitionResult[] = [];
  const lockedTables = new Set<string>();
  const { rows } = await db.pool.query<{ partition: string }>({ ...expiredPartitions, values: [at] });
  for (const { partition } of rows) {
    const table = partition.slice(0, -9); // without `_20260301`
    if (lockedTables.has(table)) continue;
    const result = await dropPartition(db, partition, at);
    if (result) results.push({ partition, result });
    if (result === 'locked') lockedTables.add(table); // a report that reads the whole table locks its other partitions too
  }
  return results;
}

const expiredPartitions: Statement = { name: 'maintenance-expired', text: 'select partition from gateway.expired_partitions($1)' };

/** Null: the partition is dropped already, or another process holds the maintenance lock. */
async function dropPartition(db: Database, partition: string, at: Date): Promise<PartitionResult['result'] | null> {
  try {
    return await withMaintenanceLock(db, async (trx) => {
      const text = 'select gateway.drop_expired_partition($1, $2) as result';
      const { rows } = await trx.query<{ result: 'dropped' | 'has_unfinished_rows' | null }>({ text, values: [partition, at] });
      return rows[0]?.result ?? null;
    });
  } catch (error) {
    if (hasSqlState(error, sqlState.lockNotAvailable)) return 'locked';
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

const deleteExpiredKeys: Statement = {
  name: 'maintenance-idempotency-keys',
  text: `with expired as (
      select client_id, operation, key, expires_at from gateway.idempotency_keys
      where expires_at between $1 and $2 order by expires_at limit ${batch} for update skip locked),
    gone as (delete from gateway.idempotency_keys k using expired e
      where k.client_id = e.client_id and k.operation = e.operation and k.key = e.key)
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
