import fc from 'fast-check';
import { type ModelRun, type Scenario, startModelRun } from './model/model-run.ts';
import type { Records } from './model/records.ts';
import { steps } from './model/steps.ts';

/** `npm run soak:model -- --stories=… --seed=… --path=… --replay=…` */
const { SOAK_STORIES, SOAK_SEED, SOAK_PATH, SOAK_REPLAY } = process.env;
const runs = Number(SOAK_STORIES ?? 200);

let modelRun: ModelRun;
beforeAll(async () => {
  modelRun = await startModelRun();
});
afterAll(() => modelRun?.close());

/** How often each result occurred in all scenarios. `npm run soak:model` prints it. */
const totals = new Map<string, number>();
function tally({ steps, records }: Scenario): string[] {
  const { events, discrepancies, payments, attempts, refunds, inbox, hostWrites }: Records = records;
  return [
    ...steps.map((name) => `step ${name.replace(/\(.*|\d.*/, '')}`),
    ...events.map(({ type }) => `event ${type}`),
    ...discrepancies.map(({ reason }) => `discrepancy ${reason}`),
    ...payments.map(({ status }) => `payment ${status}`),
    ...attempts.map(({ status, provider }) => `attempt ${provider} ${status}`),
    ...refunds.map(({ cause, status }) => `refund ${cause} ${status}`),
    ...inbox.map(({ verdict }) => `webhook ${verdict}`),
    ...hostWrites.map(({ step }) => `deferred host write ${step}`),
  ];
}

it(
  `${runs} scenarios of up to 30 steps lose no money, accept none twice, and leave no work unfinished`,
  async () => {
    const scenario = fc.commands([steps], { maxCommands: 30, size: 'max', ...(SOAK_REPLAY ? { replayPath: SOAK_REPLAY } : {}) });
    const property = fc.asyncProperty(scenario, async (commands) => {
      await modelRun.begin();
      await fc.asyncModelRun(() => ({ model: modelRun, real: modelRun }), commands);
      await modelRun.settle();
      for (const what of tally(modelRun.scenario)) totals.set(what, (totals.get(what) ?? 0) + 1);
    });
    const result = await fc.check(property, {
      numRuns: runs,
      unbiased: true, // long scenarios from the start
      ...(SOAK_SEED ? { seed: Number(SOAK_SEED) } : {}),
      ...(SOAK_PATH ? { path: SOAK_PATH, endOnFailure: true } : {}),
    });
    if (SOAK_STORIES)
      console.log(
        [...totals]
          .map(([what, times]) => `${String(times).padStart(7)} ${what}`)
          .sort((a, b) => a.slice(8).localeCompare(b.slice(8)))
          .join('\n'),
      );
    if (result.failed) throw new Error(report(result));
  },
  runs * 1_000,
);

function report<Scenario>({ seed, counterexample, counterexamplePath, errorInstance, numShrinks }: fc.RunDetails<[Scenario]>): string {
  const printed = String(counterexample?.[0]);
  const replay = /replayPath="([^"]*)"/.exec(printed)?.[1] ?? '';
  const command = `npm run soak:model -- --seed=${seed} --path=${counterexamplePath} --replay=${replay}`;
  return `${printed}\n\n${(errorInstance as Error | null)?.message}\n\nshortened ${numShrinks} times; repeat with: ${command}`;
}
