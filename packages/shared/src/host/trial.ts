import type pg from 'pg';
import { type Bill, DomainError, makeBill, OrderDoesNotReconcile, type ReconciliationParts } from '../payment/index.ts';
import { newPaymentId, newReference } from '../runtime/index.ts';
import { HostStatementFailed, OrderKnownByAnotherKey } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import type { HostOrder } from './host-order.ts';
import type { HostOrders } from './host-orders.ts';
import type { PayableRead } from './host-reads.ts';
import type { GuardedWriteOutcome } from './host-writes.ts';
import type { HostWrite, HostWriteName } from './statement-parameters.ts';

/** A host tried out, on one connection, in a transaction that will be rolled back. */
export interface Trial {
  folder: HostFolder;
  client: pg.Client;
  orders: HostOrders;
}

/** `bill` or `refusal`: an order can be charged, or not and why. `read` is null when it could not even be read. */
export type TrialRead = { read: PayableRead; bill: Bill; refusal: null } | { read: PayableRead | null; bill: null; refusal: string };

export const noSuchOrder = 'there is no such order of this tenant';

/** @throws OrderKnownByAnotherKey the transaction is aborted: ask again for its `orderKey` */
export async function readInTrial({ folder, client, orders }: Trial, asked: { orderId: string; tenant: string }): Promise<TrialRead> {
  let read: PayableRead | null = null;
  try {
    read = await orders.readPayable(client, asked);
    if (!read) return { read, bill: null, refusal: noSuchOrder };
    const { order, lines, charges } = read;
    if (!order.payable) return { read, bill: null, refusal: `it is not payable: ${order.reason ?? 'the host gives no reason'}` };
    return { read, bill: makeBill({ ...order, lines, charges }, folder.money), refusal: null };
  } catch (error) {
    if (error instanceof OrderKnownByAnotherKey || !(error instanceof DomainError || error instanceof HostStatementFailed)) throw error;
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

/** What the host would be told of a payment that is made now. */
export function paymentOf(order: HostOrder, bill: Bill, { folder }: Trial, now: Date): HostWrite {
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
    expiresAt: new Date(now.getTime() + 15 * 60_000),
  };
}

/** As the gateway writes: the order's lock first, then the statement in its savepoint. */
export async function tellInTrial(
  { client, orders }: Trial,
  name: HostWriteName,
  payment: HostWrite,
  { now, given = {} }: { now: Date; given?: Partial<HostWrite> },
): Promise<{ outcome: GuardedWriteOutcome; payment: HostWrite }> {
  const locked = await orders.lockOrder(client, payment);
  const told = { ...payment, now, orderVersion: locked?.version ?? null, ...(name === 'paid' ? { paidAt: now } : {}), ...given };
  const outcome = await orders.writeInSavepoint(client, name, told);
  const hostPaymentKey = (outcome.kind === 'took_effect' ? outcome.hostPaymentKey : null) ?? told.hostPaymentKey;
  return { outcome, payment: { ...told, hostPaymentKey } };
}
