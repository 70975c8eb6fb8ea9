import fc from 'fast-check';
import { type ModelRun, startModelRun } from './model/model-run.ts';
import { steps } from './model/steps.ts';
import { createSummary } from './model/summary.ts';

/** `npm run soak:model -- --stories=… --seed=… --path=… --replay=…` */
const { SOAK_STORIES, SOAK_SEED, SOAK_PATH, SOAK_REPLAY } = process.env;
const runs = Number(SOAK_STORIES ?? 100);

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
    const scenario = fc.commands([steps], { maxCommands: 30, size: 'max', ...(SOAK_REPLAY ? { replayPath: SOAK_REPLAY } : {}) });
    const property = fc.asyncProperty(scenario, async (commands) => {
      await modelRun.begin();
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

function report<Scenario>({ seed, counterexample, counterexamplePath, errorInstance, numShrinks }: fc.RunDetails<[Scenario]>): string {
  const printed = String(counterexample?.[0]);
  const replay = /replayPath="([^"]*)"/.exec(printed)?.[1] ?? '';
  const command = `npm run soak:model -- --seed=${seed} --path=${counterexamplePath} --replay=${replay}`;
  return `${printed}\n\n${(errorInstance as Error | null)?.message}\n\nshortened ${numShrinks} times; repeat with: ${command}`;
}
