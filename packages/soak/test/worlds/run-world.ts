import type { Charge } from '@gateway/simulator';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { Gateway } from './gateway.ts';
import type { Lane } from './lane.ts';
import { People } from './people.ts';
import { findingsOf } from './verdict.ts';
import { type Disturbance, World, type WorldOptions } from './world.ts';

const second = 1_000;
const hour = 3_600 * second;
const disturbedMs = 95 * second;
/** How far the time moves before each round when all is calm. The last ones are longer than every retry delay and every late-payment window. */
const calmStepsMs = [0, 3 * second, 10 * second, 30 * second, 300 * second, hour, 6 * hour, 24 * hour, 49 * hour];
const maxSteps = 5_000; // a world takes some hundred

export interface WorldResult {
  seed: number;
  orderId: string;
  /** What is wrong. Empty: nothing. */
  findings: string[];
  disturbances: readonly Disturbance[];
  story: readonly string[];
  /** The providers' charges at the end. */
  charges: readonly Charge[];
  trace: readonly string[];
}

/** Runs one world from its seed to its end, and checks the invariants. The same options give the same trace. */
export async function runWorld(lane: Lane, options: WorldOptions): Promise<WorldResult> {
  const world = new World(options, lane.startMs);
  const [orderId] = await Promise.all([anOrder(lane.adminDb.pool, { total: 55_000, outlet: lane.storeId }), lane.redis.begin()]);
  const gateway = new Gateway(world, lane);
  const people = new People(world, gateway, orderId);
  people.plan();
  await runUntil(gateway, lane.startMs + disturbedMs);
  const isFinished = await becomeCalm(gateway);
  const findings = await findingsOf(world, gateway, people);
  world.isOver = true;
  await lane.connections.abandon(null); // a connection of a task that never ended is free for the next world
  if (!isFinished) await lane.cleanUp();
  const kept = lane.connections.takenCount();
  if (kept > 0) findings.push(`the simulation lost ${kept} connections, which later worlds will lack`);
  const { disturbances, story } = world;
  const charges = gateway.book.charges;
  return { seed: options.seed, orderId, findings, disturbances, story, charges, trace: world.time.trace };
}

/** Runs step after step until this time, or until nothing is left to do. A world that takes too many steps has a finding, and stops. */
async function runUntil(gateway: Gateway, untilMs: number): Promise<void> {
  const { time } = gateway.world;
  while (time.isBusyUntil(untilMs) && (await time.runNext(untilMs))) {
    await gateway.planSweep();
    if (time.trace.length <= maxSteps) continue;
    gateway.world.errors.push(`the work does not end: its last steps are\n${time.trace.slice(-10).join('\n')}`);
    return time.cancelAll();
  }
}

/** All faults end, and time passes until no work is left. @returns false when some is left at the end */
async function becomeCalm(gateway: Gateway): Promise<boolean> {
  const { world, lane } = gateway;
  const { time } = world;
  world.isCalm = true;
  gateway.relayNow();
  let deadline = await lane.nextDeadline();
  const pass = async (untilMs: number): Promise<void> => {
    const stepsBefore = time.trace.length;
    await runUntil(gateway, untilMs);
    if (time.trace.length > stepsBefore) deadline = await lane.nextDeadline();
  };
  for (const stepMs of calmStepsMs) {
    const targetMs = time.nowMs + stepMs;
    await pass(targetMs);
    if (!deadline && !time.isBusyUntil(Number.POSITIVE_INFINITY)) return true;
    time.setTo(targetMs);
    if (deadline && deadline <= time.now()) await gateway.sweep();
    await pass(targetMs + 30 * second);
  }
  return !deadline;
}
