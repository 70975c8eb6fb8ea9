import {
  type HostFolder,
  HostStatementFailed,
  type HostWrite,
  type HostWriteName,
  hostOrders,
  inRolledBackTransaction,
  OrderKeyNotCanonical,
  onOwnConnection,
  valuesFor,
} from '@gateway/shared/host';
import { rupiah } from '@gateway/shared/payment';
import { isPostgresError, messageOf } from '@gateway/shared/postgres';
import { type Logger, newRefundId } from '@gateway/shared/runtime';
import type pg from 'pg';
import { differencesOf, rowDifferences } from './compare-reading.ts';
import { type DryOutcome, runSteps } from './dry-run.ts';
import { runQuery, runScript } from './dry-run-script.ts';
import {
  type DryRunRead,
  type DryRunSession,
  inSavepoint,
  noSuchOrder,
  paymentOf,
  readInDryRun,
  writeInDryRun,
} from './dry-run-session.ts';
import { type Case, type Expectations, type Step, verbOf } from './expectations.ts';
import { ordersInParts } from './orders-in-parts.ts';

/** The result of one case of `tests/expect.yaml`. */
export interface CaseVerdict {
  name: string;
  /** One message per problem, with its line in the file. Empty when the host did as expected. */
  problems: string[];
}

/**
 * Runs the seed and the cases of a host in one transaction that is rolled back. Each case starts from the seed alone. The tables
 * must exist. The role may need more rights than the gateway's role, because the seed inserts rows.
 * @param options.inParts runs the host's statements as parts of larger ones, as the usual case of a payment does
 * @throws when the database cannot be reached; HostStatementFailed when the seed fails
 */
export async function conform(
  folder: HostFolder,
  { seed, cases }: Expectations,
  url: string,
  { now, log, role = null, inParts = false }: { now: Date; log: Logger; role?: string | null; inParts?: boolean },
): Promise<CaseVerdict[]> {
  const plain = hostOrders(folder, { log });
  const orders = inParts ? ordersInParts(plain) : plain;
  const work = async (client: pg.Client): Promise<CaseVerdict[]> => {
    await client.query(orders.sessionStatement(cases[0]?.tenant ?? ''));
    for (const { file, sql } of seed) await runScript(client, sql).catch((error) => Promise.reject(seedError(file, error)));
    const verdicts: CaseVerdict[] = [];
    for (const testCase of cases)
      verdicts.push({ name: testCase.name, problems: await runCase({ folder, client, orders, role }, testCase, now) });
    return verdicts;
  };
  return onOwnConnection(url, (client) => inRolledBackTransaction(client, () => work(client)), { pipeline: true });
}

function seedError(file: string, error: unknown): unknown {
  return isPostgresError(error) ? new HostStatementFailed(file, messageOf(error), { cause: error, code: error.code }) : error;
}

/** The state of a case between its steps. */
interface CaseState {
  now: Date;
  payments: HostWrite[];
}

/** `role`: the role that runs the host's statements. Null: the user of the connection. */
interface ConformanceSession extends DryRunSession {
  role: string | null;
}

/** Runs what the gateway itself does, as the role that it will have. */
async function asGateway<T>({ client, role }: ConformanceSession, work: () => Promise<T>): Promise<T> {
  if (role === null) return work();
  await client.query(`set local role ${quotedName(role)}`);
  try {
    return await work();
  } finally {
    await client.query('reset role').catch(() => {}); // after an error, the rollback to the savepoint resets it
  }
}

const quotedName = (role: string): string => `"${role.replaceAll('"', '""')}"`;

async function runCase(session: ConformanceSession, testCase: Case, now: Date): Promise<string[]> {
  const problems: string[] = [];
  const state: CaseState = { now: testCase.at ?? now, payments: [] };
  await inSavepoint(session.client, 'conformance_case', async () => {
    await session.client.query(session.orders.sessionStatement(testCase.tenant));
    for (const [index, step] of testCase.steps.entries()) {
      state.now = step.at ?? state.now;
      const found = await runStep(session, testCase, step, state).catch((error) => {
        if (isPostgresError(error)) return [`Postgres says: ${messageOf(error)}`];
        throw error;
      });
      const violations =
        found.length === 0 && index === 0 && step.read !== undefined ? await invariantViolations(session, testCase, state.now) : [];
      problems.push(...[...found, ...violations].map((problem) => `line ${step.line}, ${verbOf(step)}: ${problem}`));
      if (problems.length > 0) return; // later steps would only repeat the problem
    }
  });
  return problems;
}

async function runStep(session: ConformanceSession, testCase: Case, step: Step, state: CaseState): Promise<string[]> {
  const verb = verbOf(step);
  switch (verb) {
    case 'read':
    case 'not_payable':
    case 'unknown':
      return readingProblems(await readOrder(session, testCase), step);
    case 'sql':
      await runScript(session.client, step.sql as string);
      return [];
    case 'query': {
      const rows = await runQuery(session.client, step.query as string);
      return rowDifferences('row', rows, step.gives ?? []);
    }
    case 'interrupted':
      return inSavepoint(session.client, 'conformance_interrupted', () =>
        writeStep(session, testCase, { ...step, [step.interrupted as HostWriteName]: 'took_effect' }, state, true),
      );
    default:
      return writeStep(session, testCase, step, state);
  }
}

function readingProblems(found: DryRunRead, step: Step): string[] {
  if (step.unknown) return found.refusal === noSuchOrder ? [] : ['the order was found'];
  if (step.not_payable !== undefined) {
    if (found.refusal === null) return ['the order can be charged'];
    return found.refusal.includes(step.not_payable) ? [] : [`the reason is: ${found.refusal}`];
  }
  return found.bill ? differencesOf(found.read, found.bill, step.read ?? {}) : [`it cannot be charged: ${found.refusal}`];
}

/** Reads the order as the gateway does, in a savepoint that is rolled back, so that a failed read does not abort the case. */
async function readOrder(session: ConformanceSession, { order, tenant }: Pick<Case, 'order' | 'tenant'>): Promise<DryRunRead> {
  const readById = (orderId: string) =>
    inSavepoint(session.client, 'conformance_read', () => asGateway(session, () => readInDryRun(session, { orderId, tenant })));
  return readById(order).catch((error) => {
    if (error instanceof OrderKeyNotCanonical) return readById(error.orderKey);
    throw error;
  });
}

async function writeStep(
  session: ConformanceSession,
  testCase: Case,
  step: Step,
  state: CaseState,
  isInterrupted = false,
): Promise<string[]> {
  const name = (step.interrupted ?? verbOf(step)) as HostWriteName;
  const expected = step[name];
  const isNew = name === 'created' || state.payments.length === 0;
  const index = isNew ? state.payments.length : (step.payment ?? state.payments.length) - 1;
  const payment = isNew ? await newPayment(session, testCase, state.now) : state.payments[index];
  if (typeof payment === 'string') return [payment];
  if (!payment) return [`there is no payment ${index + 1} yet`];
  const { outcome, payment: written } = await asGateway(session, () =>
    writeInDryRun(session, name, payment, { now: state.now, overrides: overridesOf(step, payment) }),
  );
  const updated = outcome.kind === 'took_effect' ? written : { ...written, refundedTotal: payment.refundedTotal };
  if (!isInterrupted) state.payments[index] = updated;
  const message = outcome.kind === 'raised' ? outcome.postgres : '';
  if (outcome.kind !== expected)
    return [
      `expected ${expected}, and it was ${outcome.kind}${outcome.kind === 'absent' ? `: the folder has no ${name}.sql` : message && `: ${message}`}`,
    ];
  if (step.says !== undefined && !message.includes(step.says)) return [`the host says: ${message}`];
  if (step.key !== undefined && updated.hostPaymentKey !== step.key) return [`the key is ${updated.hostPaymentKey}, not ${step.key}`];
  return [];
}

async function newPayment(session: ConformanceSession, testCase: Case, now: Date): Promise<HostWrite | string> {
  const found = await readOrder(session, testCase);
  return found.bill ? paymentOf(found.read.order, found.bill, session, now) : `there is nothing to pay: ${found.refusal}`;
}

/**
 * The values that the step overrides. A refund without an amount is of the whole payment. Each refund has an id of its own, and its total
 * counts the refunds of this payment that took effect before.
 */
function overridesOf(step: Step, { amount, refundedTotal }: HostWrite): Partial<HostWrite> {
  const { order_version: orderVersion, refund_amount: refund = amount } = step.with ?? {};
  const total = step.with?.refunded_total ?? Math.min((refundedTotal ?? 0) + refund, Math.max(amount, refund));
  return {
    ...(orderVersion === undefined ? {} : { orderVersion }),
    ...(step.refunded === undefined ? {} : { refundId: newRefundId(), refundAmount: rupiah(refund), refundedTotal: rupiah(total) }),
  };
}

/** Checks what must hold for every host and every order that can be charged. expect.yaml need not list it. */
async function invariantViolations(session: ConformanceSession, testCase: Case, now: Date): Promise<string[]> {
  if (await isFoundBy(session, testCase.order, 'other_tenant'))
    return ['tenant "other_tenant" finds the order too: order.sql has to filter by :tenant'];
  return inSavepoint(session.client, 'conformance_invariants', async () => {
    const payment = await newPayment(session, testCase, now);
    if (typeof payment === 'string') return [payment];
    const wrong = (await asGateway(session, () => runSteps(session, payment, now))).filter(({ asItShould }) => !asItShould);
    return wrong.map(({ name, outcome }) => `of a payment that is made and paid: ${name} was ${wordsOf(outcome)}`);
  });
}

function wordsOf(outcome: DryOutcome): string {
  if (outcome.kind === 'raised') return `raised: ${outcome.postgres}`;
  return outcome.kind === 'due' ? `due: ${outcome.amount}` : outcome.kind;
}

/** Whether order.sql finds the order for that tenant. The gateway drops an order of another tenant, but the statement has locked it. */
async function isFoundBy(session: ConformanceSession, orderId: string, tenant: string): Promise<boolean> {
  const { folder, client } = session;
  const { text, parameters } = folder.statements.order;
  const query = inSavepoint(client, 'conformance_other_tenant', () =>
    asGateway(session, () => client.query({ text, values: valuesFor(parameters, { orderId, tenant }) })),
  );
  return query.then(
    ({ rows }) => rows.length > 0,
    (error) => {
      if (isPostgresError(error)) return false; // the tenant has an invalid format for this host
      throw error;
    },
  );
}
