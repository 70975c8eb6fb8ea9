import { readdirSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkoutDir } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import type { FailureKind } from '@gateway/testing/stack/step-control';
import { type AllWebhooks, receiveAllWebhooks } from './crash-points/all-webhooks.ts';
import { type ControlledStack, startControlledStack } from './crash-points/controlled-stack.ts';
import { sellOneOfEach } from './crash-points/sales.ts';
import { type Program, rareSteps, startSteps, steps } from './crash-points/steps.ts';
import { settledFindings } from './settled-findings.ts';

/** `npm run soak:crash-points -- --failures=exit,SIGKILL,SIGSTOP --only='worker refund|api'`: a pattern of what `shown` gives. */
const isFull = process.env.SOAK_FAILURES !== undefined;
const failures = (process.env.SOAK_FAILURES ?? 'SIGKILL').split(',') as FailureKind[];
const only = new RegExp(process.env.SOAK_ONLY ?? '');
const stoppedMs = 40_000; // longer than a lease, so that another process takes the work over

/** In `npm test`: the provider has the money, and nothing of it is committed. */
const shortList = ['worker\tsave unless booked'];

type Areas = Readonly<Record<string, readonly string[]>>;
const labelsOf = (table: Readonly<Record<Program, Areas>>): string[] => [
  ...new Set(
    Object.entries(table).flatMap(([program, areas]) =>
      Object.values(areas).flatMap((names) => names.map((name) => `${program}\t${name}`)),
    ),
  ),
];
const ofSales = labelsOf(steps);
const ofStart = labelsOf(startSteps).filter((step) => !ofSales.includes(step));
const shown = (label: string) => label.replace('\t', ' ');
const nameOf = (label: string) => label.split('\t')[1] as string;
const names = new Set([...[...ofSales, ...ofStart].map(nameOf), ...rareSteps]);
const selected = (labels: readonly string[], short: readonly string[]) =>
  (isFull ? labels : short).filter((step) => only.test(shown(step)));

let controlled: ControlledStack;
let webhooks: AllWebhooks;
beforeAll(async () => {
  controlled = await startControlledStack({ PROVIDERS: 'midtrans' });
  webhooks = await receiveAllWebhooks(controlled.stack);
}, 60_000);
afterAll(async () => {
  await controlled?.stack.stop();
  await webhooks?.close();
});

it('every statement in the code of the processes has a label', () => {
  expect(statementsInCode().filter((name) => !names.has(name))).toEqual([]);
});

it('every step that sales and a start come to has a label, and every step that has one is reached', async () => {
  await sellOneOfEach(controlled.stack);
  await settledFindings(controlled.stack);
  expect(await webhooks.faults()).toEqual([]);
  const reached = await eventually(() => {
    const all = controlled.reachedSteps();
    return [...ofSales, ...ofStart].every((step) => all.has(step)) && all;
  }, 60_000).catch(() => controlled.reachedSteps());
  expect({
    withoutLabel: [...reached].filter((step) => !names.has(nameOf(step))), // on a slow machine a process also does what another one does always
    notReached: [...ofSales, ...ofStart].filter((step) => !reached.has(step)),
  }).toEqual({ withoutLabel: [], notReached: [] });
}, 150_000);

describe.each(failures)('a process that fails with %s loses and doubles nothing', (failure) => {
  for (const step of selected(ofSales, shortList)) it(`at the step ${shown(step)}`, () => failAt(step, failure), 200_000);
  for (const step of selected(ofStart, []))
    it(`at its start, at the step ${shown(step)}`, () => failAt(step, failure, { atStart: true }), 200_000);
});

async function failAt(label: string, failure: FailureKind, { atStart = false } = {}): Promise<void> {
  const [program, step] = label.split('\t') as [Program, string];
  const startedAt = performance.now();
  controlled.plan({ program, step, failure });
  if (atStart) controlled.stack.kill(program);
  const sales = sellOneOfEach(controlled.stack);
  sales.catch(() => {}); // awaited below
  const pid = await eventually(() => controlled.failedProcess(), 90_000).finally(controlled.forgetPlan);
  const goesOn = failure === 'SIGSTOP' ? delay(stoppedMs).then(() => continueProcess(pid)) : null; // the next step needs it running
  await Promise.all([sales, goesOn]);
  expect(await settledFindings(controlled.stack)).toEqual([]);
  expect(await webhooks.faults()).toEqual([]);
  if (!isFull) return;
  const [seconds, load] = [(performance.now() - startedAt) / 1_000, loadavg()[0] ?? 0];
  process.stdout.write(`${failure} at ${shown(label)}: ${seconds.toFixed(0)} s, load ${load.toFixed(0)}\n`); // Jest prints at the end only
}

/** A process that was stopped while it started has been killed by then, because it was not ready in time. */
function continueProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** The names of all prepared statements. */
function statementsInCode(): string[] {
  const folders = ['packages/shared', 'services/api', 'services/worker', 'services/notifier'].map((folder) =>
    path.join(checkoutDir, folder, 'src'),
  );
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => path.join(folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(/name: '([^']+)',\s+text:/g)].map(([, name]) => name as string));
}
