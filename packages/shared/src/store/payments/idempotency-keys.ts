import type { Payment, Refund } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as payments from './payments.ts';
import * as refunds from './refunds.ts';

/** Kept this long: longer than any till retries, short enough that a key may be used again some day. */
export const idempotencyRetentionMs = 72 * 3_600_000;

export interface IdempotencyKey {
  clientId: string;
  operation: 'create-payment' | 'refund-payment';
  key: string;
}

const paymentByKey: Statement = {
  name: 'idempotency-payment',
  text: `select k.fingerprint, k.expires_at <= $4 as "hasExpired", ${payments.columns}
    from gateway.idempotency_keys k join gateway.payments p on p.id = k.resource_id
    where k.client_id = $1 and k.operation = $2 and k.key = $3`,
};

/** What a key was answered with. One that has expired says nothing any more, and has to be freed. */
export interface KeyedPayment {
  fingerprint: string;
  hasExpired: boolean;
  /** In its present state. */
  payment: Payment;
}

export async function findPayment(db: Queryable, key: IdempotencyKey, now: Date): Promise<KeyedPayment | null> {
  const { rows } = await db.query<Payment & Omit<KeyedPayment, 'payment'>>({
    ...paymentByKey,
    values: [key.clientId, key.operation, key.key, now],
  });
  const row = rows[0];
  if (!row) return null;
  const { fingerprint, hasExpired, ...payment } = row;
  return { fingerprint, hasExpired, payment };
}

const refundByKey: Statement = {
  name: 'idempotency-refund',
  text: `select fingerprint, resource_id as id from gateway.idempotency_keys where client_id = $1 and operation = $2 and key = $3 and expires_at > $4`,
};

/** The refund this key was answered with, in its present state. */
export async function findRefund(db: Queryable, key: IdempotencyKey, now: Date): Promise<{ fingerprint: string; refund: Refund } | null> {
  const { rows } = await db.query<{ fingerprint: string; id: string }>({
    ...refundByKey,
    values: [key.clientId, key.operation, key.key, now],
  });
  const refund = rows[0] && (await refunds.find(db, rows[0].id));
  return rows[0] && refund ? { fingerprint: rows[0].fingerprint, refund } : null;
}

const deleteKey: Statement = {
  name: 'idempotency-free',
  text: `delete from gateway.idempotency_keys where client_id = $1 and operation = $2 and key = $3 and (resource_id = $4 or expires_at <= $5)`,
};

/** Makes a key usable again: it has expired, or what it named has failed. */
export function free(trx: Queryable, key: IdempotencyKey, failedResourceId: string | null, now: Date): Promise<unknown> {
  return trx.query({ ...deleteKey, values: [key.clientId, key.operation, key.key, failedResourceId, now] });
}

const insertKey: Statement = {
  name: 'idempotency-bind',
  text: `insert into gateway.idempotency_keys (client_id, operation, key, fingerprint, resource_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
};

/** Binds a key to what it is answered with. Fails (23505) when a twin was faster: then all of the transaction is undone, and its answer is ours. */
export function bind(trx: Queryable, key: IdempotencyKey, fingerprint: string, resourceId: string, now: Date): Promise<unknown> {
  const expiresAt = plusMs(now, idempotencyRetentionMs);
  return trx.query({ ...insertKey, values: [key.clientId, key.operation, key.key, fingerprint, resourceId, now, expiresAt] });
}
