import type { Attempt, Payment } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { attempts, due } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness({ createLimitMs: 500, queryTimeoutMs: 1_000 });
});
afterEach(() => {
  for (const provider of ['midtrans', 'xendit'] as const) worker.simulator.controls.clearFaults(provider);
});
afterAll(() => worker?.close());

type Provider = 'midtrans' | 'xendit';
type Fault = Parameters<WorkerHarness['simulator']['controls']['addFault']>[1];
const injectFault = (provider: Provider, operation: Fault['operation'], fault: Fault['fault'], overrides: Partial<Fault> = {}) =>
  worker.simulator.controls.addFault(provider, { operation, fault, ...overrides });

/** A payment whose QR comes from the other provider, after an attempt with unknown outcome at `provider`. */
async function afterUnknownAt(provider: Provider, fault: Fault['fault']): Promise<Payment> {
  if (provider === 'xendit') injectFault('midtrans', 'create', 'hang_after_effect');
  injectFault(provider, 'create', fault);
  return worker.pending();
}
const unknownOf = async (payment: Payment, provider: Provider) =>
  (await worker.attempts(payment)).find((attempt) => attempt.provider === provider && attempt.no !== (payment.shownAttempt ?? 0));
const statusOf = async (payment: Payment, provider: Provider) => (await unknownOf(payment, provider))?.status;
const nextLookupAfterS = async (payment: Payment, provider: Provider): Promise<number> => {
  const attempt = await unknownOf(payment, provider);
  return ((attempt?.resolveAt?.getTime() ?? 0) - (attempt?.startedAt.getTime() ?? 0)) / 1_000;
};

describe('an unknown attempt at a provider that finds unpaid charges by reference', () => {
  it('is cancelled when the provider made a charge', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang_after_effect');
    expect(await worker.runDue(payment)).toContain('resolve-attempt: cancelled');
    expect(await statusOf(payment, 'midtrans')).toBe('cancelled');
    expect((await worker.reload(payment)).status).toBe('pending'); // its QR, from the other provider, stays on display
  });

  it('is left alone by a worker that lost its lease', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang_after_effect');
    const { no, leaseNo } = (await unknownOf(payment, 'midtrans')) as Attempt;
    await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 }); // another worker has it now
    const old = { host: 'pos', paymentId: payment.id, no, leaseNo };
    expect(await worker.run({ name: 'resolve-attempt', payload: old })).toBe('superseded');
    expect(await statusOf(payment, 'midtrans')).toBe('unknown');
    worker.advance(60_000);
    await worker.runDue(payment);
  });

  it('is absent when no charge was found for 20 minutes', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang');
    const steps: number[] = [];
    for (let lookup = 0; lookup < 6; lookup++) {
      await worker.runDue(payment);
      const next = await nextLookupAfterS(payment, 'midtrans');
      if (next < 0) break;
      steps.push(next);
      worker.advance(next * 1_000 - (worker.clock.now().getTime() - ((await unknownOf(payment, 'midtrans'))?.startedAt.getTime() ?? 0)));
    }
    expect(steps).toEqual([45, 120, 300, 600, 1_200]);
    expect(await statusOf(payment, 'midtrans')).toBe('absent');
  });

  it('is looked up again when the provider does not answer, and gets a discrepancy after the last lookup', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang_after_effect');
    injectFault('midtrans', 'status', 'http_500', { times: null });
    expect(await worker.runDue(payment)).toContain('resolve-attempt: retry_scheduled');
    worker.advance(21 * 60_000);
    expect(await worker.runDue(payment)).toContain('resolve-attempt: unresolved');
    expect(await worker.events(payment)).toContain('payment.review');
    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(6 * 3_600_000);
    expect(await worker.runDue(payment)).toContain('resolve-attempt: expired'); // the lookups go on, and it ends
  });
});

describe('a charge that the provider returned, and whose QR may not be shown', () => {
  it.each(['findCharge', 'cancelCharge'] as const)('is cancelled within seconds when %s is answered 404 at first', async (operation) => {
    const payment = await afterUnknownAt('midtrans', 'wrong_amount_qr');
    const { provider } = worker.deps.accounts.of({ provider: 'midtrans', account: 'default' });
    provider[operation] = async () => {
      Reflect.deleteProperty(provider, operation); // the next call is real
      return null;
    };
    expect(await worker.runDue(payment)).toEqual(['resolve-attempt: retry_scheduled']);
    worker.advance(5_000);
    expect(await worker.runDue(payment)).toContain('resolve-attempt: cancelled');
  });
});

describe('an unknown attempt at a provider that shows only money', () => {
  it('is absent after 48 hours without money', async () => {
    injectFault('midtrans', 'create', 'rejected', { times: 2 });
    injectFault('xendit', 'create', 'hang_after_effect');
    const failed = await worker.created();
    await worker.run({ name: 'charge', payload: { host: 'pos', paymentId: failed.id, leaseNo: failed.leaseNo } });
    await worker.runDue(failed);
    expect(await nextLookupAfterS(failed, 'xendit')).toBe(60);
    worker.advance(48 * 3_600_000 + 1_000);
    expect(await worker.runDue(failed)).toContain('resolve-attempt: absent');
  });

  it('is paid, with a discrepancy, when money arrives by its QR that was never shown', async () => {
    injectFault('midtrans', 'create', 'rejected');
    injectFault('xendit', 'create', 'http_500_after_effect');
    const payment = await worker.created();
    await worker.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
    worker.simulator.controls.pay(`${payment.reference}-2`);
    worker.advance(60_000);
    await worker.runDue(payment);
    expect(await statusOf(payment, 'xendit')).toBe('paid');
    expect(await worker.events(payment)).toEqual(['payment.failed', 'payment.paid_late', 'payment.review', 'order.paid']);
  });
});

describe('an attempt that must be cancelled now', () => {
  it('is not postponed by a lookup that was already running', async () => {
    const payment = await afterUnknownAt('midtrans', 'hang');
    const due = await unknownOf(payment, 'midtrans');
    injectFault('midtrans', 'status', 'slow', { delay_ms: 200 });
    const running = worker.runDue(payment);
    await eventually(async () => ((await attempts.find(worker.db.pool, payment.id, due?.no ?? 0))?.leaseNo ?? 0) > (due?.leaseNo ?? 0));
    const now = plusMs(worker.clock.now(), 1);
    await attempts.cancelOthers(worker.db.pool, { paymentId: payment.id, no: payment.shownAttempt ?? 0 }, now);
    await running;
    expect((await unknownOf(payment, 'midtrans'))?.resolveAt).toEqual(now);
    await attempts.conclude(worker.db.pool, {
      paymentId: payment.id,
      no: due?.no ?? 0,
      status: 'absent',
      reason: null,
      at: now,
      resolveAt: null,
    });
  });
});
