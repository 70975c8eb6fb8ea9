import type pg from 'pg';
import { type Bill, type BillItem, providerItems } from '../payment/index.ts';
import type { Logger } from '../runtime/index.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import { OrderKnownByAnotherKey } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import { hostOrders } from './host-orders.ts';
import type { PayableRead } from './host-reads.ts';
import type { GuardedWriteOutcome } from './host-writes.ts';
import type { HostWrite, HostWriteName } from './statement-parameters.ts';
import { type TableUse, type Touched, touchedSoFar, writesSoFar } from './table-use.ts';
import { paymentOf, readInTrial, type Trial, tellInTrial } from './trial.ts';

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
      return payInVain({ folder, client, orders }, { orderId: asked, tenant }, now);
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

async function payInVain(trial: Trial, asked: { orderId: string; tenant: string }, now: Date): Promise<DryRun> {
  const found = await readInTrial(trial, asked);
  const untouched: Touched = { read: [], written: [], sequences: [] };
  if (!found.bill) return { host: trial.folder.id, ...found, items: [], steps: [], touched: untouched };
  const steps = await takeSteps(trial, paymentOf(found.read.order, found.bill, trial, now), now);
  return { host: trial.folder.id, ...found, items: providerItems(found.bill), steps, touched: await touchedSoFar(trial.client) };
}

const sequence = [
  { name: 'created', write: 'created', expected: ['took_effect', 'absent'] },
  { name: 'paid', write: 'paid', expected: ['took_effect'] },
  { name: 'paid again', write: 'paid', expected: ['refused'] },
  { name: 'expired', write: 'expired', expected: ['refused', 'absent'] },
] as const satisfies readonly { name: DryStep['name']; write: HostWriteName; expected: GuardedWriteOutcome['kind'][] }[];

/** The life of one payment, up to the first step that is not as it should be: what comes after a mistake only repeats it. */
export async function takeSteps(trial: Trial, payment: HostWrite, now: Date): Promise<DryStep[]> {
  const steps: DryStep[] = [];
  let told = payment;
  for (const { name, write, expected } of sequence) {
    const before = await writesSoFar(trial.client);
    const { outcome, payment: after } = await tellInTrial(trial, write, told, { now });
    told = after;
    const asItShould = (expected as readonly string[]).includes(outcome.kind);
    steps.push({ name, outcome, asItShould, rows: outcome.kind === 'took_effect' ? await writesSoFar(trial.client, before) : [] });
    if (!asItShould) break;
  }
  return steps;
}
