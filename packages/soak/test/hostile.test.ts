import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';
import { serviceFiles, startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { type Loot, prepareLoot, serverKey } from './hostile/loot.ts';
import { type Operation, operationsOf } from './hostile/operations.ts';
import { rawRequestOf } from './hostile/raw-requests.ts';
import { requestOf } from './hostile/requests.ts';
import { choicesOf } from './hostile/seeded.ts';
import { closeConnections, send, sendRaw } from './hostile/send.ts';
import { storedIn, webhooksIn } from './hostile/stored.ts';
import { faultOf, faultOfRaw } from './hostile/verdict.ts';

/** `npm run soak:hostile -- --requests=1000000`; `--seed=S --only=N` repeats one request and prints it with its answer. */
const total = Number(process.env.SOAK_REQUESTS ?? 1_000);
const isFull = process.env.SOAK_REQUESTS !== undefined;
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 31));
const only = process.env.SOAK_ONLY === undefined ? null : Number(process.env.SOAK_ONLY);
const withoutKey = Math.floor(total * 0.6); // the rest have a valid key of another tenant
const concurrency = 24;
jest.setTimeout(120_000 + total * 20);

let stack: TestStack;
let loot: Loot;
let operations: Operation[];
const faults: string[] = [];
const answers: Record<string, number> = {};
const megabytes: number[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    environment: { TRUST_PROXY: '1', MIDTRANS_SERVER_KEY: serverKey },
    programs: { ...serviceFiles, api: path.join(checkoutDir, 'services/api/src/main.ts') },
  });
  [loot, operations] = [await prepareLoot(stack), await operationsOf(stack.api)];
});
afterAll(async () => {
  closeConnections();
  await stack?.stop();
});

/** Sends request `n`, and writes down what is wrong with its answer. */
async function attack(n: number): Promise<void> {
  const choices = choicesOf(seed, n);
  if (choices.chance(0.04)) {
    const raw = rawRequestOf(loot, choices);
    const { statuses, text } = await sendRaw(stack.api, raw);
    note(n, statuses.join('+') || 'none', faultOfRaw(statuses), () => [raw.ending, raw.bytes.toString('latin1'), text]);
    return;
  }
  const request = requestOf(operations, loot, choices, n >= withoutKey);
  const answer = await send(stack.api, request);
  note(n, String(answer.status ?? 'none'), faultOf(request, answer, loot.secrets), () => [request, answer]);
}

function note(n: number, outcome: string, fault: string | null, story: () => unknown): void {
  answers[outcome] = (answers[outcome] ?? 0) + 1;
  if (fault && faults.length < 10)
    faults.push(`${fault}; repeat with --requests=${total} --seed=${seed} --only=${n}: ${JSON.stringify(story()).slice(0, 3_000)}`);
  else if (only !== null) process.stdout.write(`${JSON.stringify(story(), null, 1)}\n`);
}

async function attackAll(from: number, to: number): Promise<void> {
  if (only !== null) return from <= only && only < to ? attack(only) : undefined;
  let next = from;
  const work = async () => {
    while (next < to && faults.length < 10) {
      const n = next++;
      if (isFull && n % Math.ceil(total / 50) === 0) megabytes.push(residentMegabytes());
      await attack(n);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

const residentMegabytes = (): number =>
  Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(stack.pids('api')[0])], { encoding: 'utf8' })) / 1_024);

const mean = (figures: readonly number[]): number => figures.reduce((sum, figure) => sum + figure, 0) / figures.length;

it(`${total} hostile requests over all routes: no answer is 500, no caller is let in, and nothing forged is stored`, async () => {
  const startedAt = performance.now();
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
  expect(stack.log('api')).not.toContain('"code":"internal"');
  expect(stack.pids('api')).toEqual([pid]);
  expect(answers.none ?? 0).toBeLessThan(total / 10); // connections that ended without an answer: few, or nothing was tested
  if (!isFull || only !== null) return;
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stdout.write(`seed ${seed}: ${total} requests in ${seconds.toFixed(0)} s; answers ${JSON.stringify(answers)}\n`);
  process.stdout.write(`megabytes of the api, fifty times: ${megabytes.join(' ')}\n`);
});

if (isFull && only === null) {
  it('the memory of the api is flat', () => {
    const [warm, late] = [megabytes.slice(10, 20), megabytes.slice(-10)];
    expect(mean(late)).toBeLessThanOrEqual(mean(warm) * 1.2);
  });
}
