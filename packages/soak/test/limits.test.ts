import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import { lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { type EventSource, openEventSource } from '@gateway/testing/stack/event-source';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { type Attacker, startAttacker } from './limits/attacker-process.ts';
import { attacks } from './limits/attacks.ts';
import { callsSince, type Kept, keptBy, megabytesOf, mostQuestions } from './limits/costs.ts';
import { honestTills, percentile, type Service } from './limits/honest-tills.ts';
import { prepareVictim, serverKey, type Victim } from './limits/prepare.ts';

/** `npm run soak:limits -- --seconds=12 --rows=500000`; with `--only=TEXT` the attacks whose name contains TEXT. */
const isFull = process.env.SOAK_SECONDS !== undefined;
const attackMs = isFull ? Number(process.env.SOAK_SECONDS) * 1_000 : 400;
const quietMs = isFull ? attackMs / 3 : 150;
const pastPayments = Number(process.env.SOAK_ROWS ?? 0);
const [tillCount, screenCount] = isFull ? [20, 20] : [6, 6];
const attackNames = Object.keys(attacks).filter((name) => name.includes(process.env.SOAK_ONLY ?? ''));
const callsPerSecond = 5; // of an account, for questions
jest.setTimeout(120_000 + pastPayments + 3 * attackNames.length * (attackMs + quietMs));

interface Result {
  /** How long it lasted. */
  seconds: number;
  name: string;
  service: Service;
  answers: Record<string, number>;
  kept: Kept;
  questions: number;
  megabytes: ReturnType<typeof megabytesOf>;
}

let stack: TestStack;
let victim: Victim;
let attacker: Attacker;
const screens: EventSource[] = [];
const quiet: Service = { createMs: [], refused: [] };
const results: Result[] = [];

beforeAll(async () => {
  stack = await startTestStack({ environment: { TRUST_PROXY: '1', MIDTRANS_SERVER_KEY: serverKey, CREATE_LIMIT_MS: '9500' } });
  victim = await prepareVictim(stack, pastPayments);
  attacker = startAttacker();
  const headers = { authorization: 'Bearer sk_test_pos_demo' };
  for (let n = 0; n < screenCount; n++) screens.push(await openEventSource(`${stack.api}/stores/JKT-01/events`, headers));
  await runAttacks();
});
afterAll(async () => {
  for (const screen of screens) screen.close();
  attacker?.close();
  await victim?.close();
  await stack?.stop();
});

/** Runs each attack beside the honest tills, with a quiet time before it. */
async function runAttacks(): Promise<void> {
  const tills = honestTills(stack, tillCount);
  await tills.measure(() => delay(quietMs)); // warms up
  for (const name of attackNames) {
    merge(quiet, await tills.measure(() => delay(quietMs)));
    const before = await keptBy(stack, victim);
    const firstCall = (await callsSince(victim.simulator, 0)).at(-1)?.seq ?? 0;
    const unlock = name.includes('locked') ? await lockOrderRow(stack.pos, victim.loot.lockedOrderId) : null;
    let answers: Record<string, number> = {};
    const startedAt = performance.now();
    const service = await tills.measure(async () => {
      attacker.start(name, victim.loot);
      await delay(attackMs);
      answers = await attacker.stop();
    });
    const seconds = (performance.now() - startedAt) / 1_000; // longer than asked for on a busy machine
    await unlock?.();
    const after = await keptBy(stack, victim);
    const calls = await callsSince(victim.simulator, firstCall);
    const questions = mostQuestions(calls, isFull ? 1_000 : 4_500);
    if (isFull) process.stderr.write(`${name}: done\n`);
    results.push({ name, seconds, service, answers, kept: difference(after, before), questions, megabytes: megabytesOf(stack) });
  }
  await tills.stop();
  if (isFull) printResults();
}

function merge(into: Service, from: Service): void {
  into.createMs.push(...from.createMs);
  into.refused.push(...from.refused);
}

const difference = (after: Kept, before: Kept): Kept =>
  Object.fromEntries(Object.entries(after).map(([name, value]) => [name, value - before[name as keyof Kept]])) as unknown as Kept;

const sumOf = (counts: Record<string, number>): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

const ratioOf = ({ createMs }: Service, share: number): number => percentile(createMs, share) / percentile(quiet.createMs, share);

function printResults(): void {
  const rows = results.map(({ name, seconds, service, answers, kept, questions, megabytes }) => ({
    attack: name,
    'requests/s': Math.round(sumOf(answers) / seconds),
    'p50 ×': ratioOf(service, 0.5).toFixed(2),
    'p99 ×': ratioOf(service, 0.99).toFixed(2),
    creates: service.createMs.length,
    refused: service.refused.length,
    'questions/s': questions,
    rows: kept.webhookRows + kept.payments,
    'stored kB': Math.round(kept.webhookBytes / 1_000),
    'log kB': Math.round(kept.logBytes / 1_000),
    'MB api, worker, notifier': Object.values(megabytes).map(Math.round).join(' '),
    answers: Object.entries(answers)
      .map(([status, count]) => `${status}: ${count}`)
      .join(', '),
  }));
  const [p50, p99] = [percentile(quiet.createMs, 0.5), percentile(quiet.createMs, 0.99)].map((ms) => ms.toFixed(1));
  process.stderr.write(`without an attack: ${quiet.createMs.length} creates, p50 ${p50} ms, p99 ${p99} ms\n`);
  console.table(rows);
}

/** What breaks a bound, by attack. Empty when every attack keeps it. @param perSecond how much higher the bound is for each second */
const exceeding = (figureOf: (result: Result) => number, most: number, perSecond = 0): string[] =>
  results
    .filter((result) => figureOf(result) > most + perSecond * result.seconds)
    .map((result) => `${result.name}: ${figureOf(result).toFixed(2)}`);

describe('beside every attack', () => {
  it('no call of an honest till is refused', () => {
    expect(results.flatMap(({ name, service }) => service.refused.map((answer) => `${name}: ${answer}`))).toEqual([]);
    expect(quiet.refused).toEqual([]);
  });

  it("no provider is asked more often than its account's calls in a second", () => {
    expect(exceeding(({ questions }) => questions, isFull ? callsPerSecond + 1 : 5 * callsPerSecond + 1)).toEqual([]);
  });

  it('few rows and bytes are kept, and few log lines are written', () => {
    expect(exceeding(({ kept }) => kept.webhookRows, 20)).toEqual([]);
    expect(exceeding(({ kept }) => kept.webhookBytes, 1_000_000)).toEqual([]);
    expect(exceeding(({ kept }) => kept.payments, 20, 5)).toEqual([]);
    // With the lines of the honest tills. Without sampling, 3,000 refused requests a second wrote 1.4 MB a second.
    expect(exceeding(({ kept }) => kept.logBytes, 400_000, 100_000)).toEqual([]);
  });

  it('no process needs more memory than its container has', () => {
    expect(exceeding(({ megabytes }) => Math.max(...Object.values(megabytes)), 512)).toEqual([]);
  });

  it('every screen receives every event of its store', async () => {
    const { rows } = await stack.pos.query<{ count: string }>("select count(*) from gateway.outbox where store_id = 'JKT-01'");
    for (const screen of screens) await eventually(() => screen.events.length >= Number(rows[0]?.count));
  });

  // Only at full length: other tests run beside the short one, so that its latencies say nothing.
  if (isFull) {
    it('the attack was real', () => {
      const requests = ({ answers, seconds }: Result) => sumOf(answers) / seconds;
      const least = ({ name }: Result) => (attacks[name]?.perSecond ?? 0) * (attacks[name]?.leastShare ?? 0.8);
      const unreal = results.filter((result) => requests(result) < least(result));
      expect(unreal.map((result) => `${result.name}: ${requests(result).toFixed(0)}`)).toEqual([]);
    });

    it('an honest create takes at most 1.5 times (p50) and twice (p99) as long as without it', () => {
      expect(exceeding(({ service }) => ratioOf(service, 0.5), 1.5)).toEqual([]);
      expect(exceeding(({ service }) => ratioOf(service, 0.99), 2)).toEqual([]);
    });
  }
});
