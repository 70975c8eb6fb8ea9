import fc from 'fast-check';
import type { Records } from './model/records.ts';
import { steps } from './model/steps.ts';
import { openWorld, type World } from './model/world.ts';

/** `npm run soak:model -- --stories=… --seed=… --path=… --replay=…` */
const { SOAK_STORIES, SOAK_SEED, SOAK_PATH, SOAK_REPLAY } = process.env;
const stories = Number(SOAK_STORIES ?? 200);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world?.close());

/** What became of everything in all stories: a soak prints it. */
const seen = new Map<string, number>();
function tally({ events, discrepancies, payments, attempts, refunds, inbox, hostWrites }: Records): string[] {
  return [
    ...events.map(({ type }) => `event ${type}`),
    ...discrepancies.map(({ reason }) => `discrepancy ${reason}`),
    ...payments.map(({ status }) => `payment ${status}`),
    ...attempts.map(({ status, provider }) => `attempt ${provider} ${status}`),
    ...refunds.map(({ cause, status }) => `refund ${cause} ${status}`),
    ...inbox.map(({ verdict }) => `webhook ${verdict}`),
    ...hostWrites.map(({ step }) => `till was busy: ${step}`),
  ];
}

it(
  `${stories} stories of up to 30 steps lose no money, take none twice, and leave nothing unexplained`,
  async () => {
    const story = fc.commands([steps], { maxCommands: 30, size: 'max', ...(SOAK_REPLAY ? { replayPath: SOAK_REPLAY } : {}) });
    const property = fc.asyncProperty(story, async (commands) => {
      await world.begin();
      await fc.asyncModelRun(() => ({ model: world, real: world }), commands);
      await world.comeToRest();
      for (const what of tally(world.story.records)) seen.set(what, (seen.get(what) ?? 0) + 1);
    });
    const found = await fc.check(property, {
      numRuns: stories,
      unbiased: true, // long stories from the first
      ...(SOAK_SEED ? { seed: Number(SOAK_SEED) } : {}),
      ...(SOAK_PATH ? { path: SOAK_PATH, endOnFailure: true } : {}),
    });
    if (SOAK_STORIES)
      console.log(
        [...seen]
          .map(([what, times]) => `${String(times).padStart(7)} ${what}`)
          .sort((a, b) => a.slice(8).localeCompare(b.slice(8)))
          .join('\n'),
      );
    if (found.failed) throw new Error(report(found));
  },
  stories * 1_000,
);

function report<Story>({ seed, counterexample, counterexamplePath, errorInstance, numShrinks }: fc.RunDetails<[Story]>): string {
  const told = String(counterexample?.[0]);
  const replay = /replayPath="([^"]*)"/.exec(told)?.[1] ?? '';
  const again = `npm run soak:model -- --seed=${seed} --path=${counterexamplePath} --replay=${replay}`;
  return `${told}\n\n${(errorInstance as Error | null)?.message}\n\nmade ${numShrinks} times shorter; again: ${again}`;
}
