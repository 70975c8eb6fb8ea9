import type { Deps } from '@gateway/worker/src/deps.ts';
import { auditLane } from './audit-lane.ts';
import { type Lane, openLane } from './lane.ts';
import { runWorld, type WorldResult } from './run-world.ts';
import { installVirtualTimers } from './virtual-timers.ts';
import type { WorldOptions } from './world.ts';

/** Worlds side by side in one process: while PostgreSQL works for one of them, the others go on. Each lane has a database of its own. */
export interface Lanes {
  /** Runs one world and audits it. @param lane which one, from 0 */
  run(options: WorldOptions, lane?: number): Promise<WorldResult>;
  /**
   * Runs many worlds, and audits the rows of all of them together after every few hundred. Stops early after `maxFailed` failures.
   * @returns how many ran, and those with findings, in the order of their seeds
   */
  runAll(seeds: Iterable<number>, maxFailed?: number): Promise<{ count: number; failed: WorldResult[] }>;
  close(): Promise<void>;
}

const worldsPerAudit = 250;

/** @param alter changes what the worker works with: for a fault that a test plants. Default: nothing */
export async function openLanes(count: number, alter: (deps: Deps) => Deps = (deps) => deps): Promise<Lanes> {
  const lanes = await Promise.all(Array.from({ length: count }, () => openLane(alter)));
  const uninstall = installVirtualTimers();
  return {
    run: (options, lane = 0) => runAudited(lanes[lane] as Lane, options),
    runAll: async (seeds, maxFailed = 3) => {
      const progress: Progress = { seeds: seeds[Symbol.iterator](), count: 0, failed: [], maxFailed };
      await Promise.all(lanes.map((lane) => runInLane(lane, progress)));
      return { count: progress.count, failed: progress.failed.sort((a, b) => a.seed - b.seed) };
    },
    close: async () => {
      uninstall();
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

async function runAudited(lane: Lane, options: WorldOptions): Promise<WorldResult> {
  const result = await runWorld(lane, options);
  const audited = await auditLane(lane, [result]);
  return { ...result, findings: [...result.findings, ...audited.flatMap(({ findings }) => findings)] };
}

interface Progress {
  seeds: Iterator<number>;
  count: number;
  failed: WorldResult[];
  maxFailed: number;
}

/** One world after the other, until no seed is left. */
async function runInLane(lane: Lane, progress: Progress): Promise<void> {
  for (let isOver = false; !isOver; ) {
    const passed: WorldResult[] = [];
    while (passed.length < worldsPerAudit) {
      const next = progress.failed.length < progress.maxFailed ? progress.seeds.next() : { done: true as const, value: null };
      isOver = next.done === true;
      if (next.done) break;
      const result = await runWorld(lane, { seed: next.value });
      progress.count++;
      if (result.findings.length > 0) progress.failed.push(result);
      else passed.push(result);
    }
    progress.failed.push(...(await auditLane(lane, passed)));
  }
}
