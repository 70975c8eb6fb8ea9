import { type Host, type HostOrder, OrderKeyNotCanonical, type PayableRead } from '@gateway/shared/host';
import { type Bill, makeBill, OrderNotPayable, type Payment, rupiah } from '@gateway/shared/payment';
import { hasSqlState, inTransaction, pipelined, sqlState, type Transaction } from '@gateway/shared/postgres';
import { newPaymentId, newReference, plusMs } from '@gateway/shared/runtime';
import { type clients, idempotencyKeys, payments } from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { StoreRef, StoreRegistry } from './store-registry.ts';

/** `replayed`: this key was answered before. `existing`: the order has a live QR for what it owes. `created`: a new payment. */
export interface OpenedPayment {
  kind: 'replayed' | 'existing' | 'created';
  payment: Payment;
  /** The payment whose QR was hidden for this one, with the claim that its cancelling is. */
  replaced: Payment | null;
}

export interface OpenRequest {
  host: Host;
  client: clients.Client;
  orderId: string;
  expiresInMs: number;
  key: (idempotencyKeys.IdempotencyKey & { fingerprint: string }) | null;
  now: Date;
  /** Which api process waits for it. */
  replyTo: string;
}

const minRemainingMs = 30_000; // less is no time to find the app and scan
const chargeWithinMs = 3_000; // its job is lost if nobody has claimed the payment by then
const maxTries = 3;

/**
 * Makes an order payable, or finds that it is: one transaction of three round trips (read; tell the host; write and commit).
 * Nothing is computed between the second and the third: a host's counter may be locked.
 * @throws Problem, and what the host room and `makeBill` throw
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

/** This process has not seen the store yet. Claimed outside the transaction: twenty that hold a connection and want another would wait for each other. */
class UnregisteredStore extends Error {
  readonly store: StoreRef;

  constructor(store: StoreRef) {
    super(`store ${store.storeId} is not registered yet`);
    this.store = store;
  }
}

/** A twin was faster (its key, or its live payment, is there now), or Postgres asks to begin again. */
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
  const live = payments.findLive(trx, host.id, orderId);
  live.catch(() => {}); // awaited below, if the order can be paid

  const found = await keyed;
  const previous = found?.hasExpired ? null : found;
  if (previous && previous.fingerprint !== key?.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  if (previous && previous.payment.status !== 'failed') {
    await trx.rollback(); // whatever else was read, or could not be: this was answered before
    return { kind: 'replayed', payment: previous.payment, replaced: null };
  }

  const read = payableBy(client, await orderRead);
  const store = { host, storeId: read.order.storeId, tenant: client.tenant };
  if (!stores.has(store)) throw new UnregisteredStore(store);
  const bill = makeBill({ ...read.order, lines: read.lines, charges: read.charges }, host.folder.money);
  const current = read.order.orderKey === orderId ? await live : await payments.findLive(trx, host.id, read.order.orderKey);
  const bind = (paymentId: string) =>
    key
      ? [found && idempotencyKeys.free(trx, key, found.payment.id, now), idempotencyKeys.bind(trx, key, key.fingerprint, paymentId, now)]
      : [];
  if (current && isReusable(current, bill, now)) {
    await pipelined([...bind(current.id), trx.commit()]);
    return { kind: 'existing', payment: current, replaced: null };
  }

  const payment = newPayment(host.id, client, read.order, bill, { now, expiresInMs, replyTo });
  payment.hostPaymentKey = await recordInHost(trx, host, payment, read.order);
  const [leaseNo] = await pipelined([
    current && payments.hide(trx, current.id, 'replaced', now),
    ...bind(payment.id), // before the payment: a twin with the same key fails here, and takes nothing with it
    payments.insert(trx, payment),
    trx.commit(),
  ] as const);
  return { kind: 'created', payment, replaced: current && { ...current, leaseNo: leaseNo ?? current.leaseNo } };
}

/** Another tenant's order, and one of a store this key does not cover, are as good as absent. */
function payableBy(client: clients.Client, read: PayableRead | null): PayableRead {
  if (!read || !mayUseStore(client, read.order.storeId))
    throw new Problem('order_not_found', 'No order with this id exists for this key. Check order_id and the key.');
  if (!read.order.payable) throw new OrderNotPayable(read.order.reason ?? 'its state does not allow it');
  return read;
}

function isReusable(live: Payment, bill: Bill, now: Date): boolean {
  return live.amount === bill.amount && !live.cancelRequestedAt && live.expiresAt.getTime() - now.getTime() >= minRemainingMs;
}

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
    id: newPaymentId(),
    host: hostId,
    tenant: client.tenant,
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
