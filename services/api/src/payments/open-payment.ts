import {
  type Host,
  type HostOrder,
  type HostWrite,
  hostStep,
  OneStatement,
  OrderKeyNotCanonical,
  type PayableRead,
} from '@gateway/shared/host';
import {
  amountDue,
  DomainError,
  makeBill,
  type OrderChange,
  OrderNotPayable,
  orderChange,
  type Payment,
  type PaymentId,
  type UnbookedMoney,
  withUnbooked,
} from '@gateway/shared/payment';
import {
  hasSqlState,
  isBusy,
  isPostgresError,
  pipelined,
  type Queryable,
  type Statement,
  sqlState,
  type Transaction,
} from '@gateway/shared/postgres';
import { plusMs } from '@gateway/shared/runtime';
import { type clients, idempotencyKeys, payments } from '@gateway/shared/store';
import { requireStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import { type OrderToStore, requireBooked, requireSameOrder, sendOrder } from '../orders/store-order.ts';
import { owns } from './find-own-payment.ts';
import { newPayment } from './new-payment.ts';
import { inOrderTransaction } from './order-transaction.ts';
import { readAtOnce, readOneByOne } from './read-for-payment.ts';
import type { StoreRef, StoreRegistry } from './store-registry.ts';

export interface OpenedPayment {
  /**
   * `replayed`: the Idempotency-Key was used before. `existing`: the order has a live QR for its amount due, or a payment that may have
   * been paid. `created`: a new payment.
   */
  kind: 'replayed' | 'existing' | 'created';
  payment: Payment;
  /** The payment whose QR was hidden for this one. Its `leaseNo` is the one that its cancellation job must carry. */
  replaced: Payment | null;
}

export interface OpenRequest {
  host: Host;
  client: clients.Client;
  orderId: string;
  /** The order itself, of a till that sends it with the request. It is stored in the same transaction, or nothing is. */
  order?: OrderToStore | null;
  expiresInMs: number;
  key: (idempotencyKeys.IdempotencyKey & { fingerprint: string }) | null;
  now: Date;
  /** The api process that waits for the QR: the worker replies to its channel. */
  replyTo: string;
}

const minRemainingMs = 30_000; // a guest needs about this long to open an app and scan
const maxTries = 3;

/**
 * Makes an order payable, or returns the payment that already does. A refusal hides the live QR of the order before it is thrown. One
 * transaction of two round trips: one locks and reads, one runs the host's `created.sql` in the statement that writes, and commits. The
 * few statements of the usual case do not tell which one failed, so after an error of theirs everything runs step by step.
 * @param options.isAtOnce false: step by step from the start, for tests that compare the two
 * @throws Problem; the errors of the host's statements; the errors of `makeBill`
 */
export async function openPayment(stores: StoreRegistry, request: OpenRequest, { isAtOnce = true } = {}): Promise<OpenedPayment> {
  let { orderId } = request;
  let isUsualCase = isAtOnce;
  for (let triesLeft = maxTries; ; ) {
    try {
      const result = await inOrderTransaction(request.host, request.client.tenant, (trx) =>
        openOnce(trx, stores, { ...request, orderId }, isUsualCase),
      );
      if (result.kind !== 'refused' && result.kind !== 'step by step') return result;
      if (result.kind === 'refused') throw result.refusal;
      isUsualCase = false;
    } catch (error) {
      if (error instanceof UnregisteredStore) {
        await stores.register(error.store);
        continue;
      }
      triesLeft--;
      if (error instanceof OrderKeyNotCanonical && triesLeft > 0) orderId = error.orderKey;
      else if (isRetryable(error) && triesLeft > 0) continue;
      else if (isUsualCase && isPostgresError(error) && !isBusy(error)) isUsualCase = false;
      else throw error;
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

/** The order may not be paid, so its live QR was hidden, and that is committed. */
interface Refused {
  kind: 'refused';
  refusal: unknown;
}

/** The usual case does not apply: the key was used before. */
interface StepByStep {
  kind: 'step by step';
}

async function openOnce(
  trx: Transaction,
  stores: StoreRegistry,
  request: OpenRequest,
  isAtOnce: boolean,
): Promise<OpenedPayment | Refused | StepByStep> {
  const stored = request.order ? sendOrder(trx, request.order) : null; // in the round trip of the reads
  stored?.catch(() => {}); // a key that was used before decides alone
  const reads = isAtOnce ? await readAtOnce(trx, request) : await readOneByOne(trx, request);
  if (!reads || 'replayed' in reads) {
    await trx.rollback();
    return reads ? { kind: 'replayed', payment: reads.replayed, replaced: null } : { kind: 'step by step' };
  }
  if (request.order) await ((await stored) === null ? requireSameOrder(trx, request.order) : requireBooked(reads.decisive));
  const { host, client, key, now } = request;
  const { found, hostRead } = reads;
  const { payment: current, unbooked, fullSince } = reads.decisive;
  const bind = (to: Queryable, resourceId: PaymentId) =>
    key
      ? [found && idempotencyKeys.free(to, key, found.payment.id, now), idempotencyKeys.bind(to, key, key.fingerprint, resourceId, now)]
      : [];
  try {
    const read = withMoneyNotBooked(payableBy(client, hostRead), unbooked);
    return await openForOrder(trx, stores, { ...request, isAtOnce, read, current, fullSince, bind });
  } catch (refusal) {
    const isOwn = current !== null && owns(client, current);
    const change = isOwn ? changeBehind(refusal, { host, order: hostRead?.order ?? null, unbooked, live: current }) : null;
    if (!current || !change || request.order) throw refusal;
    await pipelined([payments.hide(trx, current.id, change, now), trx.commit()]);
    return { kind: 'refused', refusal };
  }
}

interface PayableOrder extends OpenRequest {
  read: PayableReadNow;
  /** The payment that decides whether the order may get a QR. */
  current: Payment | null;
  /** When the oldest of the order's last payments was made, if there are as many as a minute allows. */
  fullSince: payments.Decisive['fullSince'];
  /** The statements that bind the Idempotency-Key to a payment. */
  bind(to: Queryable, resourceId: PaymentId): (Promise<unknown> | null)[];
  /** Whether the usual case is written with one statement. */
  isAtOnce: boolean;
}

async function openForOrder(trx: Transaction, stores: StoreRegistry, payable: PayableOrder): Promise<OpenedPayment> {
  const { host, client, read, current, bind, now } = payable;
  const store = { host, storeId: read.order.storeId, tenant: client.tenant };
  if (!stores.has(store)) throw new UnregisteredStore(store);
  // A guest who may have paid by the first QR must not get a second one.
  if (current && (current.reviewSince || isReusable(current, read.order, payable))) return answerExisting(trx, current, payable);
  if (read.awaitsBooking && amountDue(read.order.total, read.order.paid, host.folder.money).amount < 1)
    throw new OrderNotPayable('a QRIS payment of this order is accepted, and the host has not booked it yet');
  refuseLoop(payable);
  const bill = makeBill({ ...read.order, lines: read.lines, charges: read.charges }, host.folder.money);

  const payment = newPayment(host.id, client, read.order, bill, payable);
  if (payable.isAtOnce && !current && (await insertAtOnce(trx, payment, payable))) return { kind: 'created', payment, replaced: null };
  payment.hostPaymentKey = await recordInHost(trx, host, payment, { order: read.order, isReplacing: current !== null });
  const [leaseNo] = await pipelined([
    current && payments.hide(trx, current.id, 'replaced', now),
    ...bind(trx, payment.id), // before the payment: a concurrent request with the same key fails here
    payments.insert(trx, payment),
    trx.commit(),
  ] as const);
  return { kind: 'created', payment, replaced: current && { ...current, leaseNo: leaseNo ?? current.leaseNo } };
}

/**
 * Runs the host's `created.sql`, binds the key and inserts the payment in one statement, and commits. Everything fails when the host
 * refuses. @returns false when the host's statement cannot be part of it, and nothing was sent
 */
async function insertAtOnce(trx: Transaction, payment: Payment, { host, read, bind }: PayableOrder): Promise<boolean> {
  const { folder, orders } = host;
  const created = orders.parts.write('created', createdValues(payment, read.order));
  if (!created && folder.statements.created) return false;
  const statement = new OneStatement(created);
  const written = [...bind(statement, payment.id), payments.insert(statement, payment, created ? hostStep : undefined)];
  [payment.hostPaymentKey] = await pipelined([statement.send(trx), ...written, trx.commit()] as const);
  return true;
}

/** A till's key that creates and cancels in a loop costs two calls to the provider each time. */
function refuseLoop({ fullSince, now }: PayableOrder): void {
  const freeAt = fullSince && plusMs(fullSince, 60_000);
  if (!freeAt || freeAt <= now) return;
  const retryAfter = Math.ceil((freeAt.getTime() - now.getTime()) / 1_000);
  const detail = `This order got ${payments.maxPerMinute} new payments within a minute. Try again in ${retryAfter} seconds.`;
  throw new Problem('rate_limited', detail, { retryAfter });
}

async function answerExisting(trx: Transaction, payment: Payment, { bind }: PayableOrder): Promise<OpenedPayment> {
  await pipelined([...bind(trx, payment.id), trx.commit()]);
  return { kind: 'existing', payment, replaced: null };
}

/** Why a refusal hides the live QR of its order. Null: the QR stays, and so does one whose guest may have paid. */
function changeBehind(
  refusal: unknown,
  { host, order, unbooked, live }: { host: Host; order: HostOrder | null; unbooked: readonly UnbookedMoney[]; live: Payment },
): OrderChange | null {
  const isRefusal = refusal instanceof DomainError || refusal instanceof Problem;
  if (!isRefusal || live.reviewSince) return null;
  const isNotPayable = refusal instanceof OrderNotPayable;
  try {
    return orderChange(order, live.bill, host.folder.money, unbooked) ?? (isNotPayable ? 'order_closed_elsewhere' : null);
  } catch {
    return isNotPayable ? 'order_closed_elsewhere' : null; // a figure of the order is not a number
  }
}

interface PayableReadNow extends PayableRead {
  /** Accepted money that the host has not booked yet is part of `order.paid`. */
  awaitsBooking: boolean;
}

/** Money that was accepted and that the host has not booked yet is not owed again. @throws OrderNotPayable */
function withMoneyNotBooked(read: PayableRead, unbooked: readonly UnbookedMoney[]): PayableReadNow {
  const { paid, booked } = withUnbooked(read.order.paid, unbooked);
  const awaitsBooking = booked.length < unbooked.length;
  return { ...read, order: awaitsBooking ? { ...read.order, paid } : read.order, awaitsBooking };
}

/** @throws Problem `order_not_found`, also for another tenant's order and for a store that the key does not cover; OrderNotPayable */
function payableBy(client: clients.Client, read: PayableRead | null): PayableRead {
  const notFound = new Problem('order_not_found', 'No order with this id exists for this key. Check order_id and the key.');
  if (!read) throw notFound;
  requireStore(client, read.order.storeId, notFound);
  if (!read.order.payable) throw new OrderNotPayable(read.order.reason ?? 'its state does not allow it');
  return read;
}

/** Whether the live payment can be returned again: for the amount due, not being cancelled, and with enough time left to scan. */
function isReusable(live: Payment, order: HostOrder, { host, now }: PayableOrder): boolean {
  const isForAmountDue = orderChange(order, live.bill, host.folder.money) === null;
  return isForAmountDue && !live.cancelRequestedAt && live.expiresAt.getTime() - now.getTime() >= minRemainingMs;
}

const beforeHost: Statement = { name: 'before-host', text: 'savepoint before_host' };
const undoHost: Statement = { name: 'undo-host', text: 'rollback to savepoint before_host' };

/**
 * Runs the host's `created.sql`. Returns the key of the host's own payment row; null when the host keeps none.
 * @throws OrderNotPayable when the host refuses. What its statement wrote is undone, because the refusal of a payment that replaces
 *   another one commits that the other one is hidden
 */
async function recordInHost(
  trx: Transaction,
  host: Host,
  payment: Payment,
  { order, isReplacing }: { order: HostOrder; isReplacing: boolean },
): Promise<string | null> {
  if (isReplacing) void trx.query(beforeHost);
  const hostResult = await host.orders.write(trx, 'created', createdValues(payment, order));
  if (hostResult.kind !== 'refused') return hostResult.kind === 'took_effect' ? hostResult.hostPaymentKey : null;
  if (isReplacing) await trx.query(undoHost);
  throw new OrderNotPayable('the host refused a new payment');
}

const createdValues = (payment: Payment, order: HostOrder): HostWrite => ({
  ...payment,
  paymentId: payment.id,
  orderVersion: order.version,
  recordAmount: payment.recorded,
  now: payment.createdAt,
  refundId: null,
  refundAmount: null,
  refundedTotal: null,
});
