import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { accountCommands } from '../../ops/src/commands/account-commands.ts';
import { storeCommands } from '../../ops/src/commands/store-commands.ts';
import { runCommand } from '../../ops/test/run-command.ts';

/** `npm run soak:accounts -- --outlets=200 --tills=50` */
const isFull = process.env.SOAK_OUTLETS !== undefined;
const outletCount = Number(process.env.SOAK_OUTLETS ?? 3);
const tillCount = Number(process.env.SOAK_TILLS ?? (isFull ? 50 : 4));
const pauseMs = Number(process.env.SOAK_PAUSE_MS ?? (isFull ? 1_000 : 100));
const knownWithinMs = 2_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startTestStack({
    environment: { API_PROCESSES: '2', WORKER_PROCESSES: '2', HEDGE_AFTER_MS: '10000', CREATE_LIMIT_MS: '9500' },
  });
});
afterAll(() => stack?.stop());

const outlets = Array.from({ length: outletCount }, (_, n) => `OUT-${String(n + 1).padStart(3, '0')}`);
const accountOf = (outlet: string) => outlet.toLowerCase();

interface Create {
  ms: number;
  status: number;
  paymentId: string;
}

/** Tills that make a payment at some outlet and pay it, until they are stopped. */
function startTills(): { creates: Create[]; stop(): Promise<void> } {
  const creates: Create[] = [];
  let isStopped = false;
  const till = async (no: number) => {
    for (let n = no; !isStopped; n++) {
      const { ms, status, body } = await stack.till().create(await anOrder(stack.pos, { outlet: outlets[n % outletCount] as string }));
      creates.push({ ms, status, paymentId: body.payment_id });
      if (status === 201) await stack.simulator.pay(body.transaction_id);
      await delay(pauseMs);
    }
  };
  const tills = Array.from({ length: tillCount }, (_, no) => till(no));
  return {
    creates,
    stop: async () => {
      isStopped = true;
      await Promise.all(tills);
    },
  };
}

async function ops(line: string[], input?: unknown): Promise<void> {
  const { code, err } = await runCommand(
    [...accountCommands, ...storeCommands],
    line,
    { DATA_DIR: stack.dataDir },
    JSON.stringify(input ?? ''),
  );
  if (code !== 0) throw new Error(`${line.join(' ')}: ${err}`);
}

/** Adds both accounts of an outlet, as an operator does. @returns after how many milliseconds a QR was made with them */
async function addOutlet(outlet: string): Promise<number> {
  const id = accountOf(outlet);
  const notification = (provider: string) => ({ notification_url: `${stack.api}/webhooks/${provider}/${id}` });
  await stack.simulator.openAccount('midtrans', id, `SB-Mid-server-${id}`, notification('midtrans'));
  await stack.simulator.openAccount('xendit', id, `xnd_development_${id}`, notification('xendit'));
  await ops(['accounts', 'add', `midtrans/${id}`], { server_key: `SB-Mid-server-${id}` });
  await ops(['accounts', 'add', `xendit/${id}`], { secret_key: `xnd_development_${id}`, callback_token: `xnd_development_${id}-token` });
  await ops(['stores', 'set', outlet, '--accounts', `midtrans=${id},xendit=${id}`]);
  const setAt = performance.now();
  // Several payments in a row with the new account: the jobs are shared among the workers, so each of them knows it.
  let firstAt = setAt;
  for (let inRow = 0; inRow < 4; ) {
    const askedAt = performance.now();
    const { body } = await stack.till().create(await anOrder(stack.pos, { outlet }));
    const { rows } = await stack.pos.query('select account from gateway.attempts where payment_id = $1', [body.payment_id]);
    inRow = rows.every(({ account }) => account === id) ? inRow + 1 : 0;
    if (inRow === 0 && askedAt - setAt > 30_000) throw new Error(`${outlet} has no QR of its own account after 30 s`);
    if (inRow === 1) firstAt = askedAt;
  }
  return firstAt - setAt;
}

const p50 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
const residentMb = (kind: 'api' | 'worker') =>
  stack.pids(kind).map((pid) => Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024));
const forgedLines = () =>
  readFileSync(path.join(stack.dataDir, 'logs/security.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('webhook_forged')).length;

it(`${outletCount} outlets get two accounts each while ${tillCount} tills run: no create fails, no genuine webhook is refused, nothing restarts`, async () => {
  await stack.pos.query(
    `insert into pos.outlets (merchant_id, code, name) select o.merchant_id, added, added from unnest($1::text[]) added, pos.outlets o where o.code = 'JKT-01'`,
    [outlets],
  );
  const pids = [stack.pids('api'), stack.pids('worker')].flat();
  const before = startTills();
  await delay(isFull ? 60_000 : 1_000);
  await before.stop();
  const memoryBefore = [residentMb('api'), residentMb('worker')];

  const during = startTills();
  const waits: number[] = [];
  for (const outlet of outlets) waits.push(await addOutlet(outlet));
  await during.stop();

  const after = startTills();
  await delay(isFull ? 60_000 : 1_000);
  await after.stop();
  const creates = [before, during, after].flatMap((run) => run.creates);
  const failed = creates.filter(({ status }) => status !== 201);
  const figures = {
    outlets: outletCount,
    creates: creates.length,
    failed: failed.length,
    forged: forgedLines(),
    known_ms: { p50: Math.round(p50(waits)), longest: Math.round(Math.max(...waits)) },
    create_p50_ms: [before, during, after].map((run) => Math.round(p50(run.creates.map(({ ms }) => ms)) * 10) / 10),
    memory_mb: { before: memoryBefore, after: [residentMb('api'), residentMb('worker')] },
  };
  if (isFull) console.log(JSON.stringify(figures, null, 2));
  expect([failed, forgedLines()]).toEqual([[], 0]);
  expect([stack.pids('api'), stack.pids('worker')].flat()).toEqual(pids);
  if (isFull) expect(Math.max(...waits)).toBeLessThanOrEqual(knownWithinMs);
  await expectAllWebhooksAccepted();
  await expectPaidWithOwnAccounts();
}, 3_600_000);

/** Every webhook was answered 2xx at its first attempt. */
async function expectAllWebhooksAccepted(): Promise<void> {
  const { charges } = (await (await fetch(`${simulatorUrl()}/control/charges`)).json()) as {
    charges: { webhooks: Notice[] }[];
  };
  const refused = charges
    .flatMap(({ webhooks }) => webhooks)
    .filter(({ attempts }) => attempts.some(({ result }) => result !== null && result !== 200));
  expect(refused).toEqual([]);
}
interface Notice {
  attempts: { result: number | string | null }[];
}
const simulatorUrl = () => (JSON.parse(readFileSync(path.join(stack.dataDir, 'stack.json'), 'utf8')) as { simulator: string }).simulator;

async function expectPaidWithOwnAccounts(): Promise<void> {
  await eventually(async () => {
    const { rows } = await stack.pos.query(
      `select count(distinct a.account)::int as accounts from gateway.payments p join gateway.attempts a on a.payment_id = p.id
       where p.status = 'paid' and a.account = lower(p.store_id)`,
    );
    return rows[0].accounts === outletCount;
  });
}
