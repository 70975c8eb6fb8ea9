import { type Database, hasSqlState, inTransaction, type Statement, sqlState, type Transaction } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';

const day = 86_400_000;

interface RetentionRule {
  table: 'outbox' | 'payment_events' | 'webhook_inbox';
  /** The time that one partition holds. Its name ends in the first day of it, `YYYYMMDD` in UTC. */
  span: 'day' | 'month';
  retentionMs: number;
  /** The column that decides a row's partition. */
  timeColumn: 'occurred_at' | 'received_at';
  /** The SQL condition of rows that still need work. They keep their partition, whatever its age; null: no row does. */
  unfinished: string | null;
}

/** How long rows are kept at least. A partition is dropped as a whole, so its first rows stay longer. */
const retentionRules: readonly RetentionRule[] = [
  { table: 'outbox', span: 'day', retentionMs: 3 * day, timeColumn: 'occurred_at', unfinished: 'published_at is null' }, // a client can read missed events for 72 h
  { table: 'payment_events', span: 'month', retentionMs: 400 * day, timeColumn: 'occurred_at', unfinished: null }, // a financial year, and a month to close it
  { table: 'webhook_inbox', span: 'month', retentionMs: 90 * day, timeColumn: 'received_at', unfinished: 'next_try_at is not null' },
];

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

/** Drops expired partitions, each in its own transaction. May run twice, also at the same time. */
export async function dropExpiredPartitions(db: Database, at: Date): Promise<PartitionResult[]> {
  const results: PartitionResult[] = [];
  for (const rule of retentionRules) {
    for (const partition of await expiredPartitions(db, rule, at)) {
      const result = await dropPartition(db, partition, rule);
      if (result) results.push({ partition, result });
      if (result === 'locked') break; // a report that reads the whole table locks its other partitions too
    }
  }
  return results;
}

const partitions: Statement = {
  name: 'maintenance-partitions',
  text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = $1::regclass order by c.relname`,
};

async function expiredPartitions(db: Database, { table, span, retentionMs }: RetentionRule, at: Date): Promise<string[]> {
  const { rows } = await db.pool.query<{ name: string }>({ ...partitions, values: [`gateway.${table}`] });
  return rows
    .map(({ name }) => name)
    .filter((name) => (endOf(name, span)?.getTime() ?? Number.POSITIVE_INFINITY) <= at.getTime() - retentionMs);
}

/** The first instant after a partition's time; null for the default partition, which has no end. */
export function endOf(partition: string, span: RetentionRule['span']): Date | null {
  const [, year, month, date] = /_(\d{4})(\d\d)(\d\d)$/.exec(partition)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return null;
  return new Date(span === 'day' ? Date.UTC(year, month - 1, date + 1) : Date.UTC(year, month, 1));
}

/** Null: the partition is dropped already, or another process holds the maintenance lock. */
async function dropPartition(db: Database, partition: string, { unfinished }: RetentionRule): Promise<PartitionResult['result'] | null> {
  try {
    return await withMaintenanceLock(db, async (trx) => {
      const { rows } = await trx.query<{ isPresent: boolean }>({
        text: 'select to_regclass($1) is not null as "isPresent"',
        values: [`gateway.${partition}`],
      });
      if (!rows[0]?.isPresent) return null;
      if (unfinished && (await trx.query({ text: `select from gateway.${partition} where ${unfinished} limit 1` })).rowCount)
        return 'has_unfinished_rows';
      await trx.query({ text: `drop table gateway.${partition}` });
      return 'dropped';
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
  for (const rule of retentionRules) pruned[`${rule.table}_default`] = await pruneDefault(db, rule, at);
  pruned.idempotency_keys = await pruneIdempotencyKeys(db, at);
  return pruned;
}

async function pruneDefault(db: Database, { table, retentionMs, timeColumn, unfinished }: RetentionRule, at: Date): Promise<number> {
  const text = `delete from gateway.${table}_default where ctid = any (array(
    select ctid from gateway.${table}_default where ${timeColumn} < $1 ${unfinished ? `and not (${unfinished})` : ''} limit ${batch}))`;
  for (let total = 0; ; ) {
    const { rowCount } = await db.pool.query(text, [plusMs(at, -retentionMs)]);
    total += rowCount ?? 0;
    if ((rowCount ?? 0) < batch) return total;
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
