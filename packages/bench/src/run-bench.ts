import path from 'node:path';
import { fetch } from 'undici';
import { stores } from './databases.ts';
import { type Figures, openLoad, runRound } from './load.ts';
import { type Build, startProgram } from './program.ts';
import { openScreens } from './screens.ts';
import { type System, type SystemName, startSystem, systemNames } from './systems.ts';
import { type Cpu, cpuBetween, cpuOf, usageOf } from './usage.ts';

export interface BenchOptions {
  build: Build;
  /** How many tills create payments at the same time, and then how many webhooks are sent at the same time. */
  tills: number;
  rounds: number;
  /** How long payments are created in each round. */
  seconds: number;
  redisUrl: string;
  /** One database for each system, empty or used by an earlier run. */
  databases: Record<SystemName, string>;
  logDir: string;
  /** The process ids of the servers, whose CPU time is then measured too. */
  pids?: { postgres: number; redis: number };
  nodeOptions?: (program: string) => readonly string[];
  print: (line: string) => void;
}

export interface Round extends Figures {
  cpuSeconds: Cpu;
}

export interface BenchResult {
  tills: number;
  rounds: Record<SystemName, Round[]>;
  /** Peak memory by system and process. */
  peakRssMb: Record<SystemName, Record<string, number | null>>;
}

const ordersPerSecond = 2_000; // more than any system can process

/** Measures the product and both floors in turn, round by round, so that other load on this machine affects all of them. */
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
      return { ...figures, cpuSeconds: cpuBetween(before, after) };
    };

    for (const system of systems) await measureRound(system, Math.min(seconds, 1)); // warm-up: code is compiled, statements are planned
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

/** Another system is first in each round. */
const rotated = <T>(all: readonly T[], by: number): T[] => all.map((_, index) => all[(index + by) % all.length] as T);

const inShort = ({ create, webhook, published }: Figures): string =>
  `create → QR ${create.perSecond.toFixed(0)}/s p50 ${create.p50.toFixed(1)} ms, webhook → 200 p50 ${webhook.p50.toFixed(1)} ms, → Pub/Sub ${published.perSecond.toFixed(0)}/s p50 ${published.p50.toFixed(1)} ms`;
