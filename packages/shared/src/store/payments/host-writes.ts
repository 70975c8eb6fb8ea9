import type { HostWriteId, PaymentId, RefundId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

export type HostStep = 'paid' | 'expired' | 'failed' | 'cancelled' | 'refunded';

/** One row of `gateway.host_writes`: a deferred host write. */
export interface HostWrite {
  id: HostWriteId;
  paymentId: PaymentId;
  step: HostStep;
  /** Of the step `refunded` only. */
  refundId: RefundId | null;
  leaseNo: number;
}

const insertDeferred: Statement = {
  name: 'host-write-defer',
  text: `insert into gateway.host_writes (payment_id, step, refund_id, next_try_at, last_error, created_at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
};

/** Defers a host write: it is retried from `nextTryAt` on, until the host accepts it or an operator closes it. May run twice. */
export function defer(
  trx: Queryable,
  {
    paymentId,
    step,
    refundId,
    nextTryAt,
    error,
    at,
  }: { paymentId: string; step: HostStep; refundId?: string; nextTryAt: Date; error: string; at: Date },
): Promise<unknown> {
  return trx.query({
    ...insertDeferred,
    values: [paymentId, step, refundId ?? null, nextTryAt, error, at],
  });
}

const openById: Statement = {
  name: 'host-write-find',
  text: `select id, payment_id as "paymentId", step, refund_id as "refundId", lease_no as "leaseNo" from gateway.host_writes where id = $1 and num_nulls(done_at) = 1`,
};

/** Null: the host write is done or closed. */
export async function find(db: Queryable, id: HostWriteId): Promise<HostWrite | null> {
  const { rows } = await db.query<HostWrite>({ ...openById, values: [id] });
  return rows[0] ?? null;
}

const concludeById: Statement = {
  name: 'host-write-done',
  text: `update gateway.host_writes set done_at = $2, next_try_at = null, last_error = $3 where id = $1 and num_nulls(done_at) = 1`,
};

/** Ends a host write. May run twice. @param note the host's error, when it refused the write finally */
export function conclude(trx: Queryable, id: HostWriteId, at: Date, note: string | null = null): Promise<unknown> {
  return trx.query({ ...concludeById, values: [id, at, note] });
}

const rescheduleUnderLease: Statement = {
  name: 'host-write-reschedule',
  text: 'update gateway.host_writes set next_try_at = $3, last_error = $4 where id = $1 and lease_no = $2 and num_nulls(done_at) = 1',
};

/** Sets the time of the next try, with the host's error. Writes nothing when another claim holds the row. */
export function reschedule(
  db: Queryable,
  { id, leaseNo }: Pick<HostWrite, 'id' | 'leaseNo'>,
  nextTryAt: Date,
  error: string,
): Promise<unknown> {
  return db.query({ ...rescheduleUnderLease, values: [id, leaseNo, nextTryAt, error] });
}

const nextRetryOfPayment: Statement = {
  name: 'host-write-next-retry',
  text: `select min(next_try_at) as at from gateway.host_writes where payment_id = $1 and done_at is null`,
};

/** When the next host write of a payment is retried; null when none is deferred. */
export async function nextRetryAt(db: Queryable, paymentId: string): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>({ ...nextRetryOfPayment, values: [paymentId] });
  return rows[0]?.at ?? null;
}
