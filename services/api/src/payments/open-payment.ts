import { type Host, type HostOrder, OrderKeyNotCanonical, type PayableRead } from '@gateway/shared/host';
import {
  asOrderKey,
  asPaymentId,
  type Bill,
  makeBill,
  OrderNotPayable,
  type Payment,
  type PaymentId,
  rupiah,
} from '@gateway/shared/payment';
import { hasSqlState, inTransaction, pipelined, sqlState, type Transaction } from '@gateway/shared/postgres';
import { newPaymentId, newReference, plusMs } from '@gateway/shared/runtime';
import { type clients, idempotencyKeys, payments } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { StoreRef, StoreRegistry } from './store-registry.ts';

export interface OpenedPayment {
  /** `replayed`: the Idempotency-Key was used before. `existing`: the order has a live QR for its amount due. `created`: a new payment. */
  kind: 'replayed' | 'existing' | 'created';
  payment: Payment;
  /** The payment whose QR was hidden for this one. Its `leaseNo` is the one that its cancellation job must carry. */
  replaced: Payment | null;
}

export interface OpenRequest {
  host: Host;
  client: clients.Client;
  orderId: string;
  expiresInMs: number;
  key: (idempotencyKeys.IdempotencyKey & { fingerprint: string }) | null;
  now: Date;
  /** The api process that waits for the QR: the worker replies to its channel. */
  replyTo: string;
}

const minRemainingMs = 30_000; // a guest needs about this long to open an app and scan
const chargeWithinMs = 3_000; // when no worker has started the charge by then, the sweep adds its job again
const maxTries = 3;

/**
 * Makes an order payable, or returns the payment that already does. One transaction of three round trips: read, run the host's
 * `created.sql`, write and commit. Nothing slow is computed between the last two, because the host may hold a lock on a counter row.
 * @throws Problem; the errors of the host's statements; the errors of `makeBill`
 */
export async function openPayment(stores: StoreRegistry, request: OpenRequest): Promise<OpenedPayment> {
  let { orderId } = request;
  for (let triesLeft = maxTries; ; ) {
    try {
      return await inTransaction(request.host.db, (trx) => openOnce(trx, stores, { ...request, orderId }));
    } catch (error) {
      if (error instanceof UnregisteredStore) {
        await stores.register(error.store);
        continue;
      }
      triesLeft--;
      if (error instanceof OrderKeyNotCanonical && triesLeft > 0) orderId = error.orderKey;
      else if (!isRetryable(error) || triesLeft === 0) throw error;
    }
  }
}

/**
 * This process has not registered the store yet. The transaction ends before the store is registered, because registering takes another
 * connection. Requests that held one while they waited for another could exhaust the pool and wait for each other.
 */
class UnregisteredStore extends Error {
  readonly store: StoreRef;

  constructor(store: StoreRef) {
    super(`store ${store.storeId} is not registered yet`);
    this.store = store;
  }
}

/** Another request was faster and has inserted the same key or the live payment, or PostgreSQL asks to begin again. */
function isRetryable(error: unknown): boolean {
  return hasSqlState(error, sqlState.uniqueViolation, sqlState.serializationFailure, sqlState.deadlockDetected);
}

async function openOnce(
  trx: Transaction,
  stores: StoreRegistry,
  { host, client, orderId, expiresInMs, key, now, replyTo }: OpenRequest,
): Promise<OpenedPayment> {
  void trx.query(host.orders.sessionStatement(client.tenant));
  const keyed = key ? idempotencyKeys.findPayment(trx, key, now) : Promise.resolve(null);
  const orderRead = host.orders.readPayable(trx, { orderId, tenant: client.tenant });
  const live = payments.findLive(trx, host.id, asOrderKey(orderId));
  live.catch(() => {}); // awaited below, unless an earlier statement decides the request

  const found = await keyed;
  const previous = found?.hasExpired ? null : found;
  if (previous && previous.fingerprint !== key?.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  if (previous && previous.payment.status !== 'failed') {
    await trx.rollback(); // the key decides alone, even when the order could not be read
    return { kind: 'replayed', payment: previous.payment, replaced: null };
  }

  const read = payableBy(client, await orderRead);
  const store = { host, storeId: read.order.storeId, tenant: client.tenant };
  if (!stores.has(store)) throw new UnregisteredStore(store);
  const bill = makeBill({ ...read.order, lines: read.lines, charges: read.charges }, host.folder.money);
  const current = read.order.orderKey === orderId ? await live : await payments.findLive(trx, host.id, read.order.orderKey);
  const bind = (resourceId: PaymentId) =>
    key
      ? [found && idempotencyKeys.free(trx, key, found.payment.id, now), idempotencyKeys.bind(trx, key, key.fingerprint, resourceId, now)]
      : [];
  if (current && isReusable(current, bill, now)) {
    await pipelined([...bind(current.id), trx.commit()]);
    return { kind: 'existing', payment: current, replaced: null };
  }

  const payment = newPayment(host.id, client, read.order, bill, { now, expiresInMs, replyTo });
  payment.hostPaymentKey = await recordInHost(trx, host, payment, read.order);
  const [leaseNo] = await pipelined([
    current && payments.hide(trx, current.id, 'replaced', now),
    ...bind(payment.id), // before the payment: a concurrent request with the same key fails here
    payments.insert(trx, payment),
    trx.commit(),
  ] as const);
  return { kind: 'created', payment, replaced: current && { ...current, leaseNo: leaseNo ?? current.leaseNo } };
}

/** @throws Problem `order_not_found`, also for another tenant's order and for a store that the key does not cover; OrderNotPayable */
function payableBy(client: clients.Client, read: PayableRead | null): PayableRead {
  if (!read || !mayUseStore(client, read.order.storeId))
    throw new Problem('order_not_found', 'No order with this id exists for this key. Check order_id and the key.');
  if (!read.order.payable) throw new OrderNotPayable(read.order.reason ?? 'its state does not allow it');
  return read;
}

/** Whether the live payment can be returned again: same amount, not being cancelled, and with enough time left to scan. */
function isReusable(live: Payment, bill: Bill, now: Date): boolean {
  return live.amount === bill.amount && !live.cancelRequestedAt && live.expiresAt.getTime() - now.getTime() >= minRemainingMs;
}

/** Runs the host's `created.sql`. Returns the key of the host's own payment row; null when the host keeps none. */
async function recordInHost(trx: Transaction, host: Host, payment: Payment, order: HostOrder): Promise<string | null> {
  const hostResult = await host.orders.write(trx, 'created', {
    ...payment,
    paymentId: payment.id,
    orderVersion: order.version,
    recordAmount: payment.recorded,
    now: payment.createdAt,
    refundId: null,
    refundAmount: null,
    refundedTotal: null,
  });
  if (hostResult.kind === 'refused') throw new OrderNotPayable('the host refused a new payment');
  return hostResult.kind === 'took_effect' ? hostResult.hostPaymentKey : null;
}

function newPayment(
  hostId: string,
  client: clients.Client,
  order: HostOrder,
  bill: Bill,
  { now, expiresInMs, replyTo }: { now: Date; expiresInMs: number; replyTo: string },
): Payment {
  return {
    id: asPaymentId(newPaymentId()),
    host: hostId,
    tenant: order.tenant,
    storeId: order.storeId,
    orderKey: order.orderKey,
    orderNumber: order.orderNumber,
    reference: newReference(hostId),
    hostPaymentKey: null,
    clientId: client.id,
    status: 'created',
    version: 1,
    amount: bill.amount,
    received: rupiah(0),
    refunded: rupiah(0),
    settledAttempt: null,
    recorded: bill.recordAmount,
    residue: bill.residue,
    bill,
    qrString: null,
    shownAttempt: null,
    hiddenAt: null,
    cancelRequestedAt: null,
    cancelReason: null,
    reviewSince: null,
    expiresAt: plusMs(now, expiresInMs),
    paidAt: null,
    checkAt: plusMs(now, chargeWithinMs),
    checkedAt: null,
    leaseNo: 0,
    watchUntil: null,
    replyTo,
    route: [],
    createdAt: now,
    updatedAt: now,
    needsReview: false,
  };
}
