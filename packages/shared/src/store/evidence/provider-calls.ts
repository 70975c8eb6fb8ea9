import type { Queryable } from '../../postgres/index.ts';

/** A call to a provider, without secrets and personal data. */
export interface StoredCall {
  /** The reference of the attempt, or of the refund. */
  reference: string;
  provider: string;
  account: string;
  operation: string;
  startedAt: Date;
  durationMs: number;
  method: string;
  path: string;
  /** Null: no body was sent. */
  request: string | null;
  /** Null: no complete answer came. */
  status: number | null;
  headers: Readonly<Record<string, string>>;
  answer: string | null;
  failure: string | null;
}

/** As it was read again. */
export interface RecordedCall extends StoredCall, Record<string, unknown> {
  id: number;
}

// The commit does not wait for the disk: what a crash of the server loses is evidence of its last moments, and no money.
const insertRows = {
  name: 'provider-calls-insert',
  text: `with unsynced as materialized (select set_config('synchronous_commit', 'off', true))
    insert into gateway.provider_calls
      (reference, provider, account, operation, started_at, duration_ms, method, path, request, status, headers, answer, failure)
    select c.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::integer[], $7::text[], $8::text[], $9::text[],
      $10::integer[], $11::jsonb[], $12::text[], $13::text[]) c, unsynced`,
};

/** Inserts all rows in one statement. @param withinMs how long the database may take, milliseconds */
export async function insert(db: Queryable, calls: readonly StoredCall[], withinMs: number): Promise<void> {
  const column = (value: (call: StoredCall) => unknown) => calls.map(value);
  const values = [
    column(({ reference }) => reference),
    column(({ provider }) => provider),
    column(({ account }) => account),
    column(({ operation }) => operation),
    column(({ startedAt }) => startedAt),
    column(({ durationMs }) => durationMs),
    column(({ method }) => method),
    column(({ path }) => path),
    column(({ request }) => request),
    column(({ status }) => status),
    column(({ headers }) => JSON.stringify(headers)),
    column(({ answer }) => answer),
    column(({ failure }) => failure),
  ];
  await db.query({ ...insertRows, values, query_timeout: withinMs } as Parameters<Queryable['query']>[0]);
}

const columns = `id, reference, provider, account, operation, started_at as "startedAt", duration_ms as "durationMs", method, path, request, status, headers, answer, failure`;

interface CallsOfPayment {
  /** The references of the attempts and refunds of the payment. */
  references: readonly string[];
  /** When the payment was made. */
  createdAt: Date;
}

const leewayMs = 60_000; // the clocks of two processes differ

const ofPaymentOnly = 'reference = any($1) and started_at >= $2';

const valuesOf = ({ references, createdAt }: CallsOfPayment): unknown[] => [references, new Date(createdAt.getTime() - leewayMs)];

/** The calls that changed something first, then the newest questions about the charge; at most `limit`. */
export async function ofPayment(db: Queryable, payment: CallsOfPayment, limit: number): Promise<RecordedCall[]> {
  const text = `select ${columns} from gateway.provider_calls where ${ofPaymentOnly} order by operation = 'find', id desc limit $3`;
  return (await db.query<RecordedCall>({ text, values: [...valuesOf(payment), limit] })).rows;
}

/** Newest first. @param beforeId only calls that were stored before this one; null: all */
export async function page(db: Queryable, payment: CallsOfPayment, beforeId: number | null, limit: number): Promise<RecordedCall[]> {
  const text = `select ${columns} from gateway.provider_calls where ${ofPaymentOnly} and ($3::bigint is null or id < $3) order by id desc limit $4`;
  return (await db.query<RecordedCall>({ text, values: [...valuesOf(payment), beforeId, limit] })).rows;
}

/** Null: the payment has no such call, or its 30 days are over. */
export async function find(db: Queryable, payment: CallsOfPayment, id: number): Promise<RecordedCall | null> {
  const text = `select ${columns} from gateway.provider_calls where ${ofPaymentOnly} and id = $3`;
  return (await db.query<RecordedCall>({ text, values: [...valuesOf(payment), id] })).rows[0] ?? null;
}
