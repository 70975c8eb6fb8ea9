import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';

export type HostStep = 'paid' | 'expired' | 'failed' | 'cancelled' | 'refunded';

export interface HostWrite {
  id: number;
  paymentId: string;
  step: HostStep;
  refundId: string | null;
  tries: number;
}

const owe: Statement = {
  name: 'host-write-owe',
  text: `insert into gateway.host_writes (payment_id, step, refund_id, next_try_at, last_error, created_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
};

/** What the host could not take now; it is tried again at `nextTryAt` until the host took it or an operator closed it. */
export function oweHostWrite(
  trx: Queryable,
  write: { paymentId: string; step: HostStep; refundId?: string; nextTryAt: Date; error: string; at: Date },
): Promise<unknown> {
  return trx.query({ ...owe, values: [write.paymentId, write.step, write.refundId ?? null, write.nextTryAt, write.error, write.at] });
}

const find: Statement = {
  name: 'host-write-find',
  text: `select id, payment_id as "paymentId", step, refund_id as "refundId", tries from gateway.host_writes where id = $1 and done_at is null`,
};

/** Null when it is done or closed. */
export async function findHostWrite(db: Queryable, id: number): Promise<HostWrite | null> {
  const { rows } = await db.query<HostWrite>({ ...find, values: [id] });
  return rows[0] ?? null;
}

const done: Statement = {
  name: 'host-write-done',
  text: `update gateway.host_writes set done_at = $2, next_try_at = null, last_error = $3 where id = $1 and done_at is null`,
};

/** @param note what the host said, when it refused for good */
export function concludeHostWrite(trx: Queryable, id: number, at: Date, note: string | null = null): Promise<unknown> {
  return trx.query({ ...done, values: [id, at, note] });
}
