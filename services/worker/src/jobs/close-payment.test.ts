import type { Payment } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => worker.simulator.controls.clearFaults('midtrans'));
afterAll(() => worker?.close());

const minutes = 60_000;
const chargeOf = ({ reference }: Payment) => worker.simulator.controls.charge(`${reference}-1`);
const lifecycleOf = (payment: Payment) => chargeOf(payment).states.at(-1)?.lifecycle;

/** The next call of this kind is answered as if there were no such charge: by a replica of the provider that is behind. */
function answerNotFoundOnce(operation: 'findCharge' | 'cancelCharge'): void {
  const { provider } = worker.deps.accounts.of({ provider: 'midtrans', account: 'default' });
  provider[operation] = async () => {
    Reflect.deleteProperty(provider, operation); // the next call is real
    return null;
  };
}

async function requestCancel(payment: Payment): Promise<string[]> {
  await payments.hide(worker.db.pool, payment.id, 'client', worker.clock.now());
  return worker.runDue(payment);
}

describe('a payment whose expiry has passed', () => {
  it('is ended at the provider, and then expired', async () => {
    const payment = await worker.pending({ expiresInMs: 5 * minutes });
    worker.advance(5 * minutes - 1);
    await worker.runDue(payment);
    worker.advance(1);
    expect(await worker.runDue(payment)).toEqual(['expire-payment: expired']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired']);
    expect(lifecycleOf(payment)).toBe('expired');
    expect((await worker.attempts(payment))[0]?.status).toBe('expired');
  });

  it('is paid when the money arrived first', async () => {
    const payment = await worker.pending({ expiresInMs: 5 * minutes });
    worker.advance(5 * minutes);
    worker.simulator.controls.pay(`${payment.reference}-1`);
    await worker.runDue(payment);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });
});

describe('an order whose payment has expired', () => {
  it('gets a new QR at once, although the provider of the old one does not answer', async () => {
    const old = await worker.pending({ expiresInMs: minutes });
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    worker.advance(minutes);
    const fresh = await worker.pending({ orderId: old.orderKey });
    expect(fresh).toMatchObject({ status: 'pending', hiddenAt: null });
    expect(fresh.id).not.toBe(old.id);

    await worker.runDue();
    worker.advance(2 * minutes);
    await worker.runDue();
    expect(await worker.events(old)).toEqual(['payment.pending', 'payment.cancelled']); // closed after two minutes without its provider
    expect((await worker.reload(fresh)).status).toBe('pending');
  });
});

describe('a payment whose cancellation was requested', () => {
  it('is cancelled at the provider first, and then here', async () => {
    const payment = await worker.pending();
    expect(await requestCancel(payment)).toEqual(['cancel-payment: cancelled']);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
    expect(lifecycleOf(payment)).toBe('cancelled');
    expect((await worker.reload(payment)).checkAt).not.toBeNull(); // money may still arrive
  });

  it('announces the reason of the request, not that the provider carried it out', async () => {
    const payment = await worker.pending();
    await requestCancel(payment);
    const { rows } = await worker.db.pool.query<{ reason: string }>(
      `select payload -> 'data' ->> 'reason' as reason from gateway.payment_events where payment_id = $1 and type = 'payment.cancelled'`,
      [payment.id],
    );
    expect(rows).toEqual([{ reason: 'client' }]);
  });

  it.each(['findCharge', 'cancelCharge'] as const)(
    'is cancelled at the provider within seconds when %s of a fresh charge is answered 404',
    async (operation) => {
      const payment = await worker.pending();
      answerNotFoundOnce(operation);
      expect(await requestCancel(payment)).toEqual(['cancel-payment: retry_scheduled']);
      worker.advance(5_000);
      expect(await worker.runDue(payment)).toEqual(['cancel-payment: cancelled']);
      expect(lifecycleOf(payment)).toBe('cancelled');
    },
  );

  it('stays open while its charge can be paid after the cancellation', async () => {
    const payment = await worker.pending();
    const { provider } = worker.deps.accounts.of({ provider: 'midtrans', account: 'default' });
    provider.cancelCharge = (attempt, signal) => provider.findCharge(attempt, signal);
    const outcomes = await requestCancel(payment).finally(() => Reflect.deleteProperty(provider, 'cancelCharge'));
    expect(outcomes).toEqual(['cancel-payment: retry_scheduled']);
    expect(await worker.reload(payment)).toMatchObject({ status: 'pending' });
  });

  it('is left alone by a worker that lost its lease', async () => {
    const payment = await worker.pending();
    const leaseNo = (await payments.hide(worker.db.pool, payment.id, 'client', worker.clock.now())) as number;
    const old = { host: 'pos', paymentId: payment.id, leaseNo: leaseNo - 1 };
    expect(await worker.run({ name: 'cancel-payment', payload: old })).toBe('superseded');
    expect(lifecycleOf(payment)).toBe('pending');
  });

  it('stays open for two minutes while the provider does not answer', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    expect(await requestCancel(payment)).toEqual(['cancel-payment: retry_scheduled']);
    worker.advance(2 * minutes - 1);
    expect(await worker.runDue(payment)).toEqual(['cancel-payment: retry_scheduled']);
    expect((await worker.reload(payment)).status).toBe('pending');
  });

  it('is closed here after two minutes, polled on, and cancelled at the provider when that answers again', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.addFault('midtrans', { operation: 'any', fault: 'http_500', times: null });
    await requestCancel(payment);
    worker.advance(2 * minutes);
    expect(await worker.runDue(payment)).toEqual(['cancel-payment: cancelled']);
    expect(lifecycleOf(payment)).toBe('pending');

    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(2 * minutes);
    await worker.runDue(payment);
    expect(lifecycleOf(payment)).toBe('cancelled');
    expect((await worker.attempts(payment))[0]?.status).toBe('cancelled');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.cancelled']);
  });

  it('stays open while a report of payment is unconfirmed, polled at the interval of late-payment polling', async () => {
    const payment = await worker.pending();
    await payments.markUnconfirmed(worker.db.pool, payment.id, worker.clock.now());
    expect(await requestCancel(payment)).toEqual(['cancel-payment: pending']);
    expect(lifecycleOf(payment)).toBe('cancelled');
    const { status, checkAt } = await worker.reload(payment);
    expect(status).toBe('pending');
    expect((checkAt?.getTime() ?? 0) - worker.clock.now().getTime()).toBeGreaterThanOrEqual(30_000);
  });
});
