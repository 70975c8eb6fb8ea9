import type { Payment } from '@gateway/shared/payment';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { due } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import pg from 'pg';
import { createHandlers } from '../handlers.ts';
import { type Job, jobFor } from './due-job.ts';
import { startSweep } from './sweep.ts';

const hostBusyLimitMs = 30_000;
let worker: WorkerHarness;
let editors: Database; // the connections of the POS software, apart from the worker's pool
let unlocks: (() => Promise<void>)[];

beforeEach(async () => {
  worker = await startWorkerHarness({ hostBusyLimitMs });
  const { rows } = await worker.db.pool.query<{ name: string }>('select current_database() as name');
  const url = new URL(worker.db.pool.options.connectionString as string);
  url.pathname = `/${rows[0]?.name}`;
  editors = connectDatabase(url.href, { name: 'editors' });
  unlocks = [];
});
afterEach(async () => {
  for (const unlock of unlocks) await unlock().catch(() => {});
  await editors?.close();
  await worker?.close();
});

/** Payments whose money has arrived, with its webhook, while an editor holds their orders. */
async function paidAndLocked(count: number): Promise<Payment[]> {
  const payments = await Promise.all(Array.from({ length: count }, () => worker.pending()));
  for (const { reference, orderKey } of payments) {
    unlocks.push(await lockOrderRow(editors.pool, orderKey));
    worker.simulator.controls.pay(`${reference}-1`);
    await worker.receiveWebhook(`${reference}-1`, 'paid');
  }
  return payments;
}

const textOf = (statement: unknown): string => (typeof statement === 'string' ? statement : (statement as { text: string }).text);

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

const rowOf = ({ payload: { leaseNo, ...row } }: Job) => JSON.stringify(row);

/** The jobs of due rows, as a worker with free places runs them. */
function startJobs() {
  const handlers = createHandlers(worker.deps, { everyMs: 5 }); // the test moves the clock faster than time passes
  const running = new Map<string, Promise<unknown>>();
  const runs = new Map<string, number>();
  const ranTwiceAtOnce: string[] = [];
  const claim = async () => {
    for (const job of (await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 })).map(jobFor)) {
      const row = rowOf(job);
      if (running.has(row)) ranTwiceAtOnce.push(`${job.name} ${row}`);
      runs.set(row, (runs.get(row) ?? 0) + 1);
      const run = handlers[job.name](job.payload as never)
        .catch(() => {})
        .finally(() => running.delete(row));
      running.set(row, run);
    }
  };
  return { claim, runs, ranTwiceAtOnce, finished: () => Promise.all(running.values()) };
}

describe('four orders that are locked in an editor for half a minute', () => {
  it('take no connection from tills, cost few jobs each, and are paid when they are unlocked', async () => {
    const locked = await paidAndLocked(4);
    const jobs = startJobs();
    const tillTimes: number[] = [];
    const connectionTimes: number[] = [];
    const arePaid = async () => (await Promise.all(locked.map(worker.reload))).every(({ status }) => status === 'paid');
    for (let step = 0; step < 200 && !(await arePaid()); step++) {
      worker.advance(500);
      await jobs.claim();
      connectionTimes.push(await timeOf(() => worker.db.pool.query('select')));
      tillTimes.push(await timeOf(async () => expect((await worker.pending()).status).toBe('pending')));
    }
    await jobs.finished();
    expect(jobs.ranTwiceAtOnce).toEqual([]);
    const lockedRuns = [...jobs.runs].filter(([row]) => locked.some(({ id }) => row.includes(id)) || row.includes('inboxId'));
    expect(Math.max(...lockedRuns.map(([, count]) => count))).toBeLessThanOrEqual(10);
    expect(tillTimes.length).toBeGreaterThan(hostBusyLimitMs / 500); // the orders were locked for longer than the patience
    expect(Math.max(...connectionTimes)).toBeLessThan(1_500); // a pool whose connections wait for locks gives none within 2 s
    expect(Math.max(...tillTimes)).toBeLessThan(5_000);
    // The patience is over: our part is written without the host.
    for (const payment of locked) expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid']);
    for (const unlock of unlocks.splice(0)) await unlock();
    worker.advance(60_000);
    await worker.runDue();
    for (const payment of locked) expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });
});

describe('an order that is locked for a few seconds', () => {
  it('is paid when it is unlocked, and the patience begins anew at the next lock', async () => {
    const [payment] = (await paidAndLocked(1)) as [Payment];
    worker.advance(3_000);
    expect(new Set(await worker.runDue(payment))).toEqual(new Set(['check-payment: retry_scheduled', 'verify-webhook: retry_scheduled']));
    expect(await worker.events(payment)).toEqual(['payment.pending']);
    worker.advance(5_000);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).status).toBe('pending');
    for (const unlock of unlocks.splice(0)) await unlock();
    worker.advance(10_000);
    await worker.runDue(payment);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    const { rows } = await worker.db.pool.query('select host_busy_since from gateway.payments where id = $1', [payment.id]);
    expect(rows).toEqual([{ host_busy_since: null }]);
  });

  it('counts no try of the webhook, which is not parked', async () => {
    const [payment] = (await paidAndLocked(1)) as [Payment];
    worker.advance(3_000);
    await worker.runDue(payment);
    const { rows } = await worker.db.pool.query('select tries, verdict from gateway.webhook_inbox where reference = $1', [
      `${payment.reference}-1`,
    ]);
    expect(rows).toEqual([{ tries: 0, verdict: null }]);
  });
});

describe('work on a payment whose order is locked', () => {
  const lock = async ({ orderKey }: Payment) => unlocks.push(await lockOrderRow(editors.pool, orderKey));
  const unlockAll = async () => {
    for (const unlock of unlocks.splice(0)) await unlock();
  };

  it('asks for the lock once in each job: money that arrives', async () => {
    const [payment] = (await paidAndLocked(1)) as [Payment];
    worker.advance(3_000);
    const query = jest.spyOn(pg.Client.prototype, 'query');
    const outcomes = await worker.runDue(payment);
    const transactions = query.mock.calls.filter(([statement]) => textOf(statement).startsWith('begin'));
    query.mockRestore();
    expect(new Set(outcomes)).toEqual(new Set(['check-payment: retry_scheduled', 'verify-webhook: retry_scheduled']));
    expect(transactions).toHaveLength(outcomes.length);
  });

  it('is tried once by its job, and ends when the order is unlocked: the expiry of a QR', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    await lock(payment);
    worker.advance(60_000);
    expect(await worker.runDue(payment)).toEqual(['expire-payment: retry_scheduled']);
    await unlockAll();
    worker.advance(1_000);
    expect(await worker.runDue(payment)).toEqual(['expire-payment: expired']);
  });

  it('is tried once by its job, and ends when the order is unlocked: a QR that no provider could make', async () => {
    for (const provider of ['midtrans', 'xendit'] as const)
      worker.simulator.controls.addFault(provider, { operation: 'create', fault: 'rejected', times: null });
    const payment = await worker.created();
    await lock(payment);
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toEqual(['charge: retry_scheduled']);
    await unlockAll();
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toEqual(['charge: failed']);
  });

  it('is tried once by its job, and ends when the order is unlocked: an attempt with unknown outcome that was paid', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect', times: 1 });
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await lock(payment);
    expect(await worker.runDue(payment)).toEqual(['resolve-attempt: retry_scheduled']);
    await unlockAll();
    worker.advance(1_000);
    expect(await worker.runDue(payment)).toContain('resolve-attempt: paid');
  });
});

describe('two locked orders while the queue does not accept jobs', () => {
  it('keep no till from its QR', async () => {
    const locked = await paidAndLocked(2);
    const tills = await Promise.all(Array.from({ length: 12 }, () => worker.created()));
    const sweep = startSweep({
      databases: () => [{ database: 'POS_DATABASE_URL', db: worker.db }],
      enqueue: async () => false,
      handlers: createHandlers(worker.deps, { everyMs: 5 }),
      clock: worker.clock,
      log: worker.deps.log,
      everyMs: 10,
    });
    try {
      worker.advance(3_000);
      await eventually(async () => (await Promise.all(tills.map(worker.reload))).every(({ status }) => status === 'pending'));
      expect((await Promise.all(locked.map(worker.reload))).map(({ status }) => status)).toEqual(['pending', 'pending']);
    } finally {
      await sweep.stop();
    }
  });
});
