import type { Payment } from '@gateway/shared/payment';
import { createProviders, fixedAccounts } from '@gateway/shared/provider';
import type { Handlers } from '@gateway/shared/queue';
import { due, refunds } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { createAccounts } from '../providers/accounts.ts';
import { jobFor } from '../sweep/due-job.ts';

let worker: WorkerHarness;
let handlers: Handlers; // after the accounts have left the configuration
beforeAll(async () => {
  worker = await startWorkerHarness({ createLimitMs: 500 });
  handlers = createHandlers({ ...worker.deps, accounts: createAccounts(fixedAccounts([]), createProviders(worker.deps), () => null) });
});
afterEach(() => worker.simulator.controls.clearFaults('midtrans'));
afterAll(() => worker?.close());

/** Runs the jobs of all rows that are due now, once each. */
async function runDueOnce(): Promise<string[]> {
  const rows = await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 });
  return Promise.all(rows.map(jobFor).map(async ({ name, payload }) => `${name}: ${await handlers[name](payload as never)}`));
}
/** Moves the clock from one due time to the next. @returns the outcomes, until no row is due for `days` */
async function runFor(days: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let ms = 0; ms < days * 24 * 3_600_000; ms += 600_000) {
    worker.advance(600_000);
    outcomes.push(...(await runDueOnce()));
  }
  return outcomes;
}
const discrepanciesOf = async ({ id }: Pick<Payment, 'id'>): Promise<string[]> => {
  const { rows } = await worker.db.pool.query<{ text: string }>(
    `select reason || ' ' || ours as text from gateway.discrepancies where payment_id = $1 order by id`,
    [id],
  );
  return rows.map(({ text }) => text);
};

describe('a payment whose account left the configuration', () => {
  it('gets one discrepancy, is closed at its expiry, and is not polled for ever', async () => {
    const payment = await worker.pending();
    worker.advance(3_000);
    expect(await runDueOnce()).toEqual(['check-payment: provider_error']);
    expect(await discrepanciesOf(payment)).toEqual(['account_not_configured midtrans/default']);
    worker.advance(9_000);
    expect(await runDueOnce()).toEqual([]); // a live account's interval, not every 4 s
    worker.advance(900_000);
    await runDueOnce();
    worker.advance(120_000);
    expect(await runDueOnce()).toContain('expire-payment: expired');
    await runFor(2);
    expect(await worker.reload(payment)).toMatchObject({ status: 'expired', checkAt: null });
    expect(await discrepanciesOf(payment)).toEqual(['account_not_configured midtrans/default']);
  });

  it('keeps its discrepancy closed after an operator has closed it', async () => {
    const payment = await worker.pending();
    worker.advance(3_000);
    await runDueOnce();
    await worker.db.pool.query(
      `update gateway.discrepancies set closed_at = now(), closed_by = 'operator', closed_reason = 'seen' where payment_id = $1`,
      [payment.id],
    );
    worker.advance(60_000);
    await runDueOnce();
    expect(await worker.reload(payment)).toMatchObject({ needsReview: false });
  });

  it('is held for review when a webhook reports its payment', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await runDueOnce()).toContain('verify-webhook: unreachable');
    for (const ms of [3_000, 10_000, 30_000]) {
      worker.advance(ms);
      await runDueOnce();
    }
    expect(await discrepanciesOf(payment)).toEqual(['account_not_configured midtrans/default', 'paid_unconfirmed pending']);
  });

  it('has an unknown attempt that is reported instead of failing every few seconds', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect', times: 1 });
    const payment = await worker.pending();
    expect(await runDueOnce()).toContain('resolve-attempt: retry_scheduled');
    expect(await discrepanciesOf(payment)).toEqual(['account_not_configured midtrans/default']);
  });

  it('has a refund that waits for the account', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.pay(`${payment.reference}-1`);
    worker.advance(3_000);
    await worker.runDue(payment);
    const paid = await worker.reload(payment);
    expect(paid.status).toBe('paid');
    const at = worker.clock.now();
    await refunds.open(worker.db.pool, { payment: paid, attemptNo: 1, amount: paid.amount, cause: 'client', reason: 'test', at });
    expect(await runDueOnce()).toContain('refund: not_requested');
    expect(await discrepanciesOf(payment)).toEqual(['account_not_configured midtrans/default']);
  });
});
