import type pg from 'pg';
import { rupiah } from '../payment/index.ts';
import type { Logger } from '../runtime/index.ts';
import { differencesOf, rowDifferences } from './compare-reading.ts';
import { takeSteps } from './dry-run.ts';
import { type Case, type Expectations, type Step, verbOf } from './expectations.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import { HostStatementFailed, isPostgresError, OrderKnownByAnotherKey, wordsOf } from './host-error.ts';
import type { HostFolder } from './host-folder.ts';
import type { TextRow } from './host-order.ts';
import { hostOrders } from './host-orders.ts';
import { asText } from './prepared-statements.ts';
import { type HostWrite, type HostWriteName, valuesFor } from './statement-parameters.ts';
import { noSuchOrder, paymentOf, readInTrial, type Trial, type TrialRead, tellInTrial } from './trial.ts';

export interface CaseVerdict {
  name: string;
  /** In sentences, each with its line; none when the host did as expected. */
  problems: string[];
}

/**
 * Tries a host out: its seed and its cases, in one transaction that is rolled back, each case as if it were the only one. The
 * tables have to be there, and the role may need more rights than the gateway's own: it makes rows.
 * @throws when the database cannot be reached; HostStatementFailed when the seed fails
 */
export async function conform(
  folder: HostFolder,
  { seed, cases }: Expectations,
  url: string,
  { now, log }: { now: Date; log: Logger },
): Promise<CaseVerdict[]> {
  const orders = hostOrders(folder, { log });
  const work = async (client: pg.Client): Promise<CaseVerdict[]> => {
    await client.query(orders.sessionStatement(cases[0]?.tenant ?? ''));
    for (const { file, sql } of seed) await client.query(sql).catch((error) => Promise.reject(seedFailed(file, error)));
    const verdicts: CaseVerdict[] = [];
    for (const each of cases) verdicts.push({ name: each.name, problems: await tryCase({ folder, client, orders }, each, now) });
    return verdicts;
  };
  return onOwnConnection(url, (client) => inRolledBackTransaction(client, () => work(client)), { pipeline: true });
}

function seedFailed(file: string, error: unknown): unknown {
  return isPostgresError(error) ? new HostStatementFailed(file, wordsOf(error), { cause: error, code: error.code }) : error;
}

/** What a case has come to. */
interface Course {
  now: Date;
  payments: HostWrite[];
}

async function tryCase(trial: Trial, each: Case, now: Date): Promise<string[]> {
  const problems: string[] = [];
  const course: Course = { now: each.at ?? now, payments: [] };
  await undone(trial.client, 'conformance_case', async () => {
    await trial.client.query(trial.orders.sessionStatement(each.tenant));
    for (const [index, step] of each.steps.entries()) {
      course.now = step.at ?? course.now;
      const found = await takeStep(trial, each, step, course).catch((error) => {
        if (isPostgresError(error)) return [`Postgres says: ${wordsOf(error)}`];
        throw error;
      });
      const laws = found.length === 0 && index === 0 && step.read !== undefined ? await lawsBroken(trial, each, course.now) : [];
      problems.push(...[...found, ...laws].map((problem) => `line ${step.line}, ${verbOf(step)}: ${problem}`));
      if (problems.length > 0) return; // what comes after a mistake only repeats it
    }
  });
  return problems;
}

async function takeStep(trial: Trial, each: Case, step: Step, course: Course): Promise<string[]> {
  const verb = verbOf(step);
  switch (verb) {
    case 'read':
    case 'not_payable':
    case 'unknown':
      return readingProblems(await look(trial, each), step);
    case 'sql':
      await trial.client.query(step.sql as string);
      return [];
    case 'query': {
      const { rows } = await trial.client.query<TextRow>({ text: step.query as string, types: asText });
      return rowDifferences('row', rows, step.gives ?? []);
    }
    case 'interrupted':
      return undone(trial.client, 'conformance_interrupted', () =>
        tell(trial, each, { ...step, [step.interrupted as HostWriteName]: 'took_effect' }, course, true),
      );
    default:
      return tell(trial, each, step, course);
  }
}

function readingProblems(found: TrialRead, step: Step): string[] {
  if (step.unknown) return found.refusal === noSuchOrder ? [] : ['the order was found'];
  if (step.not_payable !== undefined) {
    if (found.refusal === null) return ['the order can be charged'];
    return found.refusal.includes(step.not_payable) ? [] : [`the reason is: ${found.refusal}`];
  }
  return found.bill ? differencesOf(found.read, found.bill, step.read ?? {}) : [`it cannot be charged: ${found.refusal}`];
}

/** Reads as the gateway does. A look that failed has changed nothing, and the case goes on. */
async function look(trial: Trial, { order, tenant }: Pick<Case, 'order' | 'tenant'>): Promise<TrialRead> {
  const once = (orderId: string) => undone(trial.client, 'conformance_look', () => readInTrial(trial, { orderId, tenant }));
  return once(order).catch((error) => {
    if (error instanceof OrderKnownByAnotherKey) return once(error.orderKey);
    throw error;
  });
}

async function tell(trial: Trial, each: Case, step: Step, course: Course, forgotten = false): Promise<string[]> {
  const name = (step.interrupted ?? verbOf(step)) as HostWriteName;
  const expected = step[name];
  const isNew = name === 'created' || course.payments.length === 0;
  const index = isNew ? course.payments.length : (step.payment ?? course.payments.length) - 1;
  const payment = isNew ? await newPayment(trial, each, course.now) : course.payments[index];
  if (typeof payment === 'string') return [payment];
  if (!payment) return [`there is no payment ${index + 1} yet`];
  const { outcome, payment: after } = await tellInTrial(trial, name, payment, { now: course.now, given: givenBy(step, payment) });
  if (!forgotten) course.payments[index] = after;
  const words = outcome.kind === 'raised' ? outcome.postgres : '';
  if (outcome.kind !== expected) return [`expected ${expected}, and it was ${outcome.kind}${words && `: ${words}`}`];
  if (step.says !== undefined && !words.includes(step.says)) return [`the host says: ${words}`];
  if (step.key !== undefined && after.hostPaymentKey !== step.key) return [`the key is ${after.hostPaymentKey}, not ${step.key}`];
  return [];
}

async function newPayment(trial: Trial, each: Case, now: Date): Promise<HostWrite | string> {
  const found = await look(trial, each);
  return found.bill ? paymentOf(found.read.order, found.bill, trial, now) : `there is nothing to pay: ${found.refusal}`;
}

/** A refund is of all that was paid, unless told. */
function givenBy(step: Step, { amount }: HostWrite): Partial<HostWrite> {
  const { order_version: orderVersion, refund_amount: refund = amount, refunded_total: total = refund } = step.with ?? {};
  return {
    ...(orderVersion === undefined ? {} : { orderVersion }),
    ...(step.refunded === undefined ? {} : { refundId: 'ref_conformance', refundAmount: rupiah(refund), refundedTotal: rupiah(total) }),
  };
}

/** What holds for every host and every order that can be charged, without anybody writing it down. */
async function lawsBroken(trial: Trial, each: Case, now: Date): Promise<string[]> {
  if (await isFoundBy(trial, each.order, 'nobody')) return ['tenant "nobody" finds the order too: order.sql has to filter by :tenant'];
  return undone(trial.client, 'conformance_laws', async () => {
    const payment = await newPayment(trial, each, now);
    if (typeof payment === 'string') return [payment];
    const wrong = (await takeSteps(trial, payment, now)).filter(({ asItShould }) => !asItShould);
    return wrong.map(
      ({ name, outcome }) =>
        `of created, paid, paid again, expired: ${name} was ${outcome.kind}${outcome.kind === 'raised' ? `: ${outcome.postgres}` : ''}`,
    );
  });
}

/** Asks the statement itself: the gateway would not hand on what it returns of another tenant, but it would have locked it. */
async function isFoundBy({ folder, client }: Trial, orderId: string, tenant: string): Promise<boolean> {
  const { text, parameters } = folder.statements.order;
  const asked = undone(client, 'conformance_stranger', () => client.query({ text, values: valuesFor(parameters, { orderId, tenant }) }));
  return asked.then(
    ({ rows }) => rows.length > 0,
    (error) => {
      if (isPostgresError(error)) return false; // a tenant that can be none there
      throw error;
    },
  );
}

/** Runs `work`, and takes back whatever it did: also what it raised. */
async function undone<T>(client: pg.Client, savepoint: string, work: () => Promise<T>): Promise<T> {
  await client.query(`savepoint ${savepoint}`);
  try {
    return await work();
  } finally {
    await client.query(`rollback to savepoint ${savepoint}`);
  }
}
