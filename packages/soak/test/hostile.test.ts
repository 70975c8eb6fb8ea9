import { setTimeout as delay } from 'node:timers/promises';
import { serviceFiles, startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { type Loot, prepareLoot, serverKey } from './hostile/loot.ts';
import { type Memory, measuredApi, memoryMeter } from './hostile/needed-memory.ts';
import { type Operation, operationsOf } from './hostile/operations.ts';
import { rawRequestOf } from './hostile/raw-requests.ts';
import { requestOf } from './hostile/requests.ts';
import { type Choices, choicesOf } from './hostile/seeded.ts';
import { closeConnections, send, sendRaw } from './hostile/send.ts';
import { storedIn, webhooksIn } from './hostile/stored.ts';
import { faultOf, faultOfRaw } from './hostile/verdict.ts';

/** `npm run soak:hostile -- --requests=1000000`; `--seed=S --only=N` repeats one request and prints it with its answer. */
const total = Number(process.env.SOAK_REQUESTS ?? 1_000);
const isFull = process.env.SOAK_REQUESTS !== undefined;
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const only = process.env.SOAK_ONLY === undefined ? null : Number(process.env.SOAK_ONLY);
const withoutKey = Math.floor(total * 0.6); // the rest have a valid key of another tenant
const concurrency = 48;
const rawShare = 0.04;
const mostRaw = 256; // connections that wait, for a slow body or for the time limit of the api, keep no other request from being sent
jest.setTimeout(120_000 + total * 20);

let stack: TestStack;
let api: URL;
let loot: Loot;
let operations: Operation[];
let startedAt: number;
const faults: string[] = [];
const answers: Record<string, number> = {};
let measure: () => Promise<Memory>;
const memory: Memory[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    environment: { TRUST_PROXY: '1', MIDTRANS_SERVER_KEY: serverKey },
    programs: { ...serviceFiles, api: measuredApi },
  });
  api = new URL(stack.api);
  [loot, operations] = [await prepareLoot(stack), await operationsOf(stack.api)];
  measure = memoryMeter(stack);
  startedAt = performance.now();
});
afterAll(async () => {
  if (isFull && only === null) report();
  closeConnections();
  await stack?.stop();
});

function report(): void {
  const [seconds, sent] = [(performance.now() - startedAt) / 1_000, Object.values(answers).reduce((sum, count) => sum + count, 0)];
  process.stdout.write(`seed ${seed}: ${sent} requests in ${seconds.toFixed(0)} s; answers ${JSON.stringify(answers)}\n`);
  process.stdout.write(`megabytes that the api needs, fifty times: ${memory.map(({ needed }) => needed).join(' ')}\n`);
  process.stdout.write(`megabytes that it has: ${memory.map(({ resident }) => resident).join(' ')}\n`);
}

/** Sends request `n`, and writes down what is wrong with its answer. */
async function attack(n: number, choices: Choices): Promise<void> {
  const request = requestOf(operations, loot, choices, n >= withoutKey);
  let answer = await send(api, request);
  for (let again = 0; again < 20 && request.rights !== 'own' && answer.status === 503; again++) {
    await delay(1_000); // a busy machine answers otherwise then; to a request that is the cause of its 503 it does not
    answer = await send(api, request);
  }
  note(n, String(answer.status ?? 'none'), faultOf(request, answer, loot.secrets), () => [request, answer]);
}

async function attackRaw(n: number, choices: Choices): Promise<void> {
  const raw = rawRequestOf(loot, choices);
  const answer = await sendRaw(api, raw);
  note(n, answer.statuses.join('+') || 'none', faultOfRaw(answer), () => [raw.ending, raw.bytes.toString('latin1'), answer]);
}

function note(n: number, outcome: string, fault: string | null, story: () => unknown): void {
  answers[outcome] = (answers[outcome] ?? 0) + 1;
  if (fault && faults.length < 10)
    faults.push(`${fault}; repeat with --requests=${total} --seed=${seed} --only=${n}: ${JSON.stringify(story()).slice(0, 3_000)}`);
  else if (only !== null) process.stdout.write(`${JSON.stringify(story(), null, 1)}\n`);
}

async function attackAll(from: number, to: number): Promise<void> {
  let next = from;
  const raws = new Set<Promise<void>>();
  const begin = async (n: number): Promise<void> => {
    const choices = choicesOf(seed, n);
    if (!choices.chance(rawShare)) return attack(n, choices);
    const raw = attackRaw(n, choices).finally(() => raws.delete(raw));
    raws.add(raw);
    if (raws.size >= mostRaw) await Promise.race(raws);
  };
  const work = async () => {
    while (next < to && faults.length < 10) {
      const n = next++;
      if (only !== null && n !== only) continue;
      if (isFull && n % Math.ceil(total / 50) === 0) memory.push(await measure());
      await begin(n);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  await Promise.all(raws);
}

/** The series of answers with 500, also of those that the caller did not wait for. The log has not all of them: it is sampled, and rotates. */
const failuresIn = (metrics: string): string[] => metrics.match(/^gateway_http_seconds_count\{.*status="5(?!03)\d\d".*$/gm) ?? [];

const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;

it(`${total} hostile requests over all routes: no answer is 500, no caller is let in, and nothing forged is stored`, async () => {
  const [before, webhooks, pid] = [await storedIn(stack.pos, null), await webhooksIn(stack.pos), stack.pids('api')[0]];
  await attackAll(0, withoutKey);
  expect(faults).toEqual([]);
  expect(await storedIn(stack.pos, null)).toEqual(before);
  expect(await webhooksIn(stack.pos)).toBeLessThanOrEqual(webhooks + 20); // copies of a genuine one

  const ofVictim = [...loot.victim.payments, loot.secrets[0] ?? ''];
  const victims = await storedIn(stack.pos, ofVictim);
  await attackAll(withoutKey, total);
  expect(faults).toEqual([]);
  expect(await storedIn(stack.pos, ofVictim)).toEqual(victims);
  expect(failuresIn(await stack.fetchMonitor('api', '/metrics'))).toEqual([]);
  expect(stack.pids('api')).toEqual([pid]);
  expect(answers.none ?? 0).toBeLessThan(total / 10); // connections that ended without an answer: few, or nothing was tested
});

if (isFull && only === null) {
  it('the memory of the api is flat', () => {
    const needed = memory.map((each) => each.needed);
    const [early, late] = [needed.slice(5, 15), needed.slice(-10)]; // the first ones are without any load yet
    expect(mean(late)).toBeLessThanOrEqual(mean(early) * 1.2);
  });
}
