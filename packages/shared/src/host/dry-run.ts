import type pg from 'pg';
import {
  type Bill,
  type BillItem,
  DomainError,
  makeBill,
  OrderDoesNotReconcile,
  providerItems,
  type ReconciliationParts,
} from '../payment/index.ts';
import { type Logger, newPaymentId, newReference } from '../runtime/index.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import { HostStatementFailed, OrderKnownByAnotherKey } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import { type HostOrders, hostOrders } from './host-orders.ts';
import type { PayableRead } from './host-reads.ts';
import type { GuardedWriteOutcome } from './host-writes.ts';
import type { HostWrite, HostWriteName } from './statement-parameters.ts';
import { type TableUse, type Touched, touchedSoFar, writesSoFar } from './table-use.ts';

/** What paying one order would do to its host. Nothing of it was kept. */
export interface DryRun {
  host: string;
  /** Null: the host has no such order for this tenant. */
  read: PayableRead | null;
  bill: Bill | null;
  /** Why it cannot be charged, null when it can. */
  refusal: string | null;
  /** As a provider would list them. */
  items: BillItem[];
  steps: DryStep[];
  /** Triggers included. */
  touched: Touched;
}

export interface DryStep {
  name: 'created' | 'paid' | 'paid again' | 'expired';
  outcome: GuardedWriteOutcome;
  /** Whether a host's statement should do so: after `paid`, the other two must find nothing left to do. */
  asItShould: boolean;
  /** Rows that it wrote, its triggers included. */
  rows: TableUse[];
}

/**
 * Reads an order, makes its bill, and tells the host that it was created, paid, paid again and expired, in a transaction that
 * is rolled back: the place where a missing NOT NULL column, a word that a CHECK refuses, a column that only a trigger names, or
 * a missing grant on a sequence shows. Sequences do move on.
 * @throws when the database cannot be reached
 */
export async function dryRun(
  folder: HostFolder,
  url: string,
  { orderId, tenant, now, log }: { orderId: string; tenant: string; now: Date; log: Logger },
): Promise<DryRun> {
  const orders = hostOrders(folder, { log });
  const run = (client: pg.Client, asked: string) =>
    inRolledBackTransaction(client, async () => {
      await client.query(orders.sessionStatement(tenant));
      return payInVain({ folder, client, orders, now }, { orderId: asked, tenant });
    });
  return onOwnConnection(
    url,
    (client) =>
      run(client, orderId).catch((error) => {
        if (error instanceof OrderKnownByAnotherKey) return run(client, error.orderKey);
        throw error;
      }),
    { pipeline: true },
  );
}

interface Trial {
  folder: HostFolder;
  client: pg.Client;
  orders: HostOrders;
  now: Date;
}

async function payInVain(trial: Trial, asked: { orderId: string; tenant: string }): Promise<DryRun> {
  const empty: DryRun = {
    host: trial.folder.id,
    read: null,
    bill: null,
    refusal: null,
    items: [],
    steps: [],
    touched: { read: [], written: [], sequences: [] },
  };
  try {
    const read = await trial.orders.readPayable(trial.client, asked);
    if (!read) return { ...empty, refusal: 'there is no such order of this tenant' };
    const bill = billOf(read, trial.folder);
    if (typeof bill === 'string') return { ...empty, read, refusal: bill };
    const steps = await takeSteps(trial, read, bill);
    return { ...empty, read, bill, items: providerItems(bill), steps, touched: await touchedSoFar(trial.client) };
  } catch (error) {
    if (error instanceof OrderKnownByAnotherKey || !(error instanceof DomainError || error instanceof HostStatementFailed)) throw error;
    return { ...empty, refusal: error.message };
  }
}

/** The bill, or why there is none. */
function billOf({ order, lines, charges }: PayableRead, { money }: HostFolder): Bill | string {
  if (!order.payable) return `it is not payable: ${order.reason ?? 'the host gives no reason'}`;
  try {
    return makeBill({ ...order, lines, charges }, money);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return error instanceof OrderDoesNotReconcile ? `${error.message}: ${sumOf(error.parts)}` : error.message;
  }
}

function sumOf({ total, lineCount, linesTotal, charges, difference }: ReconciliationParts): string {
  const added = charges.filter(({ included }) => !included).map(({ kind, amount }) => ` + ${kind} ${amount}`);
  return `${lineCount} lines ${linesTotal}${added.join('')} is ${difference} off the total ${total}`;
}

const sequence = [
  { name: 'created', write: 'created', expected: ['took_effect', 'absent'] },
  { name: 'paid', write: 'paid', expected: ['took_effect'] },
  { name: 'paid again', write: 'paid', expected: ['refused'] },
  { name: 'expired', write: 'expired', expected: ['refused', 'absent'] },
] as const satisfies readonly { name: DryStep['name']; write: HostWriteName; expected: GuardedWriteOutcome['kind'][] }[];

/** Each step as the gateway takes it: the order's lock first, then the statement in its savepoint. */
async function takeSteps({ folder, client, orders, now }: Trial, { order }: PayableRead, bill: Bill): Promise<DryStep[]> {
  const { orderKey, tenant } = order;
  let values: HostWrite = {
    orderKey,
    orderVersion: order.version,
    tenant,
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
  const steps: DryStep[] = [];
  for (const { name, write, expected } of sequence) {
    if (steps.some(({ asItShould }) => !asItShould)) break; // what comes after a mistake only repeats it
    const locked = await orders.lockOrder(client, { orderKey, tenant });
    values = { ...values, orderVersion: locked?.version ?? null, paidAt: write === 'paid' ? now : values.paidAt };
    const before = await writesSoFar(client);
    const outcome = await orders.writeInSavepoint(client, write, values);
    if (outcome.kind === 'took_effect') values = { ...values, hostPaymentKey: outcome.hostPaymentKey ?? values.hostPaymentKey };
    const asItShould = (expected as readonly string[]).includes(outcome.kind);
    steps.push({ name, outcome, asItShould, rows: outcome.kind === 'took_effect' ? await writesSoFar(client, before) : [] });
  }
  return steps;
}
