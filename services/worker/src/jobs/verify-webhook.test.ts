import type { Charge, InboxId, Payment } from '@gateway/shared/payment';
import { ProviderUnavailable } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import type { webhookInbox } from '@gateway/shared/store';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';

let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterEach(() => worker.simulator.controls.clearFaults('midtrans'));
afterAll(() => worker?.close());

const second = 1_000;
const pay = (payment: Payment, no = 1) => worker.simulator.controls.pay(`${payment.reference}-${no}`);
const statusCalls = () => worker.simulator.callLog.counts().midtrans?.status ?? 0;
const injectFault = (fault: 'http_500' | 'lag', delay_ms = 0) =>
  worker.simulator.controls.addFault('midtrans', { operation: 'status', fault, times: null, delay_ms });

const inboxRow = async (id: number) => {
  const { rows } = await worker.db.pool.query('select verdict, tries, next_try_at, processed_at from gateway.webhook_inbox where id = $1', [
    id,
  ]);
  return rows[0] as { verdict: webhookInbox.WebhookVerdict; tries: number; next_try_at: Date | null; processed_at: Date | null };
};
/** Runs the due jobs. @returns the verdict of the webhook after that */
async function verdict(id: number): Promise<webhookInbox.WebhookVerdict> {
  await worker.runDue();
  return (await inboxRow(id)).verdict;
}
const reviews = async ({ id }: Payment) =>
  (await worker.db.pool.query(`select reason, closed_at is null as open from gateway.discrepancies where payment_id = $1`, [id])).rows;

/** The charge was applied, by the webhook itself or by a poll that was faster. */
const settled = expect.stringMatching(/^(applied|duplicate)$/);

describe('a webhook that reports paid', () => {
  it('is applied when the provider answers paid', async () => {
    const payment = await worker.pending();
    pay(payment);
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('applied');
    expect((await inboxRow(id)).processed_at).toEqual(worker.clock.now());
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('is a duplicate when the money is recorded already, and the provider is not asked', async () => {
    const payment = await worker.pending();
    pay(payment);
    worker.advance(3 * second);
    await worker.runDue(); // a poll
    const before = statusCalls();
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'paid'))).toBe('duplicate');
    expect(statusCalls()).toBe(before);
  });

  it('is not applied when the provider answers pending: the QR is hidden, and it is retried', async () => {
    const payment = await worker.pending();
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('contradicted');
    expect(await worker.reload(payment)).toMatchObject({
      status: 'pending',
      hiddenAt: worker.clock.now(),
      reviewSince: worker.clock.now(),
      needsReview: true,
    });
    for (const [tries, inMs] of [3 * second, 10 * second, 30 * second].entries()) {
      expect(await inboxRow(id)).toMatchObject({ tries: tries + 1, next_try_at: plusMs(worker.clock.now(), inMs) });
      worker.advance(inMs);
      await worker.runDue();
    }
  });

  it('is announced, once, and opens a discrepancy when it is unconfirmed for more than 10 s', async () => {
    const payment = await worker.pending();
    await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'paid'));
    worker.advance(3 * second);
    await worker.runDue();
    expect([await worker.events(payment), await reviews(payment)]).toEqual([['payment.pending'], []]); // the second try is quiet too
    for (const inMs of [10 * second, 30 * second]) {
      worker.advance(inMs);
      await worker.runDue();
      expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.review']);
    }
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: true }]);
  });

  it('tells the cashier of no review when one status answer lags, although no guest can scan its QR meanwhile', async () => {
    const payment = await worker.pending();
    pay(payment);
    injectFault('lag', 3_600 * second);
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('contradicted');
    expect((await worker.reload(payment)).hiddenAt).toEqual(worker.clock.now());
    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(3 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect(await reviews(payment)).toEqual([]);
    expect((await worker.reload(payment)).needsReview).toBe(false);
  });

  it('keeps the payment open beyond its expiry, and is applied when the provider’s answer catches up', async () => {
    const payment = await worker.pending({ expiresInMs: 60 * second });
    pay(payment);
    injectFault('lag', 3_600 * second);
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('contradicted');
    worker.advance(120 * second);
    await worker.runDue();
    expect((await worker.reload(payment)).status).toBe('pending');

    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(300 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.review', 'payment.paid', 'order.paid']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: false }]);
    expect((await worker.reload(payment)).needsReview).toBe(false);
  });

  it('is retried when the provider cannot be reached', async () => {
    const payment = await worker.pending();
    pay(payment);
    injectFault('http_500');
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('unreachable');
    expect((await worker.reload(payment)).hiddenAt).not.toBeNull(); // it may be paid, so it must not be scanned again
    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(3 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('opens a discrepancy for an expired payment too, until the provider confirms it', async () => {
    const payment = await worker.pending({ expiresInMs: 60 * second });
    worker.advance(60 * second);
    await worker.runDue();
    pay(payment);
    injectFault('http_500');
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('unreachable');
    expect(await worker.reload(payment)).toMatchObject({ status: 'expired', needsReview: true });
    worker.advance(13 * second);
    expect(await verdict(id)).toBe('unreachable');
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: true }]);
    worker.simulator.controls.clearFaults('midtrans');
    worker.advance(10 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await worker.events(payment)).toEqual([
      'payment.pending',
      'payment.expired',
      'payment.review',
      'payment.paid_late',
      'order.paid',
    ]);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: false }]);
    expect((await worker.reload(payment)).needsReview).toBe(false);
  });

  it('pays the payment by a QR that was never shown too, with a discrepancy', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
    const payment = await worker.pending();
    expect(payment.shownAttempt).toBe(2);
    pay(payment, 1);
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'paid'))).toEqual(settled);
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review', 'order.paid']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_though_never_shown', open: true }]);
    expect(worker.simulator.controls.charge(`${payment.reference}-2`).states.at(-1)?.lifecycle).toBe('cancelled'); // the QR on display
  });
});

describe('a webhook that reports no payment', () => {
  it('is a duplicate when it reports the open charge, and the provider is not asked', async () => {
    const payment = await worker.pending();
    const before = statusCalls();
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'open'))).toBe('duplicate');
    expect(statusCalls()).toBe(before);
  });

  it('closes the payment when it reports that the charge on display has expired', async () => {
    const payment = await worker.pending();
    worker.simulator.controls.expire(`${payment.reference}-1`);
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'expired'))).toBe('applied');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.expired']);
  });

  it('leaves the QR on display when it reports that another attempt was cancelled', async () => {
    worker.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
    const payment = await worker.pending();
    await worker.runDue(payment); // the charge that was never shown is found and cancelled
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'cancelled'))).toBe('duplicate');
    expect((await worker.reload(payment)).status).toBe('pending');
  });

  it('makes the pending refund due now when it reports a refund', async () => {
    const payment = await worker.pending();
    const { rowCount } = await worker.db.pool.query(`update pos.orders set status = 'paid', paid_total = grand_total where id = $1`, [
      payment.orderKey,
    ]);
    expect(rowCount).toBe(1);
    pay(payment);
    await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'paid')); // a duplicate, whose refund is pending
    worker.simulator.clock.advance(3 * second); // the wallet has confirmed; the next try would come later
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'refunded'))).toBe('applied');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending', 'refund.succeeded']);
  });
});

describe('a webhook about an unknown charge', () => {
  it('is retried up to a day, and then parked', async () => {
    const id = await worker.receiveWebhook('pos-01kct5v8m0000000000000000a-1', 'paid');
    expect(await verdict(id)).toBe('unknown_charge');
    for (const seconds of [3, 10, 30, 300, 3_600, 21_600, 86_400]) {
      expect((await inboxRow(id)).next_try_at).toEqual(plusMs(worker.clock.now(), seconds * second));
      worker.advance(seconds * second);
      await worker.runDue();
    }
    expect(await inboxRow(id)).toMatchObject({ verdict: 'parked', next_try_at: null, processed_at: worker.clock.now() });
  });

  it('is processed when the charge is known at a later try', async () => {
    const payment = await worker.created();
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'open');
    expect(await verdict(id)).toBe('unknown_charge');
    await worker.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, leaseNo: payment.leaseNo } });
    worker.advance(3 * second);
    expect(await verdict(id)).toBe('duplicate');
  });

  it('is not ours when it comes from another account than the charge’s', async () => {
    const payment = await worker.pending();
    expect(await verdict(await worker.receiveWebhook(`${payment.reference}-1`, 'paid', { account: 'other' }))).toBe('not_ours');
    expect(await worker.events(payment)).toEqual(['payment.pending']);
  });
});

describe('a webhook that two workers have claimed', () => {
  it('is verified only under the newest lease', async () => {
    const payment = await worker.pending();
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
    expect(await worker.run({ name: 'verify-webhook', payload: { host: 'pos', inboxId: id, leaseNo: 7 } })).toBe('superseded');
  });
});

describe('a webhook with a final verdict', () => {
  it('keeps it when its job runs again', async () => {
    const payment = await worker.pending();
    const id = await worker.receiveWebhook(`${payment.reference}-1`, 'open', { nextTryAt: null });
    const job = { name: 'verify-webhook', payload: { host: 'pos', inboxId: id, leaseNo: 0 } } as const;
    expect([await worker.run(job), await worker.run(job)]).toEqual(['duplicate', 'already_done']);
  });
});

describe('a report of payment that another worker confirms while the provider is asked', () => {
  /** Runs the webhook's job, whose question the provider answers after the other worker has applied the money. */
  async function verifyAfterConfirmed(payment: Payment, inboxId: InboxId, answer: (charge: Charge) => Charge): Promise<string> {
    const { accounts } = worker.deps;
    const of: typeof accounts.of = (attempt) => {
      const candidate = accounts.of(attempt);
      const findCharge: typeof candidate.provider.findCharge = async (...args) => {
        const charge = (await candidate.provider.findCharge(...args)) as Charge;
        await worker.writer.apply(worker.host, payment, { kind: 'charge', attemptNo: 1, charge });
        return answer(charge);
      };
      const provider = new Proxy(candidate.provider, {
        get: (target, name) => (name === 'findCharge' ? findCharge : Reflect.get(target, name, target)),
      });
      return { ...candidate, provider };
    };
    const handlers = createHandlers({ ...worker.deps, accounts: { ...accounts, of } });
    return handlers['verify-webhook']({ host: 'pos', inboxId, leaseNo: 0 });
  }

  it('is not held for review when that question fails', async () => {
    const payment = await worker.pending();
    pay(payment);
    const inboxId = await worker.receiveWebhook(`${payment.reference}-1`, 'paid', { nextTryAt: null });
    await worker.db.pool.query('update gateway.webhook_inbox set tries = 2 where id = $1', [inboxId]);
    worker.advance(60 * second); // a report that is unconfirmed for so long is announced
    const failed = verifyAfterConfirmed(payment, inboxId, () => {
      throw new ProviderUnavailable('midtrans', 'refused');
    });
    expect(await failed).toBe('unreachable');
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', reviewSince: null, needsReview: false });
  });

  it('is concluded as a duplicate, and not verified again', async () => {
    const payment = await worker.pending();
    pay(payment);
    const inboxId = await worker.receiveWebhook(`${payment.reference}-1`, 'paid', { nextTryAt: null });
    expect(await verifyAfterConfirmed(payment, inboxId, (charge) => charge)).toBe('duplicate');
    expect(await inboxRow(inboxId)).toMatchObject({ verdict: 'duplicate', processed_at: worker.clock.now() });
  });
});

describe('a first report that an open charge is paid', () => {
  it('is asked about before anything is read, and applied', async () => {
    const payment = await worker.pending();
    pay(payment);
    const payload = await worker.receiveReport(`${payment.reference}-1`);
    const query = jest.spyOn(worker.host.db.pool, 'query');
    expect(await worker.run({ name: 'verify-webhook', payload })).toBe('applied');
    expect(query).not.toHaveBeenCalled(); // the money is written in a transaction, on a connection of its own
    query.mockRestore();
    expect(await inboxRow(payload.inboxId)).toMatchObject({ verdict: 'applied', processed_at: worker.clock.now() });
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('keeps its verdict when the queue delivers its job again', async () => {
    const payment = await worker.pending();
    pay(payment);
    const job = { name: 'verify-webhook', payload: await worker.receiveReport(`${payment.reference}-1`) } as const;
    expect([await worker.run(job), await worker.run(job)]).toEqual(['applied', 'duplicate']);
    expect((await inboxRow(job.payload.inboxId)).verdict).toBe('applied');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('is read from its row when its job comes so late that the sweep may have claimed it', async () => {
    const payment = await worker.pending();
    pay(payment);
    const payload = await worker.receiveReport(`${payment.reference}-1`);
    worker.advance(3 * second);
    await worker.runDue(payment);
    const before = statusCalls();
    expect(await worker.run({ name: 'verify-webhook', payload })).toBe('already_done');
    expect(statusCalls()).toBe(before);
  });

  it('is retried, and the QR is hidden, when the provider answers pending', async () => {
    const payment = await worker.pending();
    const payload = await worker.receiveReport(`${payment.reference}-1`);
    expect(await worker.run({ name: 'verify-webhook', payload })).toBe('contradicted');
    expect(await worker.reload(payment)).toMatchObject({ status: 'pending', hiddenAt: worker.clock.now() });
    expect(await inboxRow(payload.inboxId)).toMatchObject({ tries: 1, next_try_at: plusMs(worker.clock.now(), 3 * second) });
  });

  it('releases nothing when the order was paid elsewhere meanwhile', async () => {
    const payment = await worker.pending();
    pay(payment);
    const payload = await worker.receiveReport(`${payment.reference}-1`);
    await worker.db.pool.query(`update pos.orders set status = 'paid', paid_total = grand_total where id = $1`, [payment.orderKey]);
    expect(await worker.run({ name: 'verify-webhook', payload })).toBe('applied');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending']);
  });
});
