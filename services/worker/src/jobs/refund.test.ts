import { rupiah } from '@gateway/shared/payment';
import { askForRefundAgain, findRefundThere, hastenRefunds, openRefund, type Payment, refundsOf } from '@gateway/shared/store';
import { holdingOrder } from '../../../../testing/pos-orders.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';

let shop: Workshop;
let controls: Workshop['simulator']['controls'];
beforeAll(async () => {
  shop = await openWorkshop({ askLimitMs: 300 });
  controls = shop.simulator.controls;
});
afterEach(() => {
  for (const provider of ['midtrans', 'xendit'] as const) controls.clearFaults(provider);
  shop.simulator.switches.reset();
});
afterAll(() => shop?.close());

const minutes = 60_000;

/** Paid and accepted, at this provider. */
async function paidAt(provider: 'midtrans' | 'xendit', { issuer = 'dana', total = 50_000 } = {}): Promise<Payment> {
  if (provider === 'xendit') controls.addFault('midtrans', { operation: 'create', fault: 'rejected', times: 1 });
  const payment = await shop.pending({ total });
  controls.pay(shownReference(payment), { issuer });
  const { claims } = await shop.now(payment);
  await shop.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, claim: claims } });
  return shop.now(payment);
}
const shownReference = ({ reference, shownAttempt }: Payment) => `${reference}-${shownAttempt}`;

async function ask(payment: Payment, amount: number): Promise<string> {
  const opened = await openRefund(shop.db.pool, {
    payment,
    attemptNo: payment.shownAttempt as number,
    amount: rupiah(amount),
    cause: 'client',
    reason: 'cold soup',
    at: shop.clock.now(),
  });
  return opened?.id as string;
}
async function passing(...steps: number[]): Promise<void> {
  await shop.runDue();
  for (const ms of steps) {
    shop.pass(ms);
    await shop.runDue();
  }
}
const refundsAt = (payment: Payment) => controls.charge(shownReference(payment)).states.at(-1)?.refunds ?? [];
const given = (payment: Payment) => refundsAt(payment).map(({ amount, status }) => `${amount} ${status}`);
/** What its provider calls the refund of a payment. */
const named = (payment: Payment): string => refundsAt(payment)[0]?.id ?? '';
const ours = async ({ id }: Payment) =>
  (await refundsOf(shop.db.pool, id)).map(({ amount, status, failure }) => [amount, status, failure].filter(Boolean).join(' '));
const open = async ({ id }: Payment) => {
  const text = 'select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id';
  return (await shop.db.pool.query<{ reason: string }>(text, [id])).rows.map(({ reason }) => reason);
};
const tillRow = async ({ reference }: Payment) =>
  (await shop.db.pool.query('select status from pos.payments where external_ref = $1', [reference])).rows[0].status;

describe.each(['midtrans', 'xendit'] as const)('money back at %s', (provider) => {
  it('goes back in parts, is pending until the provider is sure, and is booked by the host when all of it is back', async () => {
    const payment = await paidAt(provider);
    await ask(payment, 20_000);
    await shop.runDue();
    expect([await ours(payment), (await shop.now(payment)).status]).toEqual([['20000 pending'], 'paid']);
    await passing(3_000, 10_000);
    expect(await shop.now(payment)).toMatchObject({ status: 'partially_refunded', refunded: 20_000 });
    expect(await tillRow(payment)).toBe('settled');
    await ask(payment, 30_000);
    await passing(3_000, 10_000);
    expect(await shop.now(payment)).toMatchObject({ status: 'refunded', refunded: 50_000 });
    expect([await given(payment), await tillRow(payment)]).toEqual([['20000 succeeded', '30000 succeeded'], 'refunded']);
    expect(await shop.events(payment)).toEqual([
      'payment.pending',
      'payment.paid',
      'order.paid',
      'refund.pending',
      'refund.succeeded',
      'refund.pending',
      'refund.succeeded',
    ]);
  });

  it('is asked for once, when the answer to the first time is lost', async () => {
    const payment = await paidAt(provider);
    controls.addFault(provider, { operation: 'refund', fault: 'reset_after_effect', times: 1 });
    await ask(payment, 20_000);
    await passing(3_000, 10_000, 30_000, 60_000, 5 * minutes, 15 * minutes);
    expect(given(payment)).toEqual(['20000 succeeded']);
  });

  it('waits for a provider that is away, and then goes back', async () => {
    const payment = await paidAt(provider);
    controls.addFault(provider, { operation: 'any', fault: 'refuse', times: null });
    await ask(payment, 20_000);
    await passing(3_000, 10_000);
    expect(await ours(payment)).toEqual(['20000 pending']);
    controls.clearFaults(provider);
    await passing(30_000, 60_000, 5 * minutes);
    expect([given(payment), await ours(payment)]).toEqual([['20000 succeeded'], ['20000 succeeded']]);
  });

  it('waits its turn behind another refund of the same money', async () => {
    const payment = await paidAt(provider);
    await Promise.all([ask(payment, 20_000), ask(payment, 25_000)]);
    await passing(3_000, 10_000, 30_000, 60_000, 5 * minutes);
    expect((await shop.now(payment)).refunded).toBe(45_000);
    expect(given(payment).sort()).toEqual(['20000 succeeded', '25000 succeeded']);
  });
});

describe('a refund whose answer was lost, at a provider that hides it and ignores our key', () => {
  const lost = async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang_after_effect', times: 1 });
    const refundId = await ask(payment, 20_000);
    await passing(3_000, 10_000, 30_000, 60_000, 5 * minutes);
    return { payment, refundId };
  };
  const heard = async (payment: Payment, name: string) => {
    const [refund] = await refundsOf(shop.db.pool, payment.id);
    await shop.hear(shownReference(payment), 'refunded', {
      provider: 'xendit',
      refund: { reference: refund?.reference ?? null, providerRefundId: name },
    });
    await shop.runDue();
  };

  it('is not asked for twice: after a quarter of an hour a person knows of it', async () => {
    const { payment } = await lost();
    expect([await ours(payment), await open(payment)]).toEqual([['20000 pending'], []]);
    await passing(15 * minutes, 60 * minutes);
    expect([given(payment), await ours(payment), await open(payment)]).toEqual([
      ['20000 succeeded'],
      ['20000 pending'],
      ['refund_unconfirmed'],
    ]);
  });

  it('is found by its webhook, which says what it is called there, and settles itself', async () => {
    const { payment } = await lost();
    await passing(15 * minutes);
    await heard(payment, named(payment));
    expect([await ours(payment), await open(payment)]).toEqual([['20000 succeeded'], []]);
  });

  it('is found by a person who knows what it is called there', async () => {
    const { payment, refundId } = await lost();
    await findRefundThere(shop.db.pool, refundId, named(payment), shop.clock.now());
    await shop.runDue();
    expect(await ours(payment)).toEqual(['20000 succeeded']);
  });

  it('is asked for again only when a person has seen that there is none', async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang', times: 1 });
    const refundId = await ask(payment, 20_000);
    await passing(3_000, 10_000, 30_000, 60_000, 5 * minutes, 15 * minutes, 60 * minutes);
    expect([given(payment), await open(payment)]).toEqual([[], ['refund_unconfirmed']]);
    await askForRefundAgain(shop.db.pool, refundId, shop.clock.now());
    await passing(60 * minutes);
    expect([given(payment), await ours(payment), await open(payment)]).toEqual([['20000 succeeded'], ['20000 succeeded'], []]);
  });

  it('is not believed to be what a webhook calls it when that is nothing of ours', async () => {
    const { payment } = await lost();
    const other = await paidAt('xendit');
    await ask(other, 1_000);
    await shop.runDue();
    await heard(payment, named(other));
    expect(await refundsOf(shop.db.pool, payment.id)).toMatchObject([{ status: 'pending', providerRefundId: null }]);
    await heard(payment, named(payment));
    expect(await ours(payment)).toEqual(['20000 succeeded']);
  });
});

describe('a refund that comes to nothing', () => {
  it('gives its money back to the allowance, with the reason', async () => {
    const payment = await paidAt('xendit');
    shop.simulator.switches.set({ xendit_refund_failure: 'INSUFFICIENT_BALANCE' });
    await ask(payment, 50_000);
    await passing(3_000, 10_000);
    expect([await ours(payment), (await shop.now(payment)).status, await open(payment)]).toEqual([
      ['50000 failed insufficient_balance'],
      'paid',
      [],
    ]);
    shop.simulator.switches.reset();
    await ask(payment, 50_000);
    await passing(3_000, 10_000);
    expect(await shop.now(payment)).toMatchObject({ status: 'refunded', refunded: 50_000 });
  });

  it('is not asked for when a rule of the provider forbids it, and waits when the rule passes', async () => {
    const never = await paidAt('xendit', { issuer: 'linkaja' });
    await ask(never, 50_000);
    const later = await paidAt('xendit', { issuer: 'cimb' });
    shop.simulator.switches.set({ xendit_refundable_issuers: ['cimb'] });
    await ask(later, 50_000);
    await passing(3_000);
    expect([await ours(never), await ours(later)]).toEqual([['50000 failed issuer_not_refundable'], ['50000 pending']]);
    expect([given(never), given(later)]).toEqual([[], []]);
    await passing(24 * 60 * minutes, 30_000, minutes);
    expect([await ours(later), await open(later)]).toEqual([['50000 succeeded'], []]);
  });
});

describe('who paid too much', () => {
  it('has all of it back, and the host hears that the bill is', async () => {
    const payment = await shop.pending({ total: 50_000 });
    controls.pay(shownReference(payment), { amount: 60_000 });
    const { claims } = await shop.now(payment);
    await shop.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, claim: claims } });
    await ask(payment, 60_000);
    await passing(3_000, 10_000);
    expect(await shop.now(payment)).toMatchObject({ status: 'refunded', refunded: 60_000 });
    expect(await tillRow(payment)).toBe('refunded');
  });
});

describe('a host that is busy when the money is back', () => {
  it('holds nothing up, and is told when it has time', async () => {
    const payment = await paidAt('midtrans');
    await ask(payment, 50_000);
    await shop.runDue();
    const letGo = await holdingOrder(shop.db.pool, payment.orderKey);
    await passing(10_000).finally(letGo);
    expect([(await shop.now(payment)).status, await tillRow(payment)]).toEqual(['refunded', 'settled']);
    await passing(10_000);
    expect([await tillRow(payment), await open(payment)]).toEqual(['refunded', []]);
  });

  it('is not news to anybody twice', async () => {
    const payment = await paidAt('midtrans');
    await ask(payment, 50_000);
    await shop.runDue();
    shop.pass(5_000);
    await hastenRefunds(shop.db.pool, payment.id, shop.clock.now());
    await shop.runDue();
    await shop.runDue();
    expect((await shop.events(payment)).filter((type) => type === 'refund.succeeded')).toHaveLength(1);
  });
});
