import { setTimeout as sleep } from 'node:timers/promises';
import { connectSubscriber } from '@gateway/shared/queue';
import { demoKeys } from '@gateway/shared/runtime';
import { eventually } from '@gateway/testing/eventually';
import { openAccounts } from './nemesis/accounts.ts';
import { type Availability, watchAvailability } from './nemesis/availability.ts';
import { faultKinds } from './nemesis/faults.ts';
import { faultsFelt } from './nemesis/felt.ts';
import { type Installation, startInstallation } from './nemesis/installation.ts';
import { lineOf, planFaults, targets } from './nemesis/plan.ts';
import { runFaults } from './nemesis/run-faults.ts';
import { openShop, type Shop } from './nemesis/shop.ts';
import { judge, type Verdict } from './nemesis/verdict.ts';
import { openOutlets } from './screens/sales.ts';
import type { Screen } from './screens/screen.ts';
import { streamScreen } from './screens/stream-screen.ts';

/** `npm run soak:nemesis -- --minutes 10 --seed 7 --tills 30 --screens 60` */
const minutes = Number(process.env.SOAK_MINUTES ?? 0);
const seed = Number(process.env.SOAK_SEED ?? 1);
const tills = Number(process.env.SOAK_TILLS ?? 30);
const screenCount = Number(process.env.SOAK_SCREENS ?? 60);
const outlets = 28;
const warmUpSales = 20;
const calmMs = 15_000;

const print = (line: string) => process.stdout.write(`${line}\n`);
const plan = planFaults(seed, minutes * 60_000, faultKinds);

describe('the plan of faults', () => {
  it('is the same for the same seed, another one for another seed, and has every target', () => {
    const storyOf = (n: number) => planFaults(n, 600_000, faultKinds).map(lineOf);
    expect(storyOf(7)).toEqual(storyOf(7));
    expect(storyOf(7)).not.toEqual(storyOf(8));
    expect(new Set(planFaults(7, 600_000, faultKinds).map(({ target }) => target))).toEqual(new Set(targets));
  });
});

const describeInFull = minutes > 0 ? describe : describe.skip;

describeInFull(`${minutes} minutes of all faults at once, seed ${seed}, ${tills} tills, ${screenCount} screens`, () => {
  let installation: Installation;
  let availability: Availability;
  const screens: Screen[] = [];
  const misplaced: string[] = [];
  let channels: ReturnType<typeof connectSubscriber>;
  beforeAll(async () => {
    installation = await startInstallation();
    availability = watchAvailability(installation);
    channels = connectSubscriber(installation.redis.url, { name: 'all channels' });
    channels.on('pmessage', (_pattern, channel: string, text: string) => {
      const { store_id: storeId } = JSON.parse(text) as { store_id: string };
      if (channel !== `order:channel:${storeId}`) misplaced.push(`an event of ${storeId} on ${channel}`);
    });
    await channels.psubscribe('order:channel:*');
  }, 120_000);
  afterAll(async () => {
    for (const screen of screens) screen.close();
    channels?.disconnect();
    await availability?.close();
    await installation?.stop();
  }, 60_000);

  it(
    'no payment is lost or doubled, no screen misses an event, and I1 to I12 hold',
    async () => {
      const storeIds = [...(await openOutlets({ pos: installation.pos.pool }, outlets)), 'DPS-01', 'DPS-02'];
      await openAccounts(installation, storeIds);
      for (let n = 0; n < screenCount; n++) {
        const storeId = storeIds[n % storeIds.length] as string;
        screens.push(streamScreen({ api: installation.stack.api, key: storeId.startsWith('DPS') ? demoKeys.till : demoKeys.pos, storeId }));
      }
      const shop = openShop(installation, { availability, tills, storeIds, seed });
      await eventually(() => shop.sales.length >= warmUpSales, 60_000);
      const startedAt = performance.now();
      const printPhase = (phase: string) => print(`${((performance.now() - startedAt) / 1_000).toFixed(1).padStart(6)} s  ${phase}`);
      print(`seed ${seed}: ${plan.length} faults in ${minutes} minutes${installation.disks ? '' : '. SKIPPED: full disks'}`);
      const { servableMs } = availability;
      await runFaults(installation, plan, print);
      const faultsMs = performance.now() - startedAt;
      const unservableMs = faultsMs - (availability.servableMs - servableMs);
      printPhase('calm');
      await sleep(calmMs);
      await shop.close();
      printPhase('tills closed');
      const verdicts = await judge({ installation, shop, screens, misplaced });
      printPhase('audited');
      print(`felt by the processes, lines of their logs: ${faultsFelt(installation.stack.dataDir)}`);
      print(
        `no installation could have served for ${secondsOf(unservableMs)} of ${secondsOf(faultsMs)}; since the start of the processes ${missingParts(availability)}`,
      );
      report(shop, verdicts);
      expect(shop.failed).toEqual([]);
      expect(verdicts.flatMap(({ invariant, faults }) => faults.map((fault) => `${invariant} ${fault}`))).toEqual([]);
    },
    minutes * 60_000 + 15 * 60_000,
  );
});

const secondsOf = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const missingParts = ({ missingMs }: Availability): string =>
  [...missingMs].map(([part, ms]) => `${part} was missing for ${secondsOf(ms)}`).join(', ');

function report(shop: Shop, verdicts: readonly Verdict[]): void {
  const countOf = (invariant: string, pattern: RegExp) =>
    verdicts.find((each) => each.invariant === invariant)?.faults.filter((fault) => pattern.test(fault)).length ?? 0;
  for (const reason of shop.failed) print(`failed: ${reason}`);
  for (const { invariant, how, faults } of verdicts) {
    print(`${invariant.padEnd(3)} ${faults.length === 0 ? 'holds   ' : 'VIOLATED'} ${how}`);
    for (const fault of faults.slice(0, 20)) print(`      ${fault}`);
  }
  const facts = [
    `${shop.sales.length} sales`,
    `${shop.failed.length} requests failed with retry by key`,
    `longest gap ${secondsOf(shop.longestGapMs)}`,
    `longest wait of a till ${secondsOf(shop.longestWaitMs)}, of time in which an installation could have served ${secondsOf(shop.longestServableWaitMs)}`,
    `${countOf('I1', /^lost/)} lost`,
    `${countOf('I2', /^doubled/)} doubled`,
    `${countOf('I6', /^screen/)} screens with a gap`,
  ];
  print(facts.join(', '));
}
