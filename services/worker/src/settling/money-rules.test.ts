import { type Audit, audit, readSimulatorCharges } from '@gateway/operations/audit';
import type { Payment } from '@gateway/shared/payment';
import { outbox, refunds } from '@gateway/shared/store';
import { payInCash } from '@gateway/testing/pos/pos-orders';
import { assignSequence } from '@gateway/testing/relay/event-fixtures';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

/** Each case runs from the QR to the last refund. After each, the audit finds that gateway, host and provider agree. */
let worker: WorkerHarness;
let controls: WorkerHarness['simulator']['controls'];
beforeAll(async () => {
  worker = await startWorkerHarness();
  controls = worker.simulator.controls;
});
beforeEach(() => {
  worker.settings.lateMoney = 'accept';
});
afterEach(async () => {
  controls.clearFaults('midtrans');
  await settle();
  expect((await runAudit()).findings.filter(({ state }) => state === 'broken')).toEqual([]);
});
afterAll(() => worker?.close());

const minutes = 60_000;

async function settle(): Promise<void> {
  for (const ms of [0, 5_000, 30_000, minutes, 5 * minutes]) {
    worker.advance(ms);
    await worker.runDue();
  }
}
async function runAudit(): Promise<Audit> {
  const events = await assignSequence(worker.db);
  if (events.length > 0) await outbox.markPublished(worker.db, { from: 0, to: events.at(-1)?.position ?? 0, at: worker.clock.now() });
  const readCharges = () => readSimulatorCharges(worker.simulator.url);
  return audit({ db: worker.db.pool, hosts: [worker.host], readCharges, now: worker.clock.now(), since: new Date(0) });
}

async function receiveWebhook(reference: string, reportedStatus: 'paid' | 'refunded'): Promise<void> {
  await worker.receiveWebhook(reference, reportedStatus, { provider: reference.endsWith('-1') ? 'midtrans' : 'xendit' });
  await worker.runDue();
}
/** The guest pays this charge, and its webhook is received. */
async function pay({ reference }: Payment, { no = 1, amount = null as number | null } = {}): Promise<void> {
  controls.pay(`${reference}-${no}`, { amount });
  await receiveWebhook(`${reference}-${no}`, 'paid');
}
async function eventLines(payment: Payment) {
  const { rows } = await worker.db.pool.query<{
    type: string;
    data: { policy?: string; reason?: string; cause?: string; release?: number };
  }>(`select type, payload->'data' as data from gateway.payment_events where payment_id = $1 order by occurred_at, event_id`, [payment.id]);
  return rows.map(({ type, data }) => [type, data.policy ?? data.reason ?? data.cause ?? data.release].filter(Boolean).join(' '));
}
const openReasons = async ({ id }: Payment) =>
  (
    await worker.db.pool.query<{ reason: string }>(
      'select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id',
      [id],
    )
  ).rows.map(({ reason }) => reason);
const reopen = (orderId: string) =>
  worker.db.pool.query(`update pos.orders set status = 'open', paid_total = 0, version = version + 1 where id = $1`, [orderId]);
const refundLines = async ({ id }: Payment) =>
  (await refunds.ofPayment(worker.db.pool, id)).map(({ amount, cause, status }) => `${amount} ${cause} ${status}`);

describe('money for an order with the amount due', () => {
  it('pays it with release 1, and with release 2 when it was reopened and is paid again', async () => {
    const first = await worker.pending();
    await pay(first);
    expect(await eventLines(first)).toEqual(['payment.pending', 'payment.paid', 'order.paid 1']);
    await reopen(first.orderKey);
    const second = await worker.pending({ orderId: first.orderKey });
    await pay(second);
    expect(await eventLines(second)).toEqual(['payment.pending', 'payment.paid', 'order.paid 2']);
  });

  it('cancels every other charge of the payment', async () => {
    controls.addFault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 1 });
    worker.settings.hedgeAfterMs = 10;
    const first = await worker.pending();
    worker.settings.hedgeAfterMs = 60_000;
    expect(first.shownAttempt).toBe(2);
    await pay(first, { no: 2 });
    await settle();
    expect((await worker.attempts(first)).map(({ status }) => status)).toEqual(['cancelled', 'paid']);
    expect(controls.charge(`${first.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });
});

describe('money for an order that owes less', () => {
  it('is refunded when the order was paid in cash meanwhile', async () => {
    const payment = await worker.pending();
    await payInCash(worker.db.pool, payment.orderKey);
    await pay(payment);
    await settle();
    expect(await eventLines(payment)).toEqual([
      'payment.pending',
      'payment.duplicate_paid',
      'refund.pending duplicate',
      'refund.succeeded duplicate',
    ]);
    expect([await refundLines(payment), (await worker.reload(payment)).refunded]).toEqual([['55000 duplicate succeeded'], 55_000]);
  });

  it('is refunded when it is the second paid charge of a payment, and the first money stays', async () => {
    controls.addFault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 1 });
    worker.settings.hedgeAfterMs = 10;
    const payment = await worker.pending();
    worker.settings.hedgeAfterMs = 60_000;
    await pay(payment, { no: 2 });
    await pay(payment, { no: 1 });
    await settle();
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', received: 55_000, refunded: 0 });
    expect(await refundLines(payment)).toEqual(['55000 duplicate succeeded']);
    expect(await eventLines(payment)).toContain('payment.review paid_though_never_shown');
  });

  it('is refunded when it is the second paid payment of the order', async () => {
    const first = await worker.pending({ expiresInMs: 60_000 });
    worker.advance(60_000);
    await worker.runDue();
    const second = await worker.pending({ orderId: first.orderKey });
    await pay(second);
    await pay(first);
    await settle();
    expect([(await worker.reload(second)).status, await refundLines(second), await refundLines(first)]).toEqual([
      'paid',
      [],
      ['55000 duplicate succeeded'],
    ]);
    expect((await eventLines(first)).slice(0, 3)).toEqual(['payment.pending', 'payment.expired provider', 'payment.duplicate_paid']);
  });
});

describe.each(['expired', 'cancelled'] as const)('money that arrives after a payment was %s', (how) => {
  async function closed(): Promise<Payment> {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    if (how === 'cancelled')
      await worker.db.pool.query(
        `update gateway.payments set cancel_requested_at = $2, hidden_at = $2, cancel_reason = 'client', check_at = $2 where id = $1`,
        [payment.id, worker.clock.now()],
      );
    else worker.advance(60_000);
    await worker.runDue();
    expect((await worker.reload(payment)).status).toBe(how);
    return payment;
  }

  it('pays the order under the policy accept, when the amount is still due', async () => {
    const payment = await closed();
    await pay(payment);
    expect((await eventLines(payment)).slice(2)).toEqual(['payment.paid_late accept', 'order.paid 1']);
  });

  it('is refunded under the policy refund', async () => {
    worker.settings.lateMoney = 'refund';
    const payment = await closed();
    await pay(payment);
    await settle();
    expect((await eventLines(payment)).slice(2)).toEqual(['payment.paid_late refund', 'refund.pending late', 'refund.succeeded late']);
  });

  it('waits for an operator under the policy hold, without a host write or a release', async () => {
    worker.settings.lateMoney = 'hold';
    const payment = await closed();
    await pay(payment);
    expect((await eventLines(payment)).slice(2)).toEqual(['payment.paid_late hold']);
    expect([await openReasons(payment), (await worker.reload(payment)).needsReview]).toEqual([['late_money_held'], true]);
    const { rows } = await worker.db.pool.query('select paid_total::int from pos.orders where id = $1', [payment.orderKey]);
    expect(rows).toEqual([{ paid_total: 0 }]);
  });
});

describe('money of another amount', () => {
  it('that is more pays the order, with a discrepancy', async () => {
    const payment = await worker.pending();
    await pay(payment, { amount: 60_000 });
    expect(await eventLines(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review overpaid', 'order.paid 1']);
    expect(await worker.reload(payment)).toMatchObject({ amount: 55_000, received: 60_000 });
  });

  it('that is less keeps the payment open and hidden, with a discrepancy', async () => {
    const payment = await worker.pending({ expiresInMs: 60_000 });
    await pay(payment, { amount: 50_000 });
    worker.advance(120_000);
    await settle();
    expect(await eventLines(payment)).toEqual(['payment.pending', 'payment.review underpaid']);
    expect(await worker.reload(payment)).toMatchObject({
      status: 'pending',
      received: 50_000,
      hiddenAt: expect.any(Date),
      needsReview: true,
    });
  });
});

describe('money that the host refuses although it is due', () => {
  it('is kept, never refunded automatically, with a discrepancy', async () => {
    const payment = await worker.pending();
    await worker.db.pool.query('delete from pos.payments where external_ref = $1', [payment.reference]);
    await pay(payment);
    await settle();
    expect(await eventLines(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review host_refused']);
    expect([await openReasons(payment), await refundLines(payment)]).toEqual([['host_refused'], []]);
  });
});

describe("an external refund, made at the provider's dashboard", () => {
  it('opens one discrepancy, however many webhooks report it', async () => {
    const payment = await worker.pending();
    await pay(payment);
    const { provider } = worker.deps.accounts.of({ provider: 'midtrans', account: 'default' });
    const charge = { reference: `${payment.reference}-1`, providerChargeId: null };
    await provider.refundCharge({ charge, reference: 'by-hand', amount: 1_000 as never, reason: 'by hand' }, AbortSignal.timeout(5_000));
    await receiveWebhook(`${payment.reference}-1`, 'refunded');
    await receiveWebhook(`${payment.reference}-1`, 'refunded');
    expect([await openReasons(payment), (await eventLines(payment)).slice(3)]).toEqual([
      ['provider_contradicts'],
      ['payment.review provider_contradicts'],
    ]);
  });
});
