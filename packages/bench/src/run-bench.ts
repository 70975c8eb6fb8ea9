import path from 'node:path';
import { fetch } from 'undici';
import { stores } from './databases.ts';
import { type Figures, openLoad, runRound } from './load.ts';
import { type Build, startProgram } from './program.ts';
import { openScreens } from './screens.ts';
import { type System, type SystemName, startSystem, systemNames } from './systems.ts';
import { familyCpuSeconds, usageOf } from './usage.ts';

export interface BenchOptions {
  build: Build;
  /** Tills that make payments at the same time, and then webhooks at the same time. */
  tills: number;
  rounds: number;
  /** Each round makes payments for so long. */
  seconds: number;
  redisUrl: string;
  /** One for each system, empty or as an earlier run left it. */
  databases: Record<SystemName, string>;
  logDir: string;
  /** Of the servers, when their CPU is to be counted too. */
  pids?: { postgres: number; redis: number };
  nodeOptions?: (program: string) => readonly string[];
  print: (line: string) => void;
}

/** What one process, or a server with all of its own, used in one round. */
export type Cpu = Record<string, number | null>;

export interface Round extends Figures {
  cpuSeconds: Cpu;
}

export interface BenchResult {
  tills: number;
  rounds: Record<SystemName, Round[]>;
  /** By system and process. */
  peakRssMb: Record<SystemName, Record<string, number | null>>;
}

const ordersPerSecond = 2_000; // more than any system takes

/** The product and both floors in turns, round by round, so that whatever else this machine does meets them alike. */
export async function runBench(options: BenchOptions): Promise<BenchResult> {
  const { build, tills, rounds, seconds, redisUrl, databases, logDir, pids, print } = options;
  const stub = await startProgram({ file: 'packages/bench/stub', environment: {}, logFile: path.join(logDir, 'stub.log'), build });
  const providerUrl = `http://127.0.0.1:${stub.port}`;
  const configureStub = async (action: 'paid' | 'forget') =>
    void (await (await fetch(`${providerUrl}/${action}`, { method: 'POST' })).text());
  const screens = await openScreens(redisUrl, stores);
  const systems: System[] = [];
  try {
    for (const name of systemNames) systems.push(await startSystem(name, { ...options, databaseUrl: databases[name], providerUrl }));
    const result: BenchResult = { tills, rounds: { product: [], equal: [], bare: [] }, peakRssMb: { product: {}, equal: {}, bare: {} } };

    const measureRound = async (system: System, forSeconds: number): Promise<Round> => {
      const orders = await system.placeOrders(Math.ceil(forSeconds * ordersPerSecond));
      const load = openLoad(system.target, tills);
      const before = cpuOf(system, pids);
      const figures = await runRound(load, { tills, seconds: forSeconds, orders, screens, markPaid: () => configureStub('paid') });
      const after = cpuOf(system, pids);
      await load.close();
      await configureStub('forget');
      screens.forget();
      return { ...figures, cpuSeconds: difference(after, before) };
    };

    for (const system of systems) await measureRound(system, Math.min(seconds, 1)); // to warm up: code is compiled, statements are planned
    for (let n = 0; n < rounds; n++) {
      for (const system of rotated(systems, n)) {
        const round = await measureRound(system, seconds);
        result.rounds[system.name].push(round);
        print(`round ${n + 1}/${rounds} ${system.name.padEnd(8)} ${inShort(round)}`);
      }
    }
    for (const { name, programs } of systems)
      result.peakRssMb[name] = Object.fromEntries(programs.map((program) => [program.name, usageOf(program.pid)?.peakRssMb ?? null]));
    return result;
  } finally {
    screens.close();
    await Promise.all(systems.map((system) => system.stop()));
    await stub.stop();
  }
}

/** Whoever is first in a round is not first in the next. */
const rotated = <T>(all: readonly T[], by: number): T[] => all.map((_, index) => all[(index + by) % all.length] as T);

function cpuOf({ programs }: System, pids: BenchOptions['pids']): Cpu {
  return {
    ...Object.fromEntries(programs.map(({ name, pid }) => [name, usageOf(pid)?.cpuSeconds ?? null])),
    ...(pids ? { postgres: familyCpuSeconds(pids.postgres), redis: usageOf(pids.redis)?.cpuSeconds ?? null } : {}),
  };
}

function difference(after: Cpu, before: Cpu): Cpu {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value === null || before[name] == null ? null : value - before[name]]),
  );
}

const inShort = ({ create, webhook, published }: Figures): string =>
  `create → QR ${create.perSecond.toFixed(0)}/s p50 ${create.p50.toFixed(1)} ms, webhook → 200 p50 ${webhook.p50.toFixed(1)} ms, → Pub/Sub ${published.perSecond.toFixed(0)}/s p50 ${published.p50.toFixed(1)} ms`;
