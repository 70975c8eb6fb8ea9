import type { GuardedWriteOutcome, HostFolder, HostWrite, HostWriteName, PayableRead } from '@gateway/shared/host';
import { hostOrders, inRolledBackTransaction, OrderKeyNotCanonical, onOwnConnection } from '@gateway/shared/host';
import { type Bill, type BillItem, providerItems } from '@gateway/shared/payment';
import { type Logger, newPaymentId, newReference } from '@gateway/shared/runtime';
import type pg from 'pg';
import {
  type DryRunSession,
  dueNow,
  inSavepoint,
  paymentOf,
  readInDryRun,
  runWrites,
  writeInDryRun,
  writePaths,
} from './dry-run-session.ts';
import { rowsWritten, type TableUse } from './table-use.ts';

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
}

/** What a write did, or what the order owes when it is read after `paid`. */
export type DryOutcome = GuardedWriteOutcome | { kind: 'nothing_due' } | { kind: 'due'; amount: number };

export interface DryStep {
  name: PlannedStep['name'];
  outcome: DryOutcome;
  /** Whether the outcome is the right one. After `paid` the order owes nothing, and the later steps must change nothing. */
  asItShould: boolean;
  /** The rows that the step and its triggers wrote. */
  rows: TableUse[];
}

/**
 * Reads an order, makes its bill, and runs the host's statements for one payment and for two QRs of the order, in a transaction that
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
  if (!found.bill) return { host: session.folder.id, ...found, items: [], steps: [] };
  const steps = await runSteps(session, paymentOf(found.read.order, found.bill, session, now), now);
  return { host: session.folder.id, ...found, items: providerItems(found.bill), steps };
}

/** A step of the first or of the second QR of the order. `due`: the order is read, and owes nothing. */
interface PlannedStep {
  name: HostWriteName | 'read again' | 'paid again' | 'created anew' | 'paid anew' | 'paid by both QRs';
  run: HostWriteName | 'due';
  qr: 0 | 1;
  expected: readonly DryOutcome['kind'][];
}

const oneQr: readonly PlannedStep[] = [
  { name: 'created', run: 'created', qr: 0, expected: ['took_effect', 'absent'] },
  { name: 'paid', run: 'paid', qr: 0, expected: ['took_effect'] },
  { name: 'read again', run: 'due', qr: 0, expected: ['nothing_due'] },
  { name: 'paid again', run: 'paid', qr: 0, expected: ['refused'] },
  { name: 'expired', run: 'expired', qr: 0, expected: ['refused', 'absent'] },
];

/** The first QR expires, the guest pays by the second one, and then another guest pays by the first one too. */
const twoQrs: readonly PlannedStep[] = [
  { name: 'created', run: 'created', qr: 0, expected: ['took_effect', 'absent'] },
  { name: 'expired', run: 'expired', qr: 0, expected: ['took_effect', 'refused', 'absent'] },
  { name: 'created anew', run: 'created', qr: 1, expected: ['took_effect', 'absent'] },
  { name: 'paid anew', run: 'paid', qr: 1, expected: ['took_effect'] },
  { name: 'paid by both QRs', run: 'paid', qr: 0, expected: ['refused'] },
];

/**
 * Runs the steps of one payment, and reports of two QRs the last step. Each list ends with the first wrong outcome: later steps would
 * only repeat the problem.
 */
export async function runSteps(session: DryRunSession, payment: HostWrite, now: Date): Promise<DryStep[]> {
  const second = { ...payment, paymentId: newPaymentId(), reference: newReference(session.folder.id) };
  const ofTwo = await inSavepoint(session.client, 'dry_run_two_qrs', () => runPlanned(session, twoQrs, [payment, second], now));
  const raised = await raisedByOthers(session, { ...payment, paymentId: newPaymentId(), reference: newReference(session.folder.id) }, now);
  const ofOne = await runPlanned(session, oneQr, [payment], now); // last, because it is not undone: the order is paid from then on
  return ofOne.every(({ asItShould }) => asItShould) ? [...ofOne, ...ofTwo.slice(-1), ...raised] : ofOne;
}

/** The writes that no list above reaches, when they raise: a missing right of `refunded.sql`, or of its trigger. */
async function raisedByOthers(session: DryRunSession, payment: HostWrite, now: Date): Promise<DryStep[]> {
  const steps: DryStep[] = [];
  for (const path of writePaths) {
    const writes = await inSavepoint(session.client, 'dry_run_others', () => runWrites(session, payment, path, now));
    const raised = writes.slice(1).filter(({ outcome }) => outcome.kind === 'raised'); // `created` was reported above
    steps.push(...raised.map(({ name, outcome }) => ({ name, outcome, asItShould: false, rows: [] })));
  }
  return steps;
}

async function runPlanned(
  session: DryRunSession,
  planned: readonly PlannedStep[],
  payments: readonly HostWrite[],
  now: Date,
): Promise<DryStep[]> {
  const steps: DryStep[] = [];
  const values = [...payments];
  for (const { name, run, qr, expected } of planned) {
    const rowsBefore = await rowsWritten(session.client);
    const payment = values[qr] as HostWrite;
    const { outcome, payment: updated } =
      run === 'due' ? { outcome: await dueNow(session, payment), payment } : await writeInDryRun(session, run, payment, { now });
    values[qr] = updated;
    const asItShould = expected.includes(outcome.kind) || (outcome.kind === 'due' && session.folder.booksLater);
    steps.push({ name, outcome, asItShould, rows: outcome.kind === 'took_effect' ? await rowsWritten(session.client, rowsBefore) : [] });
    if (!asItShould) break;
  }
  return steps;
}
