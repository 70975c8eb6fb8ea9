import type pg from 'pg';
import type { Payment, PaymentId, Refund, RefundId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import { plusMs } from '../../runtime/index.ts';
import * as payments from './payments.ts';
import * as refunds from './refunds.ts';

/** Longer than a till repeats a request. */
const idempotencyRetentionMs = 72 * 3_600_000;

/** The caller's name for one request. */
export interface IdempotencyKey {
  clientId: string;
  operation: 'create-payment' | 'refund-payment' | 'take-tender';
  key: string;
}

const paymentByKey: Statement = {
  name: 'idempotency-payment',
  text: `select k.fingerprint, k.expires_at <= $4 as "hasExpired", ${payments.columns}
    from gateway.idempotency_keys k join gateway.payments p on p.id = k.resource_id
    where k.client_id = $1 and k.operation = $2 and k.key = $3`,
};

const usedKey: Statement = {
  name: 'idempotency-used',
  text: 'select true as "isKeyUsed" from gateway.idempotency_keys where client_id = $1 and operation = $2 and key = $3',
};

/** Finds `isKeyUsed` if a key was ever used and is not free again, as a part of a larger statement: no row, or one. */
export const usedQuery = (key: IdempotencyKey | null): pg.QueryConfig => ({
  ...usedKey,
  values: [key?.clientId ?? null, key?.operation ?? null, key?.key ?? null],
});

export interface KeyedPayment {
  /** Of the request that the key was first used for. */
  fingerprint: string;
  /** An expired key answers no request any more. It must be freed before it is bound again. */
  hasExpired: boolean;
  /** In its present state. */
  payment: Payment;
}

/** The payment that a key was bound to. Null: the key was never used, or is free again. */
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

const resourceByKey: Statement = {
  name: 'idempotency-resource',
  text: `select fingerprint, resource_id as "resourceId" from gateway.idempotency_keys where client_id = $1 and operation = $2 and key = $3 and expires_at > $4`,
};

interface KeyedResource {
  fingerprint: string;
  resourceId: string;
}

/** The id of what a key was bound to. Null: the key was never used, has expired, or is free again. */
export async function findResource(db: Queryable, key: IdempotencyKey, now: Date): Promise<KeyedResource | null> {
  const values = [key.clientId, key.operation, key.key, now];
  const { rows } = await db.query<KeyedResource & Record<string, unknown>>({ ...resourceByKey, values });
  return rows[0] ?? null;
}

/** The refund that a key was bound to, in its present state. Null: the key was never used, has expired, or is free again. */
export async function findRefund(db: Queryable, key: IdempotencyKey, now: Date): Promise<{ fingerprint: string; refund: Refund } | null> {
  const found = await findResource(db, key, now);
  const refund = found && (await refunds.find(db, found.resourceId));
  return found && refund ? { fingerprint: found.fingerprint, refund } : null;
}

const deleteKey: Statement = {
  name: 'idempotency-free',
  text: `delete from gateway.idempotency_keys where client_id = $1 and operation = $2 and key = $3 and (resource_id = $4 or expires_at <= $5)`,
};

/** Deletes a key that has expired or that is bound to `failedResourceId`, so that it can be used again. */
export function free(trx: Queryable, key: IdempotencyKey, failedResourceId: string | null, now: Date): Promise<unknown> {
  return trx.query({ ...deleteKey, values: [key.clientId, key.operation, key.key, failedResourceId, now] });
}

const insertKey: Statement = {
  name: 'idempotency-bind',
  text: `insert into gateway.idempotency_keys (client_id, operation, key, fingerprint, resource_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
};

/**
 * Binds a key to the payment, refund or tender that its request made.
 * @throws unique violation (23505) when a request with the same key committed first; the caller rolls back and gives its answer
 */
export function bind(
  trx: Queryable,
  key: IdempotencyKey,
  fingerprint: string,
  resourceId: PaymentId | RefundId | string,
  now: Date,
): Promise<unknown> {
  const expiresAt = plusMs(now, idempotencyRetentionMs);
  return trx.query({ ...insertKey, values: [key.clientId, key.operation, key.key, fingerprint, resourceId, now, expiresAt] });
}
