import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation.ts';
import { lineOf, type PlannedFault, targets } from './plan.ts';

const lateAfterMs = 1_000;

/**
 * Does the planned faults to the installation. The faults of one target wait for each other, as a server that recovers takes longer than
 * planned. @throws when a fault could not be done or ended: the others end, too
 */
export async function runFaults(installation: Installation, plan: readonly PlannedFault[], print: (line: string) => void): Promise<void> {
  const startedAt = performance.now();
  const sinceStart = () => performance.now() - startedAt;
  let hasFailed = false;

  async function runOne(fault: PlannedFault): Promise<void> {
    await sleep(Math.max(0, fault.atMs - sinceStart()));
    const lateMs = sinceStart() - fault.atMs;
    print(`${lineOf(fault)}${lateMs > lateAfterMs ? ` (${(lateMs / 1_000).toFixed(1)} s late: the one before took longer)` : ''}`);
    const end = await fault.begin(installation);
    await sleep(fault.forMs);
    await end?.();
  }

  await Promise.all(
    targets.map(async (target) => {
      for (const fault of plan.filter((each) => each.target === target)) {
        if (hasFailed) return;
        await runOne(fault).catch((error: Error) => {
          hasFailed = true;
          throw new Error(`could not be done, ${fault.target}, ${fault.what}: ${error.message}`, { cause: error });
        });
      }
    }),
  );
}
