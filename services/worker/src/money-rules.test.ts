import { markPublished, type Payment, refundsOf } from '@gateway/shared/store';
import { type Audit, audit, readSimulatorBook } from '../../../packages/ops/src/audit/index.ts';
import { payInCash } from '../../../testing/pos-orders.ts';
import { number } from '../../../testing/telling.ts';
import { openWorkshop, type Workshop } from '../../../testing/workshop.ts';

/** What may befall money, each from the first QR to the last book; whatever happens, the three books agree in the end. */
let shop: Workshop;
let controls: Workshop['simulator']['controls'];
beforeAll(async () => {
  shop = await openWorkshop();
  controls = shop.simulator.controls;
});
beforeEach(() => {
  shop.settings.lateMoney = 'accept';
});
afterEach(async () => {
  controls.clearFaults('midtrans');
  await settle();
  expect((await audited()).findings.filter(({ state }) => state === 'broken')).toEqual([]);
});
afterAll(() => shop?.close());

const minutes = 60_000;

async function settle(): Promise<void> {
  for (const ms of [0, 5_000, 30_000, minutes, 5 * minutes]) {
    shop.pass(ms);
    await shop.runDue();
  }
}
async function audited(): Promise<Audit> {
  const events = await number(shop.db);
  if (events.length > 0) await markPublished(shop.db, { from: 0, to: events.at(-1)?.turn ?? 0, at: shop.clock.now() });
  const readCharges = () => readSimulatorBook(shop.simulator.url);
  return audit({ db: shop.db.pool, hosts: [shop.host], readCharges, now: shop.clock.now(), since: new Date(0) });
}

async function told(reference: string, claims: 'paid' | 'refunded'): Promise<void> {
  await shop.hear(reference, claims, { provider: reference.endsWith('-1') ? 'midtrans' : 'xendit' });
  await shop.runDue();
}
/** The guest pays this charge, and its webhook comes. */
async function pay({ reference }: Payment, { no = 1, amount = null as number | null } = {}): Promise<void> {
  controls.pay(`${reference}-${no}`, { amount });
  await told(`${reference}-${no}`, 'paid');
}
async function story(payment: Payment) {
  const { rows } = await shop.db.pool.query<{ type: string; data: { policy?: string; reason?: string; cause?: string; release?: number } }>(
    `select type, payload->'data' as data from gateway.payment_events where payment_id = $1 order by occurred_at, event_id`,
    [payment.id],
  );
  return rows.map(({ type, data }) => [type, data.policy ?? data.reason ?? data.cause ?? data.release].filter(Boolean).join(' '));
}
const open = async ({ id }: Payment) =>
  (
    await shop.db.pool.query<{ reason: string }>(
      'select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id',
      [id],
    )
  ).rows.map(({ reason }) => reason);
const reopen = (orderId: string) =>
  shop.db.pool.query(`update pos.orders set status = 'open', paid_total = 0, version = version + 1 where id = $1`, [orderId]);
const back = async ({ id }: Payment) =>
  (await refundsOf(shop.db.pool, id)).map(({ amount, cause, status }) => `${amount} ${cause} ${status}`);

describe('money for an order that owes it', () => {
  it('settles it, and the kitchen hears of release 1; reopened and paid again, of release 2', async () => {
    const first = await shop.pending();
    await pay(first);
    expect(await story(first)).toEqual(['payment.pending', 'payment.paid', 'order.paid 1']);
    await reopen(first.orderKey);
    const second = await shop.pending({ orderId: first.orderKey });
    await pay(second);
    expect(await story(second)).toEqual(['payment.pending', 'payment.paid', 'order.paid 2']);
  });

  it('takes down every other QR of it, wherever that is', async () => {
    controls.addFault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 1 });
    shop.settings.hedgeAfterMs = 10;
    const first = await shop.pending();
    shop.settings.hedgeAfterMs = 60_000;
    expect(first.shownAttempt).toBe(2);
    await pay(first, { no: 2 });
    await settle();
    expect((await shop.attempts(first)).map(({ status }) => status)).toEqual(['cancelled', 'paid']);
    expect(controls.charge(`${first.reference}-1`).states.at(-1)?.lifecycle).toBe('cancelled');
  });
});

describe('money that the order does not owe any more', () => {
  it('goes back when it was paid in cash meanwhile', async () => {
    const payment = await shop.pending();
    await payInCash(shop.db.pool, payment.orderKey);
    await pay(payment);
    await settle();
    expect(await story(payment)).toEqual([
      'payment.pending',
      'payment.duplicate_paid',
      'refund.pending duplicate',
      'refund.succeeded duplicate',
    ]);
    expect([await back(payment), (await shop.now(payment)).refunded]).toEqual([['55000 duplicate succeeded'], 0]);
  });

  it('goes back when two charges of one payment are paid, and the first stays', async () => {
    controls.addFault('midtrans', { operation: 'create', fault: 'hang_after_effect', times: 1 });
    shop.settings.hedgeAfterMs = 10;
    const payment = await shop.pending();
    shop.settings.hedgeAfterMs = 60_000;
    await pay(payment, { no: 2 });
    await pay(payment, { no: 1 });
    await settle();
    expect(await shop.now(payment)).toMatchObject({ status: 'paid', received: 55_000, refunded: 0 });
    expect(await back(payment)).toEqual(['55000 duplicate succeeded']);
    expect(await story(payment)).toContain('payment.review paid_though_never_shown');
  });

  it('goes back when it is the second payment of the order', async () => {
    const first = await shop.pending({ expiresInMs: 60_000 });
    shop.pass(60_000);
    await shop.runDue();
    const second = await shop.pending({ orderId: first.orderKey });
    await pay(second);
    await pay(first);
    await settle();
    expect([(await shop.now(second)).status, await back(second), await back(first)]).toEqual(['paid', [], ['55000 duplicate succeeded']]);
    expect((await story(first)).slice(0, 3)).toEqual(['payment.pending', 'payment.expired provider', 'payment.duplicate_paid']);
  });
});

describe.each(['expired', 'cancelled'] as const)('money that comes after a payment was %s', (how) => {
  async function closed(): Promise<Payment> {
    const payment = await shop.pending({ expiresInMs: 60_000 });
    if (how === 'cancelled')
      await shop.db.pool.query(
        `update gateway.payments set cancel_requested_at = $2, hidden_at = $2, cancel_reason = 'client', check_at = $2 where id = $1`,
        [payment.id, shop.clock.now()],
      );
    else shop.pass(60_000);
    await shop.runDue();
    expect((await shop.now(payment)).status).toBe(how);
    return payment;
  }

  it('pays the order, if the store wishes so and it still owes it', async () => {
    const payment = await closed();
    await pay(payment);
    expect((await story(payment)).slice(2)).toEqual(['payment.paid_late accept', 'order.paid 1']);
  });

  it('goes back, if the store wishes so', async () => {
    shop.settings.lateMoney = 'refund';
    const payment = await closed();
    await pay(payment);
    await settle();
    expect((await story(payment)).slice(2)).toEqual(['payment.paid_late refund', 'refund.pending late', 'refund.succeeded late']);
  });

  it('waits for a person, if the store wishes so: neither the till nor the kitchen is told', async () => {
    shop.settings.lateMoney = 'hold';
    const payment = await closed();
    await pay(payment);
    expect((await story(payment)).slice(2)).toEqual(['payment.paid_late hold']);
    expect([await open(payment), (await shop.now(payment)).needsReview]).toEqual([['late_money_held'], true]);
    const { rows } = await shop.db.pool.query('select paid_total::int from pos.orders where id = $1', [payment.orderKey]);
    expect(rows).toEqual([{ paid_total: 0 }]);
  });
});

describe('money of another amount', () => {
  it('that is more pays the order, and a person looks', async () => {
    const payment = await shop.pending();
    await pay(payment, { amount: 60_000 });
    expect(await story(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review overpaid', 'order.paid 1']);
    expect(await shop.now(payment)).toMatchObject({ amount: 55_000, received: 60_000 });
  });

  it('that is less keeps the payment open and hidden, and a person looks', async () => {
    const payment = await shop.pending({ expiresInMs: 60_000 });
    await pay(payment, { amount: 50_000 });
    shop.pass(120_000);
    await settle();
    expect(await story(payment)).toEqual(['payment.pending', 'payment.review underpaid']);
    expect(await shop.now(payment)).toMatchObject({ status: 'pending', received: 50_000, hiddenAt: expect.any(Date), needsReview: true });
  });
});

describe('money that the till refuses though it is owed', () => {
  it('is kept, never given back by itself, and a person looks', async () => {
    const payment = await shop.pending();
    await shop.db.pool.query('delete from pos.payments where external_ref = $1', [payment.reference]);
    await pay(payment);
    await settle();
    expect(await story(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review host_refused']);
    expect([await open(payment), await back(payment)]).toEqual([['host_refused'], []]);
  });
});

describe("money that somebody gave back at the provider's own dashboard", () => {
  it('is noticed by its webhook: the books differ, and a person looks', async () => {
    const payment = await shop.pending();
    await pay(payment);
    const { provider } = shop.deps.accounts.of({ provider: 'midtrans', account: 'default' });
    const charge = { reference: `${payment.reference}-1`, providerChargeId: null };
    await provider.refundCharge({ charge, reference: 'by-hand', amount: 1_000 as never, reason: 'by hand' }, AbortSignal.timeout(5_000));
    await told(`${payment.reference}-1`, 'refunded');
    await told(`${payment.reference}-1`, 'refunded');
    expect([await open(payment), (await story(payment)).slice(3)]).toEqual([
      ['provider_contradicts'],
      ['payment.review provider_contradicts'],
    ]);
  });
});
