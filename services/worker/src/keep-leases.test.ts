import { type Handlers, jobCatalog } from '@gateway/shared/queue';
import { attempts, due, hostWrites, refunds } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { keepLeases } from './keep-leases.ts';
import { jobFor } from './sweep/due-job.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

/** One due row of every kind. */
async function dueRows(): Promise<due.Due[]> {
  const paid = await worker.pending();
  worker.simulator.controls.pay(`${paid.reference}-1`);
  worker.advance(3_000);
  await worker.runDue();
  const shown = await worker.pending();
  await worker.created();
  const now = worker.clock.now();
  await refunds.open(worker.db.pool, {
    payment: await worker.reload(paid),
    attemptNo: 1,
    amount: paid.amount,
    cause: 'client',
    reason: 'test',
    at: now,
  });
  await hostWrites.defer(worker.db.pool, { paymentId: paid.id, step: 'paid', nextTryAt: now, error: 'busy', at: now });
  await attempts.cancelOthers(worker.db.pool, { paymentId: shown.id, no: 2 }, now);
  await worker.receiveWebhook(`${shown.reference}-1`, 'open');
  worker.advance(3_000); // the first poll, and the lease of the payment that the api has created
  return due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 });
}

/** Handlers of jobs that run until `finish` is called. Their leases are renewed often, because the test moves the clock by seconds. */
function endlessHandlers() {
  const { promise: finished, resolve: finish } = Promise.withResolvers<string>();
  const endless = Object.fromEntries(Object.keys(jobCatalog).map((job) => [job, () => finished])) as unknown as Handlers;
  return { handlers: keepLeases(endless, worker.deps, { everyMs: 5 }), finish: () => finish('done') };
}

const claimAgain = () => due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 });

/** The end of the lease that ends first. */
async function earliestDeadline(): Promise<Date> {
  const { rows } = await worker.db.pool.query<{ at: Date }>(`select min(at) as at from (
    select check_at as at from gateway.payments union all select resolve_at from gateway.attempts union all
    select next_try_at from gateway.webhook_inbox union all select next_try_at from gateway.refunds union all
    select next_try_at from gateway.host_writes) deadlines`);
  return rows[0]?.at as Date;
}

describe('the lease of a due row', () => {
  it('lasts as long as its job, for every kind of row, and ends with it', async () => {
    const rows = await dueRows();
    expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['payment', 'attempt', 'webhook', 'refund', 'host-write']));
    const { handlers, finish } = endlessHandlers();
    const jobs = rows.map(jobFor).map(({ name, payload }) => handlers[name](payload as never));
    for (let seconds = 0; seconds < 40; seconds += 2) {
      worker.advance(2_000);
      await eventually(async () => (await earliestDeadline()) > new Date(worker.clock.now().getTime() + 2_000));
      expect(await claimAgain()).toEqual([]);
    }
    finish();
    await Promise.all(jobs);
    worker.advance(30_000);
    expect((await claimAgain()).length).toBe(rows.length);
  });

  it('is not renewed by a job that has lost it', async () => {
    const payment = await worker.created();
    const { handlers, finish } = endlessHandlers();
    worker.advance(3_000);
    await claimAgain(); // a newer lease
    const { checkAt } = await worker.reload(payment);
    const job = handlers.charge({ host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo });
    worker.advance(1_000);
    expect(await due.renew(worker.db.pool, { kind: 'charge', id: payment.id, leaseNo: payment.leaseNo }, worker.clock.now())).toBe(false);
    finish();
    await job;
    expect((await worker.reload(payment)).checkAt).toEqual(checkAt);
  });

  it('never brings the next deadline of its row forward or takes it away', async () => {
    const payment = await worker.pending();
    const later = new Date(worker.clock.now().getTime() + 60_000);
    await worker.db.pool.query('update gateway.payments set check_at = $2 where id = $1', [payment.id, later]);
    const row = { kind: 'payment', id: payment.id, leaseNo: payment.leaseNo } as const;
    expect(await due.renew(worker.db.pool, row, worker.clock.now())).toBe(true);
    expect((await worker.reload(payment)).checkAt).toEqual(later);
    await worker.db.pool.query('update gateway.payments set check_at = null where id = $1', [payment.id]);
    expect(await due.renew(worker.db.pool, row, worker.clock.now())).toBe(false);
    expect((await worker.reload(payment)).checkAt).toBeNull();
  });
});
