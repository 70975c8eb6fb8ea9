import type { Database, Queryable, Statement } from '../../postgres/index.ts';
import { inTransaction } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as auditLog from '../control/audit.ts';

const batch = 500; // rows of one statement, so that it holds its row locks for milliseconds only

// By the ids of the locked rows as one array: a join with them would read all partitions for each batch.
const requeueBatch: Statement = {
  name: 'inbox-replay',
  text: `with chosen as materialized (
      select id from gateway.webhook_inbox
      where received_at >= $1 and id > $2 and ($6::timestamptz is null or received_at < $6) and ($7::text is null or provider = $7 and account = $8)
        and verdict is distinct from 'not_ours' and (processed_at is not null or next_try_at > $3)
      order by id limit ${batch} for update skip locked),
    due as (
      update gateway.webhook_inbox w set processed_at = null, verdict = null, tries = 0, question_at = null,
        next_try_at = $4::timestamptz + array_position(array(select id from chosen), w.id) * $5::integer * interval '1 millisecond'
      where w.id = any (array(select id from chosen)) and w.received_at >= $1
      returning w.id)
    select count(*) as count, max(id) as upto from due`,
};

/** Which webhooks: those received from `since` on, before `until`, of one account. Null: without that limit. */
export interface ReplayRange {
  since: Date;
  until: Date | null;
  account: { provider: string; account: string } | null;
  /** One becomes due every so many milliseconds. */
  everyMs: number;
}

/**
 * Makes every webhook of the range due again, one every `everyMs`, so that the providers' rate limits hold.
 * Webhooks that are not ours or are due already are left out. A replay is safe: each webhook is verified again before it is applied.
 * May run twice. The audit row is committed with the first batch. @returns how many webhooks were made due
 */
export async function range(db: Database, range: ReplayRange, by: auditLog.ActedBy): Promise<number> {
  const first = await inTransaction(db, async (trx) => {
    const batch = await requeue(trx, { ...range, after: 0, at: by.at, total: 0 });
    const subject = subjectOf(range);
    await auditLog.append(trx, { action: 'replay-webhooks', subject }, by);
    return batch;
  });
  let { count: total, upto: after } = first;
  while (after !== null) {
    const { count, upto } = await requeue(db.pool, { ...range, after, at: by.at, total });
    total += count;
    after = upto;
  }
  return total;
}

/** `since 2026-03-02T03:00:00.000Z until 2026-03-03T03:00:00.000Z of midtrans/jkt` */
function subjectOf({ since, until, account }: ReplayRange): string {
  const end = until ? ` until ${until.toISOString()}` : '';
  return `since ${since.toISOString()}${end}${account ? ` of ${account.provider}/${account.account}` : ''}`;
}

interface Batch extends ReplayRange {
  at: Date;
  /** The last id of the batch before. */
  after: number;
  /** How many webhooks were made due before. */
  total: number;
}

async function requeue(
  db: Queryable,
  { since, until, account, everyMs, at, after, total }: Batch,
): Promise<{ count: number; upto: number | null }> {
  const from = plusMs(at, total * everyMs);
  const { rows } = await db.query<{ count: number; upto: number | null }>({
    ...requeueBatch,
    values: [since, after, at, from, everyMs, until, account?.provider, account?.account],
  });
  const { count = 0, upto = null } = rows[0] ?? {};
  return { count, upto };
}

/** Makes one stored webhook due at once. May run twice. @returns its reference; null when this host has no such webhook */
export async function one(db: Database, { id, host }: { id: number; host: string }, by: auditLog.ActedBy): Promise<string | null> {
  return inTransaction(db, async (trx) => {
    const { rows } = await trx.query<{ reference: string }>({
      text: `update gateway.webhook_inbox set processed_at = null, verdict = null, tries = 0, question_at = null, next_try_at = $3
      where id = $1 and split_part(reference, '-', 1) = $2 and verdict is distinct from 'not_ours' returning reference`,
      values: [id, host, by.at],
    });
    if (!rows[0]) return null;
    await auditLog.append(trx, { action: 'replay-webhooks', subject: `${host}-${id}` }, by);
    return rows[0].reference;
  });
}
