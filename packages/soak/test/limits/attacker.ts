// A process of its own with a low priority, as an attacker has machines of his own: the figures are about the gateway, not about who
// gets this machine's processors. Runs one attack after the other, as its parent says.
import { attacks, type Loot } from './attacks.ts';

type Order = { start: string; loot: Loot } | { stop: true };

const open = new Set<AbortController>(); // requests that are under way, and streams that are held open
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
  const loop = async (): Promise<void> => {
    while (isRunning) await send(loot.api, attack.call(loot, n++));
  };
  finished = Promise.all(Array.from({ length: attack.concurrency }, loop));
}

async function stop(): Promise<void> {
  isRunning = false;
  for (const request of open) request.abort();
  open.clear();
  await finished;
  process.send?.(counts);
}

async function send(api: string, { path, ...init }: { path: string } & RequestInit): Promise<void> {
  const abort = new AbortController();
  open.add(abort);
  try {
    const answer = await fetch(api + path.replace('LAST', lastPaymentId), { ...init, signal: abort.signal });
    count(String(answer.status));
    if (answer.headers.get('content-type')?.startsWith('text/event-stream') && open.size < mostHeld) return; // held open
    const text = await answer.text();
    lastPaymentId = /"payment_id":"(pay_\w+)"/.exec(text)?.[1] ?? lastPaymentId;
  } catch (error) {
    if (isRunning) count((error as Error).name);
  }
  open.delete(abort);
}

function count(outcome: string): void {
  counts[outcome] = (counts[outcome] ?? 0) + 1;
}
