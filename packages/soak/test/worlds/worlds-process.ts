// Runs the worlds with the seeds from WORLDS_FROM on, WORLDS_COUNT of them, against the servers of TEST_RUN. Sends each failed world to its
// parent as a report, and at the end how many worlds ran.
import { openLanes } from './run-worlds.ts';
import { report, shrink } from './shrink.ts';

const from = Number(process.env.WORLDS_FROM);
const count = Number(process.env.WORLDS_COUNT);

/** A message to the parent. */
export type WorldsMessage = { report: string } | { count: number; failed: number };

function* seeds(): Iterable<number> {
  for (let seed = from; seed < from + count; seed++) yield seed;
}

const lanes = await openLanes(3);
const { count: ran, failed } = await lanes.runAll(seeds());
for (const result of failed) send({ report: report(await shrink((options) => lanes.run(options), result)) });
send({ count: ran, failed: failed.length });
await lanes.close();
process.disconnect();

function send(message: WorldsMessage): void {
  process.send?.(message);
}
