import type { Payment, WebhookVerdict } from '@gateway/shared/store';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
beforeAll(async () => {
  shop = await openWorkshop();
});
afterEach(() => shop.simulator.controls.clearFaults('midtrans'));
afterAll(() => shop?.close());

const second = 1_000;
const pay = (payment: Payment, no = 1) => shop.simulator.controls.pay(`${payment.reference}-${no}`);
const questions = () => shop.simulator.ledger.counts().midtrans?.status ?? 0;
const befall = (fault: 'http_500' | 'lag', delay_ms = 0) =>
  shop.simulator.controls.addFault('midtrans', { operation: 'status', fault, times: null, delay_ms });

const inbox = async (id: number) => {
  const { rows } = await shop.db.pool.query('select verdict, tries, next_try_at, processed_at from gateway.webhook_inbox where id = $1', [
    id,
  ]);
  return rows[0] as { verdict: WebhookVerdict; tries: number; next_try_at: Date | null; processed_at: Date | null };
};
/** What became of it by now. */
async function verdict(id: number): Promise<WebhookVerdict> {
  await shop.runDue();
  return (await inbox(id)).verdict;
}
const reviews = async ({ id }: Payment) =>
  (await shop.db.pool.query(`select reason, closed_at is null as open from gateway.discrepancies where payment_id = $1`, [id])).rows;

/** It is settled: by itself, or since a poll was faster. */
const settled = expect.stringMatching(/^(applied|duplicate)$/);

describe('a webhook that says paid', () => {
  it('is believed when the provider, asked, says so too', async () => {
    const payment = await shop.pending();
    pay(payment);
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('applied');
    expect((await inbox(id)).processed_at).toEqual(shop.clock.now());
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('is not news any more when the money is recorded: then nobody is asked', async () => {
    const payment = await shop.pending();
    pay(payment);
    await verdict(await shop.hear(`${payment.reference}-1`, 'paid'));
    const before = questions();
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'paid'))).toBe('duplicate');
    expect(questions()).toBe(before);
  });

  it('is not believed when the provider, asked, says pending: the QR is hidden, a person is told, and it is asked again', async () => {
    const payment = await shop.pending();
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('contradicted');
    expect(await shop.now(payment)).toMatchObject({ status: 'pending', hiddenAt: shop.clock.now(), reviewSince: shop.clock.now() });
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.review']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: true }]);

    for (const [tries, inMs] of [3 * second, 10 * second, 30 * second].entries()) {
      expect(await inbox(id)).toMatchObject({ tries: tries + 1, next_try_at: new Date(shop.clock.now().getTime() + inMs) });
      shop.pass(inMs);
      await shop.runDue();
    }
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.review']); // told once
  });

  it('keeps the payment open beyond its time, and settles itself when the provider catches up', async () => {
    const payment = await shop.pending({ expiresInMs: 60 * second });
    pay(payment);
    befall('lag', 3_600 * second);
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('contradicted');
    shop.pass(120 * second);
    await shop.runDue();
    expect((await shop.now(payment)).status).toBe('pending');

    shop.simulator.controls.clearFaults('midtrans');
    shop.pass(300 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.review', 'payment.paid', 'order.paid']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: false }]);
    expect((await shop.now(payment)).needsReview).toBe(false);
  });

  it('waits for a later try when the provider cannot be asked', async () => {
    const payment = await shop.pending();
    pay(payment);
    befall('http_500');
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('unreachable');
    expect((await shop.now(payment)).hiddenAt).not.toBeNull(); // it may be paid: nobody else should scan it
    shop.simulator.controls.clearFaults('midtrans');
    shop.pass(3 * second);
    expect(await verdict(id)).toEqual(settled);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.review', 'payment.paid', 'order.paid']);
  });

  it('of a QR that is gone is told to a person too, until it is confirmed', async () => {
    const payment = await shop.pending({ expiresInMs: 60 * second });
    shop.pass(60 * second);
    await shop.runDue();
    pay(payment);
    befall('http_500');
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await verdict(id)).toBe('unreachable');
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: true }]);
    shop.simulator.controls.clearFaults('midtrans');
    shop.pass(3 * second);
    expect(await verdict(id)).toBe('applied');
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired', 'payment.review', 'payment.paid_late', 'order.paid']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_unconfirmed', open: false }]);
  });

  it('of a QR that nobody showed is money all the same, and is told', async () => {
    shop.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
    const payment = await shop.pending();
    expect(payment.shownAttempt).toBe(2);
    pay(payment, 1);
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'paid'))).toEqual(settled);
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review', 'order.paid']);
    expect(await reviews(payment)).toEqual([{ reason: 'paid_though_never_shown', open: true }]);
    expect(shop.simulator.controls.charge(`${payment.reference}-2`).states.at(-1)?.lifecycle).toBe('cancelled'); // its QR is taken down
  });
});

describe('a webhook that says less', () => {
  it('that a charge was made tells us nothing, and nobody is asked', async () => {
    const payment = await shop.pending();
    const before = questions();
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'open'))).toBe('duplicate');
    expect(questions()).toBe(before);
  });

  it('that a charge is over closes the payment whose QR it was', async () => {
    const payment = await shop.pending();
    shop.simulator.controls.expire(`${payment.reference}-1`);
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'expired'))).toBe('applied');
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.expired']);
  });

  it('that another attempt was cancelled leaves the QR on display', async () => {
    shop.simulator.controls.addFault('midtrans', { operation: 'create', fault: 'http_500_after_effect' });
    const payment = await shop.pending();
    await shop.runDue(payment); // the lost charge is found and taken down
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'cancelled'))).toBe('duplicate');
    expect((await shop.now(payment)).status).toBe('pending');
  });

  it('of a refund has the refund asked about at once', async () => {
    const payment = await shop.pending();
    const { rowCount } = await shop.db.pool.query(`update pos.orders set status = 'paid', paid_total = grand_total where id = $1`, [
      payment.orderKey,
    ]);
    expect(rowCount).toBe(1);
    pay(payment);
    await verdict(await shop.hear(`${payment.reference}-1`, 'paid')); // a duplicate: its refund is under way
    shop.simulator.clock.advance(3 * second); // the wallet has confirmed; nobody here would ask for another while
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'refunded'))).toBe('applied');
    expect(await shop.events(payment)).toEqual(['payment.pending', 'payment.duplicate_paid', 'refund.pending', 'refund.succeeded']);
  });
});

describe('a webhook about what we do not know', () => {
  it('is kept and tried again, up to a day, and then parked', async () => {
    const id = await shop.hear('pos-01kct5v8m0000000000000000a-1', 'paid');
    expect(await verdict(id)).toBe('unknown_charge');
    for (const seconds of [3, 10, 30, 300, 3_600, 21_600, 86_400]) {
      expect((await inbox(id)).next_try_at).toEqual(new Date(shop.clock.now().getTime() + seconds * second));
      shop.pass(seconds * second);
      await shop.runDue();
    }
    expect(await inbox(id)).toMatchObject({ verdict: 'parked', next_try_at: null, processed_at: shop.clock.now() });
  });

  it('is applied when we know it by then', async () => {
    const payment = await shop.created();
    const id = await shop.hear(`${payment.reference}-1`, 'open');
    expect(await verdict(id)).toBe('unknown_charge');
    await shop.run({ name: 'charge', payload: { host: 'pos', paymentId: payment.id, claim: payment.claims } });
    shop.pass(3 * second);
    expect(await verdict(id)).toBe('duplicate');
  });

  it('from another account than the charge’s is not ours', async () => {
    const payment = await shop.pending();
    expect(await verdict(await shop.hear(`${payment.reference}-1`, 'paid', { account: 'other' }))).toBe('not_ours');
    expect(await shop.events(payment)).toEqual(['payment.pending']);
  });
});

describe('a webhook that two workers look into', () => {
  it('is looked into by the last to claim it', async () => {
    const payment = await shop.pending();
    const id = await shop.hear(`${payment.reference}-1`, 'paid');
    expect(await shop.run({ name: 'verify-webhook', payload: { host: 'pos', inboxId: id, claim: 7 } })).toBe('superseded');
  });
});
