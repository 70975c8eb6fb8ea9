import { type Host, type HostOrder, isPostgresError, OrderKnownByAnotherKey, type PayableRead } from '@gateway/shared/host';
import { type Bill, makeBill, OrderNotPayable, rupiah } from '@gateway/shared/payment';
import { newPaymentId, newReference } from '@gateway/shared/runtime';
import {
  bindKey,
  type Client,
  type Database,
  findKeyedPayment,
  findLivePayment,
  freeKey,
  hidePayment,
  type IdempotencyKey,
  insertPayment,
  inTransaction,
  type Payment,
  sent,
  type Transaction,
} from '@gateway/shared/store';
import { mayUseStore } from '../http/authenticate-client.ts';
import { Problem } from '../http/problem.ts';
import type { ClaimedStores, StoreOf } from './claimed-stores.ts';

/** `replayed`: this key was answered before. `existing`: the order has a live QR for what it owes. `created`: a new payment. */
export interface Opened {
  kind: 'replayed' | 'existing' | 'created';
  payment: Payment;
  /** The payment whose QR was hidden for this one, with the claim that its cancelling is. */
  replaced: Payment | null;
}

export interface ToOpen {
  host: Host<Database>;
  client: Client;
  orderId: string;
  expiresInMs: number;
  key: (IdempotencyKey & { fingerprint: string }) | null;
  now: Date;
  /** Which api process waits for it. */
  replyTo: string;
}

const worthScanningMs = 30_000; // less is no time to find the app and scan
const chargeWithinMs = 3_000; // its job is lost if nobody has claimed the payment by then
const tries = 3;

/**
 * Makes an order payable, or finds that it is: one transaction of three round trips (read; tell the host; write and commit).
 * Nothing is computed between the second and the third: a host's counter may be locked.
 * @throws Problem, and what the host room and `makeBill` throw
 */
export async function openPayment(stores: ClaimedStores, toOpen: ToOpen): Promise<Opened> {
  let { orderId } = toOpen;
  for (let triesLeft = tries; ; ) {
    try {
      return await inTransaction(toOpen.host.db, (trx) => openOnce(trx, stores, { ...toOpen, orderId }));
    } catch (error) {
      if (error instanceof UnclaimedStore) {
        await stores.claim(error.store);
        continue;
      }
      triesLeft--;
      if (error instanceof OrderKnownByAnotherKey && triesLeft > 0) orderId = error.orderKey;
      else if (!isWorthAnotherTry(error) || triesLeft === 0) throw error;
    }
  }
}

/** This process has not seen the store yet. Claimed outside the transaction: twenty that hold a connection and want another would wait for each other. */
class UnclaimedStore extends Error {
  readonly store: StoreOf;

  constructor(store: StoreOf) {
    super(`store ${store.storeId} is not claimed yet`);
    this.store = store;
  }
}

/** A twin was faster (its key, or its live payment, is there now), or Postgres asks to begin again. */
function isWorthAnotherTry(error: unknown): boolean {
  return isPostgresError(error) && ['23505', '40001', '40P01'].includes(error.code);
}

async function openOnce(
  trx: Transaction,
  stores: ClaimedStores,
  { host, client, orderId, expiresInMs, key, now, replyTo }: ToOpen,
): Promise<Opened> {
  void trx.query(host.orders.sessionStatement(client.tenant));
  const keyed = key ? findKeyedPayment(trx, key, now) : Promise.resolve(null);
  const reading = host.orders.readPayable(trx, { orderId, tenant: client.tenant });
  const live = findLivePayment(trx, host.id, orderId);
  live.catch(() => {}); // awaited below, if the order can be paid

  const found = await keyed;
  const before = found?.hasExpired ? null : found;
  if (before && before.fingerprint !== key?.fingerprint)
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new one.');
  if (before && before.payment.status !== 'failed') {
    await trx.rollback(); // whatever else was read, or could not be: this was answered before
    return { kind: 'replayed', payment: before.payment, replaced: null };
  }

  const read = payableBy(client, await reading);
  const store = { host, storeId: read.order.storeId, tenant: client.tenant };
  if (!stores.has(store)) throw new UnclaimedStore(store);
  const bill = makeBill({ ...read.order, lines: read.lines, charges: read.charges }, host.folder.money);
  const present = read.order.orderKey === orderId ? await live : await findLivePayment(trx, host.id, read.order.orderKey);
  const bind = (paymentId: string) =>
    key ? [found && freeKey(trx, key, found.payment.id, now), bindKey(trx, key, key.fingerprint, paymentId, now)] : [];
  if (present && isStillRight(present, bill, now)) {
    await sent([...bind(present.id), trx.commit()]);
    return { kind: 'existing', payment: present, replaced: null };
  }

  const payment = newPayment(host.id, client, read.order, bill, { now, expiresInMs, replyTo });
  payment.hostPaymentKey = await tellHost(trx, host, payment, read.order);
  const [claims] = await sent([
    present && hidePayment(trx, present.id, 'replaced', now),
    ...bind(payment.id), // before the payment: a twin with the same key fails here, and takes nothing with it
    insertPayment(trx, payment),
    trx.commit(),
  ] as const);
  return { kind: 'created', payment, replaced: present && { ...present, claims: claims ?? present.claims } };
}

/** Another tenant's order, and one of a store this key does not cover, are as good as absent. */
function payableBy(client: Client, read: PayableRead | null): PayableRead {
  if (!read || !mayUseStore(client, read.order.storeId))
    throw new Problem('order_not_found', 'No order of yours has this id. Check order_id and the key you use.');
  if (!read.order.payable) throw new OrderNotPayable(read.order.reason ?? 'its state does not allow it');
  return read;
}

function isStillRight(live: Payment, bill: Bill, now: Date): boolean {
  return live.amount === bill.amount && !live.cancelRequestedAt && live.expiresAt.getTime() - now.getTime() >= worthScanningMs;
}

async function tellHost(trx: Transaction, host: Host<Database>, payment: Payment, order: HostOrder): Promise<string | null> {
  const said = await host.orders.write(trx, 'created', {
    ...payment,
    paymentId: payment.id,
    orderVersion: order.version,
    recordAmount: payment.recorded,
    now: payment.createdAt,
    refundId: null,
    refundAmount: null,
    refundedTotal: null,
  });
  if (said.kind === 'refused') throw new OrderNotPayable('its host refuses a new payment for it');
  return said.kind === 'took_effect' ? said.hostPaymentKey : null;
}

function newPayment(
  hostId: string,
  client: Client,
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
    expiresAt: new Date(now.getTime() + expiresInMs),
    paidAt: null,
    checkAt: new Date(now.getTime() + chargeWithinMs),
    checkedAt: null,
    claims: 0,
    watchUntil: null,
    replyTo,
    route: [],
    createdAt: now,
    updatedAt: now,
    needsReview: false,
  };
}
