import type { GuardedWriteOutcome, HostFolder, HostOrder, HostOrders, HostWrite, HostWriteName, PayableRead } from '@gateway/shared/host';
import { HostStatementFailed, OrderKeyNotCanonical } from '@gateway/shared/host';
import { amountDue, type Bill, DomainError, makeBill, OrderDoesNotReconcile, type ReconciliationParts } from '@gateway/shared/payment';
import { newPaymentId, newReference, newRefundId, plusMs } from '@gateway/shared/runtime';
import type pg from 'pg';

/** A host on one connection, in a transaction that will be rolled back. */
export interface DryRunSession {
  folder: HostFolder;
  client: pg.Client;
  orders: HostOrders;
}

/** `bill` when the order can be charged, else `refusal` with the reason. `read` is null when the order could not be read. */
export type DryRunRead = { read: PayableRead; bill: Bill; refusal: null } | { read: PayableRead | null; bill: null; refusal: string };

export const noSuchOrder = 'there is no such order of this tenant';

/** Reads an order and makes its bill. @throws OrderKeyNotCanonical: the transaction is aborted; read the error's `orderKey` in a new one */
export async function readInDryRun(
  { folder, client, orders }: DryRunSession,
  request: { orderId: string; tenant: string },
): Promise<DryRunRead> {
  let read: PayableRead | null = null;
  try {
    read = await orders.readPayable(client, request);
    if (!read) return { read, bill: null, refusal: noSuchOrder };
    const { order, lines, charges } = read;
    if (!order.payable) return { read, bill: null, refusal: `it is not payable: ${order.reason ?? 'the host gives no reason'}` };
    return { read, bill: makeBill({ ...order, lines, charges }, folder.money), refusal: null };
  } catch (error) {
    if (error instanceof OrderKeyNotCanonical || !(error instanceof DomainError || error instanceof HostStatementFailed)) throw error;
    return {
      read,
      bill: null,
      refusal: error instanceof OrderDoesNotReconcile ? `${error.message}: ${sumOf(error.parts)}` : error.message,
    };
  }
}

function sumOf({ total, lineCount, linesTotal, charges, difference }: ReconciliationParts): string {
  const added = charges.filter(({ included }) => !included).map(({ kind, amount }) => ` + ${kind} ${amount}`);
  return `${lineCount} lines ${linesTotal}${added.join('')} is ${difference} off the total ${total}`;
}

/** The values of a write for a payment that is created now and expires in 15 minutes. */
export function paymentOf(order: HostOrder, bill: Bill, { folder }: DryRunSession, now: Date): HostWrite {
  return {
    orderKey: order.orderKey,
    orderVersion: order.version,
    tenant: order.tenant,
    storeId: order.storeId,
    paymentId: newPaymentId(),
    reference: newReference(folder.id),
    hostPaymentKey: null,
    refundId: null,
    amount: bill.amount,
    refundAmount: null,
    refundedTotal: null,
    recordAmount: bill.recordAmount,
    residue: bill.residue,
    now,
    paidAt: null,
    expiresAt: plusMs(now, 15 * 60_000),
    issuer: 'dana',
    receipt: '123456789012',
    provider: 'midtrans',
    providerChargeId: '9aed5972-5b6a-401e-894b-a32c91ed1a3a',
    fee: null,
  };
}

/** Writes as the gateway does: first it locks the order, then it runs the statement in a savepoint. */
export async function writeInDryRun(
  { client, orders }: DryRunSession,
  name: HostWriteName,
  payment: HostWrite,
  { now, overrides = {} }: { now: Date; overrides?: Partial<HostWrite> },
): Promise<{ outcome: GuardedWriteOutcome; payment: HostWrite }> {
  const locked = await orders.lockOrder(client, payment);
  const values = { ...payment, now, orderVersion: locked?.version ?? null, ...(name === 'paid' ? { paidAt: now } : {}), ...overrides };
  const outcome = await orders.writeInSavepoint(client, name, values);
  const hostPaymentKey = (outcome.kind === 'took_effect' ? outcome.hostPaymentKey : null) ?? values.hostPaymentKey;
  return { outcome, payment: { ...values, hostPaymentKey } };
}

/** The orders in which a payment's writes run, so that each of the six has something to write. */
export const writePaths: readonly (readonly HostWriteName[])[] = [
  ['created', 'paid', 'refunded'],
  ['created', 'expired'],
  ['created', 'failed'],
  ['created', 'cancelled'],
];

/** Runs the writes of one path, up to the first one that raises. A refund is of the whole payment. */
export async function runWrites(
  session: DryRunSession,
  payment: HostWrite,
  path: readonly HostWriteName[],
  now: Date,
): Promise<{ name: HostWriteName; outcome: GuardedWriteOutcome }[]> {
  const writes: { name: HostWriteName; outcome: GuardedWriteOutcome }[] = [];
  let values = payment;
  for (const name of path) {
    const { amount } = values;
    const overrides = name === 'refunded' ? { refundId: newRefundId(), refundAmount: amount, refundedTotal: amount } : {};
    const { outcome, payment: updated } = await writeInDryRun(session, name, values, { now, overrides });
    values = updated;
    writes.push({ name, outcome });
    if (outcome.kind === 'raised') break;
  }
  return writes;
}

/** What the order owes now, as a press would find it, in whole rupiah. An order that cannot be read is `raised`. */
export async function dueNow(
  { folder, client, orders }: DryRunSession,
  payment: HostWrite,
): Promise<{ kind: 'nothing_due' } | { kind: 'due'; amount: number } | { kind: 'raised'; postgres: string; code: null }> {
  try {
    const order = await inSavepoint(client, 'dry_run_due', () => orders.lockOrder(client, payment));
    const amount = order ? amountDue(order.total, order.paid, folder.money).amount : 0;
    return amount < 1 ? { kind: 'nothing_due' } : { kind: 'due', amount };
  } catch (error) {
    if (!(error instanceof DomainError || error instanceof HostStatementFailed)) throw error;
    return { kind: 'raised', postgres: error.message, code: null };
  }
}

/** Runs `work` in a savepoint that is always rolled back, also after an error. */
export async function inSavepoint<T>(client: pg.Client, savepoint: string, work: () => Promise<T>): Promise<T> {
  await client.query(`savepoint ${savepoint}`);
  try {
    return await work();
  } finally {
    await client.query(`rollback to savepoint ${savepoint}`);
  }
}
