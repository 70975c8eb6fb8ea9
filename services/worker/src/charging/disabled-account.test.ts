import { type AccountDirectory, createProviders, fixedAccounts } from '@gateway/shared/provider';
import { refunds } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { createAccounts } from '../providers/accounts.ts';
import { createChooseRoute } from './routing.ts';

let worker: WorkerHarness;
let isDisabled = false;
beforeAll(async () => {
  worker = await startWorkerHarness();
  const all = () =>
    worker.accounts.map((account) => (account.provider === 'midtrans' && isDisabled ? { ...account, isDisabled } : account));
  const directory: AccountDirectory = { all, find: (provider, id) => fixedAccounts(all()).find(provider, id), mayChange: () => false };
  const accounts = createAccounts(directory, createProviders(worker.deps), () => null);
  const control = () => ({ settings: new Map(), holds: [] });
  const chooseRoute = createChooseRoute({ order: ['midtrans', 'xendit'], accounts, control, clock: worker.clock });
  Object.assign(worker.handlers, createHandlers({ ...worker.deps, accounts, chooseRoute }));
});
beforeEach(() => (isDisabled = false));
afterAll(() => worker?.close());

describe('an account that an operator disables', () => {
  it('gets no new charge, and the route says why', async () => {
    isDisabled = true;
    const payment = await worker.pending();
    expect((await worker.attempts(payment)).map(({ provider }) => provider)).toEqual(['xendit']);
    const { rows } = await worker.db.pool.query('select route from gateway.payments where id = $1', [payment.id]);
    expect(rows[0].route[0]).toMatchObject({ provider: 'midtrans', outcome: 'skipped', reason: 'disabled by an operator' });
  });

  it('still has its open QR polled, settled and refunded', async () => {
    const payment = await worker.pending();
    isDisabled = true;
    worker.simulator.controls.pay(`${payment.reference}-1`);
    worker.advance(3_000);
    expect(await worker.runDue(payment)).toContain('check-payment: applied');
    const paid = await worker.reload(payment);
    const at = worker.clock.now();
    await refunds.open(worker.db.pool, { payment: paid, attemptNo: 1, amount: paid.amount, cause: 'client', reason: 'test', at });
    for (let minutes = 0; minutes < 5 && (await worker.reload(payment)).status !== 'refunded'; minutes++) {
      await worker.runDue(payment);
      worker.advance(60_000);
    }
    expect((await worker.reload(payment)).status).toBe('refunded');
  });

  it('still has its open QR cancelled and expired at the provider', async () => {
    const payment = await worker.pending();
    isDisabled = true;
    worker.advance(900_000);
    await worker.runDue(payment);
    expect((await worker.reload(payment)).status).toBe('expired');
  });
});
