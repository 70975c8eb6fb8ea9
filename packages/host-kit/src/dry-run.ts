import type { GuardedWriteOutcome, HostFolder, HostWrite, HostWriteName, PayableRead } from '@gateway/shared/host';
import { hostOrders, inRolledBackTransaction, OrderKeyNotCanonical, onOwnConnection } from '@gateway/shared/host';
import { type Bill, type BillItem, providerItems } from '@gateway/shared/payment';
import type { Logger } from '@gateway/shared/runtime';
import type pg from 'pg';
import { type DryRunSession, paymentOf, readInDryRun, writeInDryRun } from './dry-run-session.ts';
import { rowsWritten, type TableUse, type Touched, tablesTouched } from './table-use.ts';

/** What paying one order would write in its host. All of it was rolled back. */
export interface DryRun {
  host: string;
  /** Null: the host has no such order for this tenant. */
  read: PayableRead | null;
  bill: Bill | null;
  /** Why the order cannot be charged; null when it can. */
  refusal: string | null;
  /** The items as a provider would list them. */
  items: BillItem[];
  steps: DryStep[];
  /** The tables and sequences that were used, also by triggers. */
  touched: Touched;
}

export interface DryStep {
  name: 'created' | 'paid' | 'paid again' | 'expired';
  outcome: GuardedWriteOutcome;
  /** Whether the outcome is the right one. After `paid`, the steps `paid again` and `expired` must change nothing. */
  asItShould: boolean;
  /** The rows that the step and its triggers wrote. */
  rows: TableUse[];
}

/**
 * Reads an order, makes its bill, and runs the host's statements for created, paid, paid again and expired, in a transaction that
 * is rolled back. It finds what planning cannot: a missing NOT NULL column, a value that a CHECK refuses, a column that only a
 * trigger names, a missing grant on a sequence. Sequences advance: a rollback does not reset them.
 * @throws when the database cannot be reached
 */
export async function dryRun(
  folder: HostFolder,
  url: string,
  { orderId, tenant, now, log }: { orderId: string; tenant: string; now: Date; log: Logger },
): Promise<DryRun> {
  const orders = hostOrders(folder, { log });
  const run = (client: pg.Client, id: string) =>
    inRolledBackTransaction(client, async () => {
      await client.query(orders.sessionStatement(tenant));
      return simulatePayment({ folder, client, orders }, { orderId: id, tenant }, now);
    });
  return onOwnConnection(
    url,
    (client) =>
      run(client, orderId).catch((error) => {
        if (error instanceof OrderKeyNotCanonical) return run(client, error.orderKey);
        throw error;
      }),
    { pipeline: true },
  );
}

async function simulatePayment(session: DryRunSession, order: { orderId: string; tenant: string }, now: Date): Promise<DryRun> {
  const found = await readInDryRun(session, order);
  const untouched: Touched = { read: [], written: [], sequences: [] };
  if (!found.bill) return { host: session.folder.id, ...found, items: [], steps: [], touched: untouched };
  const steps = await runSteps(session, paymentOf(found.read.order, found.bill, session, now), now);
  return { host: session.folder.id, ...found, items: providerItems(found.bill), steps, touched: await tablesTouched(session.client) };
}

const plannedSteps = [
  { name: 'created', write: 'created', expected: ['took_effect', 'absent'] },
  { name: 'paid', write: 'paid', expected: ['took_effect'] },
  { name: 'paid again', write: 'paid', expected: ['refused'] },
  { name: 'expired', write: 'expired', expected: ['refused', 'absent'] },
] as const satisfies readonly { name: DryStep['name']; write: HostWriteName; expected: GuardedWriteOutcome['kind'][] }[];

/** Runs the steps of one payment up to the first wrong outcome: later steps would only repeat the problem. */
export async function runSteps(session: DryRunSession, payment: HostWrite, now: Date): Promise<DryStep[]> {
  const steps: DryStep[] = [];
  let values = payment;
  for (const { name, write, expected } of plannedSteps) {
    const rowsBefore = await rowsWritten(session.client);
    const { outcome, payment: updated } = await writeInDryRun(session, write, values, { now });
    values = updated;
    const asItShould = (expected as readonly string[]).includes(outcome.kind);
    steps.push({ name, outcome, asItShould, rows: outcome.kind === 'took_effect' ? await rowsWritten(session.client, rowsBefore) : [] });
    if (!asItShould) break;
  }
  return steps;
}
