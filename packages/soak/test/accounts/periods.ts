import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import { startTills, type Tills } from './tills.ts';

/**
 * What the processes find in the control database: no added account; the added accounts, while every store uses the account `default`; the
 * added accounts, each used by its store.
 */
const periodKinds = ['none', 'present', 'used'] as const;
type PeriodKind = (typeof periodKinds)[number];

/** What was measured in all periods of one kind. */
export interface PeriodFigures {
  create_p50_ms: number;
  creates: number;
  /** The resident memory of all processes of a kind at the end of a period: the median of its periods. */
  api_mb: number;
  worker_mb: number;
}

interface Comparison {
  stack: TestStack;
  outlets: readonly string[];
  tills: number;
  pauseMs: number;
  rounds: number;
  warmUpMs: number;
  periodMs: number;
}

/**
 * Compares serving with and without the added accounts, in alternating periods, so that whatever else the machine does meets all kinds
 * alike. Before each period the control data is changed and api and worker are started again, so that all processes have the same age.
 */
export async function compareInPeriods(periods: Comparison): Promise<Record<PeriodKind, PeriodFigures>> {
  const { stack, rounds } = periods;
  await stack.pos.query('create table soak_accounts as table gateway.provider_accounts');
  await stack.pos.query('create table soak_settings as table gateway.store_settings');
  const measured = Object.fromEntries(periodKinds.map((kind) => [kind, [] as Period[]])) as Record<PeriodKind, Period[]>;
  for (let round = 0; round < rounds; round++) {
    // Each kind is the first one equally often.
    for (const kind of periodKinds.map((_, n) => periodKinds[(n + round) % periodKinds.length] as PeriodKind))
      measured[kind].push(await runPeriod(periods, kind));
  }
  return Object.fromEntries(periodKinds.map((kind) => [kind, figuresOf(measured[kind])])) as Record<PeriodKind, PeriodFigures>;
}

interface Period {
  createMs: number[];
  apiMb: number;
  workerMb: number;
}

async function runPeriod({ stack, outlets, tills: count, pauseMs, warmUpMs, periodMs }: Comparison, kind: PeriodKind): Promise<Period> {
  await stack.pos.query('delete from gateway.provider_accounts');
  await stack.pos.query('delete from gateway.store_settings');
  if (kind !== 'none') await stack.pos.query('insert into gateway.provider_accounts table soak_accounts');
  if (kind === 'used') await stack.pos.query('insert into gateway.store_settings table soak_settings');
  await startAgain(stack);
  const tills = startTills(stack, { outlets, count, pauseMs });
  await delay(warmUpMs);
  const warm = tills.creates.length;
  await delay(periodMs);
  const period = { createMs: createMsOf(tills).slice(warm), apiMb: residentMb(stack, 'api'), workerMb: residentMb(stack, 'worker') };
  await tills.stop();
  return period;
}

const createMsOf = ({ creates }: Tills): number[] => {
  const failed = creates.filter(({ status }) => status !== 201);
  if (failed.length > 0) throw new Error(`${failed.length} creates failed: ${JSON.stringify(failed[0])}`);
  return creates.map(({ ms }) => ms);
};

async function startAgain(stack: TestStack): Promise<void> {
  const before = [stack.pids('api'), stack.pids('worker')].flat();
  for (const pid of before) process.kill(pid, 'SIGTERM');
  await eventually(() => {
    const now = [stack.pids('api'), stack.pids('worker')].flat();
    return now.length === before.length && now.every((pid) => !before.includes(pid));
  }, 60_000);
}

const residentMb = (stack: TestStack, kind: 'api' | 'worker'): number =>
  stack.pids(kind).reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024, 0);

const rounded = (value: number): number => Math.round(value * 10) / 10;

export const p50 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function figuresOf(periods: readonly Period[]): PeriodFigures {
  const createMs = periods.flatMap((period) => period.createMs);
  return {
    create_p50_ms: rounded(p50(createMs)),
    creates: createMs.length,
    api_mb: rounded(p50(periods.map(({ apiMb }) => apiMb))),
    worker_mb: rounded(p50(periods.map(({ workerMb }) => workerMb))),
  };
}
