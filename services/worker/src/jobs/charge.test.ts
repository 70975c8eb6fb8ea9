import type { Payment } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { attempts as attemptRows, leases, payments } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { chargeJobOf } from '@gateway/testing/worker/charge-job';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { askedStep } from '../charging/ask-provider.ts';
import { createHandlers } from '../handlers.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness({ createLimitMs: 2_000 });
});
afterEach(() => bothProviders((provider) => worker.simulator.controls.clearFaults(provider)));
afterAll(() => worker?.close());

type Fault = Parameters<WorkerHarness['simulator']['controls']['addFault']>[1];
const bothProviders = (act: (provider: 'midtrans' | 'xendit') => void) => (['midtrans', 'xendit'] as const).forEach(act);
const injectFault = (provider: 'midtrans' | 'xendit', fault: Fault['fault'], overrides: Partial<Fault> = {}) =>
  worker.simulator.controls.addFault(provider, { operation: 'create', fault, ...overrides });

/** As a create adds it. When the usual case does not apply, it goes on as the job of the sweep, which has no `routedBy`. */
const charge = (payment: Payment) => worker.run(chargeJobOf(payment));
const chargeOfSweep = (payment: Payment) => worker.run(chargeJobOf(payment, { isAtOnce: false }));
const attempts = async (payment: Payment) =>
  (await worker.attempts(payment)).map(({ provider, status, reason }) => `${provider} ${status}${reason ? ` ${reason}` : ''}`);
const lifecycle = (reference: string) => worker.simulator.controls.charge(reference).states.at(-1)?.lifecycle;
const repliesOf = ({ id }: Payment) => worker.replies.filter((reply) => reply.id === id).map(({ status }) => status);
/** Another worker claims the payment, as the sweep does when a lease ends. */
async function takenOver({ id }: Payment): Promise<Payment> {
  await worker.db.pool.query('update gateway.payments set lease_no = lease_no + 1 where id = $1', [id]);
  return worker.reload({ id });
}

/** Asks Midtrans for a QR, as the charge job of the worker that read this payment does. */
const askMidtrans = (payment: Payment, no: number) =>
  worker.deps.askProvider({
    host: worker.host,
    payment,
    no,
    begunAs: null,
    leaseNo: payment.leaseNo,
    candidate: worker.deps.accounts.of({ provider: 'midtrans', account: 'default' }),
    now: worker.clock.now(),
    startedAt: worker.clock.now(),
    othersLeft: 0,
    routeWith: (step) => [step],
  });

describe('a payment whose QR is to be made', () => {
  it('shows the first correct QR, and replies to the till', async () => {
    const payment = await worker.created({ total: 55_000 });
    expect(await charge(payment)).toBe('pending');
    expect(await worker.reload(payment)).toMatchObject({
      status: 'pending',
      shownAttempt: 1,
      qrString: worker.simulator.controls.charge(`${payment.reference}-1`).qrString,
    });
    expect(await worker.events(payment)).toEqual(['payment.pending']);
    expect(repliesOf(payment)).toEqual(['pending']);
    expect((await worker.reload(payment)).route).toEqual([expect.objectContaining({ provider: 'midtrans', outcome: 'chosen' })]);
  });

  it('gets the same QR by the job of the sweep', async () => {
    const payment = await worker.created();
    expect(await chargeOfSweep(payment)).toBe('pending');
    expect(await attempts(payment)).toEqual(['midtrans open']);
  });

  it('is asked for once when its job is delivered twice at the same time', async () => {
    const payment = await worker.created();
    const outcomes = await Promise.all([charge(payment), charge(payment)]);
    expect(outcomes.sort()).toEqual(['pending', 'superseded']);
    expect(await attempts(payment)).toEqual(['midtrans open']);
  });

  it('has its lease extended before the call when the lease is nearly over', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 150 });
    const payment = await worker.created();
    worker.advance(leases.chargeLeaseMs - 100);
    const running = charge(payment);
    await eventually(async () => (await worker.attempts(payment)).length === 1);
    expect((await worker.reload(payment)).checkAt).toEqual(plusMs(worker.clock.now(), leases.chargeLeaseMs));
    expect(await running).toBe('pending');
  });

  it.each(['rejected', 'unauthorized', 'rate_limited', 'refuse'] as const)(
    'asks the next provider after a clear refusal: %s',
    async (fault) => {
      injectFault('midtrans', fault, { times: null });
      const payment = await worker.created();
      expect(await charge(payment)).toBe('pending');
      expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans rejected/), 'xendit open']);
      expect((await worker.reload(payment)).shownAttempt).toBe(2);
    },
  );

  it.each(['http_500_after_effect', 'truncated', 'reset_after_effect', 'wrong_amount_qr'] as const)(
    'asks the next provider after %s, never shows the QR of that call, and cancels its charge',
    async (fault) => {
      injectFault('midtrans', fault);
      const payment = await worker.created();
      expect(await charge(payment)).toBe('pending');
      expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans unknown/), 'xendit open']);
      await worker.runDue(payment);
      expect(await attempts(payment)).toEqual([expect.stringMatching(/^midtrans cancelled/), 'xendit open']);
      expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
      expect((await worker.reload(payment)).shownAttempt).toBe(2);
    },
  );

  it('opens a discrepancy when a provider’s QR carries another amount', async () => {
    injectFault('midtrans', 'wrong_amount_qr');
    const payment = await worker.created();
    await charge(payment);
    const { rows } = await worker.db.pool.query('select reason from gateway.discrepancies where payment_id = $1', [payment.id]);
    expect(rows).toEqual([{ reason: 'qr_amount' }]);
  });

  it('asks the next provider while the first one is silent, and cancels the charge that comes too late', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 400 });
    const payment = await worker.created();
    worker.settings.hedgeAfterMs = 50;
    expect(await charge(payment)).toBe('pending');
    worker.settings.hedgeAfterMs = 60_000;
    expect((await worker.reload(payment)).shownAttempt).toBe(2);
    await eventually(async () => (await attempts(payment))[0] === 'midtrans unknown not_shown');
    await worker.runDue(payment);
    expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
    expect(await worker.events(payment)).toEqual(['payment.pending']);
  });

  it('fails when no provider makes a QR, keeps the result of each provider, and fails in the host too', async () => {
    bothProviders((provider) => injectFault(provider, 'rejected'));
    const payment = await worker.created();
    expect(await charge(payment)).toBe('failed');
    expect(await worker.events(payment)).toEqual(['payment.failed']);
    expect((await worker.reload(payment)).route).toEqual([
      expect.objectContaining({ provider: 'midtrans', outcome: 'refused' }),
      expect.objectContaining({ provider: 'xendit', outcome: 'refused' }),
    ]);
    expect(repliesOf(payment)).toEqual(['failed']);
    expect((await worker.db.pool.query('select status from pos.payments where external_ref = $1', [payment.reference])).rows).toEqual([
      { status: 'failed' },
    ]);
  });
});

describe('a payment that another worker has claimed', () => {
  it('is left alone', async () => {
    const payment = await worker.created();
    await takenOver(payment);
    expect(await charge(payment)).toBe('superseded');
    expect(await worker.attempts(payment)).toEqual([]);
  });

  it('gives the till no answer of the worker that lost its lease', async () => {
    const payment = await worker.created();
    const { charge: chargeJob } = createHandlers({
      ...worker.deps,
      askProvider: async ({ candidate, now }) => {
        await takenOver(payment);
        return { kind: 'refused', step: { ...askedStep({ candidate, now }), outcome: 'refused' } };
      },
    });
    expect(await chargeJob({ host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo })).toBe('superseded');
    expect(repliesOf(payment)).toEqual([]);
  });

  it('causes no call by the worker that lost its lease before it', async () => {
    const payment = await worker.created();
    await takenOver(payment);
    expect(await askMidtrans(payment, 1)).toMatchObject({ kind: 'superseded', step: { outcome: 'asked' } });
    expect(await worker.attempts(payment)).toEqual([]);
  });

  it('keeps the attempt of the worker that has it now', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 300 });
    const payment = await worker.created();
    const current = charge(await takenOver(payment));
    await eventually(async () => (await worker.attempts(payment)).length === 1);
    expect(await charge(payment)).toBe('superseded');
    expect(await attempts(payment)).toEqual(['midtrans sending']);
    expect(await current).toBe('pending');
    expect((await worker.reload(payment)).shownAttempt).toBe(1);
  });

  it('never shows the QR of the worker that lost its lease during the call, and cancels that charge', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 150 });
    const payment = await worker.created();
    const slow = charge(payment);
    await eventually(async () => (await worker.attempts(payment)).length === 1);
    const reclaimed = await takenOver(payment);
    expect(await charge(reclaimed)).toBe('pending');
    expect(await slow).toBe('superseded');
    expect((await worker.reload(payment)).shownAttempt).toBe(2);
    await worker.runDue(payment);
    expect(await attempts(payment)).toEqual(['midtrans cancelled not_shown', 'midtrans open']);
  });

  it('causes no call to a further provider by the worker that lost its lease during the call', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 150 });
    const payment = await worker.created();
    const asked = askMidtrans(payment, 1);
    await eventually(async () => (await worker.attempts(payment)).length === 1);
    await takenOver(payment);
    await attemptRows.abandonSending(worker.db.pool, payment.id, 1, worker.clock.now()); // the other worker begins so
    expect(await asked).toMatchObject({ kind: 'superseded', step: { outcome: 'superseded' } });
    expect(await attempts(payment)).toEqual(['midtrans unknown not_shown']);
  });

  it('is not failed by the worker that lost its lease', async () => {
    const payment = await worker.created();
    await takenOver(payment);
    const { verdict } = await worker.writer.apply(worker.host, payment, {
      kind: 'given_up',
      leaseNo: payment.leaseNo,
      reason: 'providers_unavailable',
      route: [],
    });
    expect(verdict).toBe('stale');
    expect((await worker.reload(payment)).status).toBe('created');
  });

  it('gets its QR after two workers died during their calls, and the charges of both are cancelled', async () => {
    let payment = await worker.created();
    for (const no of [1, 2]) {
      injectFault('midtrans', 'hang_after_effect');
      void askMidtrans(payment, no); // not awaited: the worker that makes this call has died
      await eventually(() => worker.simulator.controls.charge(`${payment.reference}-${no}`));
      payment = await takenOver(payment);
    }
    expect(await charge(payment)).toBe('pending');
    await worker.runDue(payment);
    expect([1, 2, 3].map((no) => lifecycle(`${payment.reference}-${no}`))).toEqual(['cancelled', 'cancelled', 'pending']);
    expect((await worker.reload(payment)).shownAttempt).toBe(3);
  });
});

describe('a payment that ends before its QR is made', () => {
  it('is cancelled when its client requested that', async () => {
    const payment = await worker.created();
    await payments.hide(worker.db.pool, payment.id, 'client', worker.clock.now());
    expect(await charge(await worker.reload(payment))).toBe('cancelled');
    expect(await worker.attempts(payment)).toEqual([]);
  });

  it('is cancelled during a call, and the charge of that call is cancelled too', async () => {
    injectFault('midtrans', 'slow', { delay_ms: 150 });
    const payment = await worker.created();
    const running = charge(payment);
    await eventually(async () => (await worker.attempts(payment)).length === 1);
    await payments.hide(worker.db.pool, payment.id, 'client', worker.clock.now());
    await leases.claimForCaller(worker.db.pool, payment.id, {
      replyTo: 'api',
      now: worker.clock.now(),
      leaseMs: 15_000,
      unlessRequestedSince: null,
    });
    expect(await charge(await worker.reload(payment))).toBe('cancelled');
    expect(await running).toBe('superseded');
    await worker.runDue(payment);
    expect(lifecycle(`${payment.reference}-1`)).toBe('cancelled');
    expect(await worker.events(payment)).toEqual(['payment.cancelled']);
  });

  it('fails when it has expired', async () => {
    const payment = await worker.created({ expiresInMs: 60_000 });
    worker.advance(60_000);
    expect(await charge(payment)).toBe('failed');
    expect(await worker.attempts(payment)).toEqual([]);
  });

  it('gets no second QR while a report of payment is unconfirmed', async () => {
    const payment = await worker.created();
    await payments.markUnconfirmed(worker.db.pool, payment.id, worker.clock.now());
    expect(await charge(await worker.reload(payment))).toBe('held_for_review');
    expect(await worker.attempts(payment)).toEqual([]);
  });
});
