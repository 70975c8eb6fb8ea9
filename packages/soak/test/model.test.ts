import fc from 'fast-check';
import { type ModelRun, type Setting, startModelRun } from './model/model-run.ts';
import type { HostId } from './model/order-software.ts';
import { steps, stepsOnAnyHost } from './model/steps.ts';
import { createSummary } from './model/summary.ts';

/** `npm run soak:model -- --stories=… --hosts=pos,till --seed=… --path=… --replay=…` */
const { SOAK_STORIES, SOAK_HOSTS, SOAK_SEED, SOAK_PATH, SOAK_REPLAY } = process.env;
const runs = Number(SOAK_STORIES ?? 100);
/** The orders by API take part in the long runs: their scenarios take more time, and `npm test` has the races of orders by API instead. */
const hostIds = (SOAK_HOSTS ?? (SOAK_STORIES ? 'pos,till' : 'pos')).split(',') as HostId[];

let modelRun: ModelRun;
beforeAll(async () => {
  modelRun = await startModelRun();
});
afterAll(() => modelRun?.close());

/** Below this number of scenarios, a rare kind of step may not be drawn. */
const runsForEveryKind = 2_000;
const summary = createSummary();

it(
  `${runs} scenarios of up to 30 steps lose no money, accept none twice, and leave no work unfinished`,
  async () => {
    const scenario = fc.commands([hostIds.includes('till') ? steps : stepsOnAnyHost], {
      maxCommands: 30,
      size: 'max',
      ...(SOAK_REPLAY ? { replayPath: SOAK_REPLAY } : {}),
    });
    const setting = fc.record<Setting>({ hostId: fc.constantFrom(...hostIds), isAtOnce: fc.boolean() });
    const property = fc.asyncProperty(setting, scenario, async (begun, commands) => {
      await modelRun.begin(begun);
      await fc.asyncModelRun(() => ({ model: modelRun, real: modelRun }), commands);
      await modelRun.settle();
      summary.add(modelRun.scenario);
    });
    const result = await fc.check(property, {
      numRuns: runs,
      unbiased: true, // long scenarios from the start
      ...(SOAK_SEED ? { seed: Number(SOAK_SEED) } : {}),
      ...(SOAK_PATH ? { path: SOAK_PATH, endOnFailure: true } : {}),
    });
    if (SOAK_STORIES) console.log(`${result.numRuns} scenarios, seed ${result.seed}\n${summary.text()}`);
    if (result.failed) throw new Error(report(result));
    if (runs >= runsForEveryKind && !SOAK_PATH) expect(summary.missingKinds()).toEqual([]);
  },
  runs * 5_000, // a limit for a machine that is busy with other work: a scenario takes 0.2 s
);

function report<Scenario>({
  seed,
  counterexample,
  counterexamplePath,
  errorInstance,
  numShrinks,
}: fc.RunDetails<[Setting, Scenario]>): string {
  const [setting, steps] = counterexample ?? [];
  const printed = `${JSON.stringify(setting)} ${String(steps)}`;
  const replay = /replayPath="([^"]*)"/.exec(printed)?.[1] ?? '';
  const command = `npm run soak:model -- --hosts=${hostIds.join()} --seed=${seed} --path=${counterexamplePath} --replay=${replay}`;
  return `${printed}\n\n${(errorInstance as Error | null)?.message}\n\nshortened ${numShrinks} times; repeat with: ${command}`;
}
