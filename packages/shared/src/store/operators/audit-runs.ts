import { type Database, inTransaction, type Queryable } from '../../postgres/index.ts';

/** One run of the audit that is made daily. */
export interface AuditRun {
  since: Date;
  startedAt: Date;
  finishedAt: Date;
  payments: number;
  /** Findings that need an operator. */
  broken: number;
  /** Findings that are retried automatically. */
  waiting: number;
  /** False: there were more payments than one run may read, or a host could not be read. */
  isComplete: boolean;
}

export interface AuditFinding {
  invariant: string;
  rule: string;
  about: string;
  ours: string | null;
  theirs: string | null;
  state: 'broken' | 'waiting';
}

const keptRuns = 30; // a month

/** Makes the first audit of a database due at this time. May run twice: the first time stays. */
export function scheduleFirst(db: Queryable, at: Date): Promise<unknown> {
  return db.query({ text: 'update gateway.audit_schedule set next_at = $1 where next_at is null', values: [at] });
}

/** Takes the audit of a database, if it is due, until the lease ends. @returns the lease number; null when it is not due */
export async function claim(db: Queryable, now: Date, leaseUntil: Date): Promise<number | null> {
  const { rows } = await db.query<{ leaseNo: number }>({
    text: 'update gateway.audit_schedule set next_at = $2, lease_no = lease_no + 1 where next_at <= $1 returning lease_no as "leaseNo"',
    values: [now, leaseUntil],
  });
  return rows[0]?.leaseNo ?? null;
}

/** Makes the audit due again at another time. @returns false when another process holds a newer lease */
export async function postpone(db: Queryable, leaseNo: number, nextAt: Date): Promise<boolean> {
  const { rowCount } = await db.query({
    text: 'update gateway.audit_schedule set next_at = $2 where lease_no = $1',
    values: [leaseNo, nextAt],
  });
  return rowCount === 1;
}

/**
 * Stores a run with its findings, makes the next one due, and deletes runs that are older than a month of them, in one transaction.
 * @returns false when another process holds a newer lease: then nothing was written
 */
export async function store(
  db: Database,
  leaseNo: number,
  { run, findings, nextAt }: { run: AuditRun; findings: readonly AuditFinding[]; nextAt: Date },
): Promise<boolean> {
  return inTransaction(db, async (trx) => {
    if (!(await postpone(trx, leaseNo, nextAt))) return false;
    const { since, startedAt, finishedAt, payments, broken, waiting, isComplete } = run;
    const { rows } = await trx.query<{ id: number }>({
      text: `insert into gateway.audit_runs (since, started_at, finished_at, payments, broken, waiting, is_complete)
        values ($1, $2, $3, $4, $5, $6, $7) returning id`,
      values: [since, startedAt, finishedAt, payments, broken, waiting, isComplete],
    });
    await trx.query({
      text: `insert into gateway.audit_findings (run_id, no, invariant, rule, about, ours, theirs, state)
        select $1, f.no, f.invariant, f.rule, f.about, f.ours, f.theirs, f.state from rows from
          (jsonb_to_recordset($2) as (invariant text, rule text, about text, ours text, theirs text, state text))
          with ordinality as f (invariant, rule, about, ours, theirs, state, no)`,
      values: [rows[0]?.id, JSON.stringify(findings)],
    });
    await trx.query({
      text: `delete from gateway.audit_runs where id <= (select id from gateway.audit_runs order by id desc offset ${keptRuns} limit 1)`,
    });
    return true;
  });
}

/** The last run; null: none was made yet. */
export async function latest(db: Queryable): Promise<AuditRun | null> {
  const { rows } = await db.query<AuditRun>({
    text: `select since, started_at as "startedAt", finished_at as "finishedAt", payments, broken, waiting, is_complete as "isComplete"
      from gateway.audit_runs order by id desc limit 1`,
  });
  return rows[0] ?? null;
}

/** The findings of the last run, those that need an operator first. */
export async function findings(db: Queryable, limit: number): Promise<AuditFinding[]> {
  const { rows } = await db.query<AuditFinding>({
    text: `select invariant, rule, about, ours, theirs, state from gateway.audit_findings
      where run_id = (select max(id) from gateway.audit_runs) order by state, no limit $1`,
    values: [limit],
  });
  return rows;
}
