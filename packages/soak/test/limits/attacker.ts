// A process of its own, so that the attacker's work is not the gateway's. Runs one attack after the other, as its parent says.
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { attacks, type Call, type Loot } from './attacks.ts';

type Order = { start: string; loot: Loot } | { stop: true };

const agent = new http.Agent({ keepAlive: true });
const open = new Set<http.ClientRequest>(); // requests that are under way, and streams that are held open
const mostHeld = 3_000;
let lastPaymentId = 'none';
let isRunning = false;
let counts: Record<string, number> = {};
let finished: Promise<unknown> = Promise.resolve();

process.on('message', (order: Order) => {
  if ('start' in order) start(order.start, order.loot);
  else void stop();
});
process.once('disconnect', () => process.exit(0));

function start(name: string, loot: Loot): void {
  const attack = attacks[name];
  if (!attack) throw new Error(`no attack is called ${name}`);
  isRunning = true;
  counts = {};
  let n = 0;
  const startedAt = performance.now();
  const loop = async (): Promise<void> => {
    while (isRunning) {
      const request = n++;
      const ahead = startedAt + (request / attack.perSecond) * 1_000 - performance.now();
      if (ahead > 1) await delay(ahead);
      await send(loot.api, attack.call(loot, request));
    }
  };
  finished = Promise.all(Array.from({ length: attack.concurrency }, loop));
}

async function stop(): Promise<void> {
  isRunning = false;
  for (const request of open) request.destroy();
  open.clear();
  await finished;
  process.send?.(counts);
}

/** `http.request` costs a third of `fetch`: what the attacker needs of this machine's processors is not left for the attack. */
async function send(api: string, { path, body, ...options }: Call): Promise<void> {
  const request = http.request(api + path.replace('LAST', lastPaymentId), { ...options, agent });
  open.add(request);
  try {
    request.end(body);
    const answer = await answerTo(request);
    count(String(answer.statusCode));
    if (answer.headers['content-type']?.startsWith('text/event-stream') && open.size < mostHeld) return void answer.resume(); // held open
    lastPaymentId = /"payment_id":"(pay_\w+)"/.exec(await text(answer))?.[1] ?? lastPaymentId;
  } catch (error) {
    if (isRunning) count((error as NodeJS.ErrnoException).code ?? (error as Error).name);
  }
  open.delete(request);
}

const answerTo = (request: http.ClientRequest): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });

function count(outcome: string): void {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}
