import { createLogger, plusMs } from '@gateway/shared/runtime';
import { auditRuns } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createDailyAudit, type DailyAuditDeps } from './daily-audit.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

const dailyAudit = (more: Partial<DailyAuditDeps> = {}) =>
  createDailyAudit({ hosts: worker.hosts, clock: worker.clock, log: createLogger('test', 'silent'), pauseMs: 0, ...more });
const latest = () => auditRuns.latest(worker.db.pool);
const runs = async () => (await worker.db.pool.query<{ count: number }>('select count(*) from gateway.audit_runs')).rows[0]?.count;
const hours = 3_600_000;

describe('the daily audit', () => {
  it('begins a while after the first start, and then runs once a day at three in the morning in Jakarta', async () => {
    await dailyAudit().runDue();
    expect(await latest()).toBeNull();
    worker.advance(15 * 60_000);
    await worker.pending();
    await dailyAudit().runDue();
    const first = await latest();
    expect(first).toMatchObject({ startedAt: worker.clock.now(), payments: 1, isComplete: true });
    await dailyAudit().runDue();
    expect(await runs()).toBe(1);
    for (let hour = 0; hour < 48; hour++) {
      worker.advance(hours);
      await dailyAudit().runDue();
    }
    expect([await runs(), (await latest())?.startedAt.getUTCHours()]).toEqual([3, 20]);
  });

  it('is made by one of several processes, and its findings are stored', async () => {
    await worker.pending();
    worker.advance(24 * hours); // nothing has asked the provider for a day
    await Promise.all(Array.from({ length: 4 }, () => dailyAudit().runDue()));
    const found = await auditRuns.findings(worker.db.pool, 50);
    expect([await runs(), (await latest())?.broken]).toEqual([4, found.filter(({ state }) => state === 'broken').length]);
    expect(found[0]).toMatchObject({
      invariant: 'I8',
      rule: 'open_payment_overdue',
      about: expect.stringMatching(/^pay_/),
      state: 'broken',
    });
  });

  it('that another process took over writes nothing', async () => {
    worker.advance(24 * hours);
    const now = worker.clock.now();
    const leaseNo = (await auditRuns.claim(worker.db.pool, now, plusMs(now, 1_000))) as number;
    worker.advance(2_000);
    await dailyAudit().runDue();
    const run = { since: now, startedAt: now, finishedAt: now, payments: 0, broken: 0, waiting: 0, isComplete: true };
    expect(await auditRuns.store(worker.db, leaseNo, { run, findings: [], nextAt: now })).toBe(false);
    expect([await runs(), (await latest())?.startedAt]).toEqual([5, worker.clock.now()]);
  });

  it('ends at its limit and says so, and one that is stopped leaves the audit to another process', async () => {
    worker.advance(24 * hours);
    const stopped = dailyAudit({ pauseMs: 600_000 });
    const run = stopped.runDue();
    await stopped.stop();
    await run;
    expect(await runs()).toBe(5);
    worker.advance(6 * 60_000);
    await dailyAudit({ maxPayments: 1 }).runDue();
    expect(await latest()).toMatchObject({ isComplete: false, startedAt: worker.clock.now() });
  });
});
