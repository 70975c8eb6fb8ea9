import { type Payment, type RefundId, rupiah } from '@gateway/shared/payment';
import { operatorRefunds, refunds } from '@gateway/shared/store';
import { lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';

let worker: WorkerHarness;
let controls: WorkerHarness['simulator']['controls'];
beforeAll(async () => {
  worker = await startWorkerHarness({ queryTimeoutMs: 300 });
  controls = worker.simulator.controls;
});
afterEach(() => {
  for (const provider of ['midtrans', 'xendit'] as const) controls.clearFaults(provider);
  worker.simulator.switches.reset();
});
afterAll(() => worker?.close());

const minutes = 60_000;

/** A payment that was paid at this provider and accepted by the order. */
async function paidAt(provider: 'midtrans' | 'xendit', { issuer = 'dana', total = 50_000 } = {}): Promise<Payment> {
  if (provider === 'xendit') controls.addFault('midtrans', { operation: 'create', fault: 'rejected', times: 1 });
  const payment = await worker.pending({ total });
  controls.pay(shownReference(payment), { issuer });
  const { leaseNo } = await worker.reload(payment);
  await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
  return worker.reload(payment);
}
const shownReference = ({ reference, shownAttempt }: Payment) => `${reference}-${shownAttempt}`;

async function requestRefund(payment: Payment, amount: number): Promise<RefundId> {
  const opened = await refunds.open(worker.db.pool, {
    payment,
    attemptNo: payment.shownAttempt as number,
    amount: rupiah(amount),
    cause: 'client',
    reason: 'cold soup',
    at: worker.clock.now(),
  });
  return opened?.id as RefundId;
}
async function advance(...steps: number[]): Promise<void> {
  await worker.runDue();
  for (const ms of steps) {
    worker.advance(ms);
    await worker.runDue();
  }
}
const refundsAt = (payment: Payment) => controls.charge(shownReference(payment)).states.at(-1)?.refunds ?? [];
const refundLines = (payment: Payment) => refundsAt(payment).map(({ amount, status }) => `${amount} ${status}`);
/** The provider's id of the payment's first refund. */
const providerRefundIdOf = (payment: Payment): string => refundsAt(payment)[0]?.id ?? '';
const storedRefunds = async ({ id }: Payment) =>
  (await refunds.ofPayment(worker.db.pool, id)).map(({ amount, status, failure }) => [amount, status, failure].filter(Boolean).join(' '));
const openReasons = async ({ id }: Payment) => {
  const text = 'select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id';
  return (await worker.db.pool.query<{ reason: string }>(text, [id])).rows.map(({ reason }) => reason);
};
const tillRow = async ({ reference }: Payment) =>
  (await worker.db.pool.query('select status from pos.payments where external_ref = $1', [reference])).rows[0].status;

describe.each(['midtrans', 'xendit'] as const)('a refund at %s', (provider) => {
  it('may be partial, is pending until the provider confirms it, and is recorded by the host when the whole amount is refunded', async () => {
    const payment = await paidAt(provider);
    await requestRefund(payment, 20_000);
    await worker.runDue();
    expect([await storedRefunds(payment), (await worker.reload(payment)).status]).toEqual([['20000 pending'], 'paid']);
    await advance(3_000, 10_000);
    expect(await worker.reload(payment)).toMatchObject({ status: 'partially_refunded', refunded: 20_000 });
    expect(await tillRow(payment)).toBe('settled');
    await requestRefund(payment, 30_000);
    await advance(3_000, 10_000);
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 50_000 });
    expect([await refundLines(payment), await tillRow(payment)]).toEqual([['20000 succeeded', '30000 succeeded'], 'refunded']);
    expect(await worker.events(payment)).toEqual([
      'payment.pending',
      'payment.paid',
      'order.paid',
      'refund.pending',
      'refund.succeeded',
      'refund.pending',
      'refund.succeeded',
    ]);
  });

  it('is carried out once when the answer to its request is lost', async () => {
    const payment = await paidAt(provider);
    controls.addFault(provider, { operation: 'refund', fault: 'reset_after_effect', times: 1 });
    await requestRefund(payment, 20_000);
    await advance(3_000, 10_000, 30_000, 60_000, 5 * minutes, 15 * minutes);
    expect(refundLines(payment)).toEqual(['20000 succeeded']);
  });

  it('waits for a provider that cannot be reached, and then succeeds', async () => {
    const payment = await paidAt(provider);
    controls.addFault(provider, { operation: 'any', fault: 'refuse', times: null });
    await requestRefund(payment, 20_000);
    await advance(3_000, 10_000);
    expect(await storedRefunds(payment)).toEqual(['20000 pending']);
    controls.clearFaults(provider);
    await advance(30_000, 60_000, 5 * minutes);
    expect([refundLines(payment), await storedRefunds(payment)]).toEqual([['20000 succeeded'], ['20000 succeeded']]);
  });

  it('succeeds after another refund of the same money that is in progress', async () => {
    const payment = await paidAt(provider);
    await Promise.all([requestRefund(payment, 20_000), requestRefund(payment, 25_000)]);
    await advance(3_000, 10_000, 30_000, 60_000, 5 * minutes);
    expect((await worker.reload(payment)).refunded).toBe(45_000);
    expect(refundLines(payment).sort()).toEqual(['20000 succeeded', '25000 succeeded']);
  });
});

describe('a refund whose answer was lost, at a provider that finds no refund by reference and repeats none safely', () => {
  const refundWithLostAnswer = async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang_after_effect', times: 1 });
    const refundId = await requestRefund(payment, 20_000);
    await advance(3_000, 10_000, 30_000, 60_000, 5 * minutes);
    return { payment, refundId };
  };
  const receiveRefundWebhook = async (payment: Payment, name: string) => {
    const [refund] = await refunds.ofPayment(worker.db.pool, payment.id);
    await worker.receiveWebhook(shownReference(payment), 'refunded', {
      provider: 'xendit',
      refund: { reference: refund?.reference ?? null, providerRefundId: name },
    });
    await worker.runDue();
  };

  it('is not requested twice, and gets a discrepancy after 15 minutes', async () => {
    const { payment } = await refundWithLostAnswer();
    expect([await storedRefunds(payment), await openReasons(payment)]).toEqual([['20000 pending'], []]);
    await advance(15 * minutes, 60 * minutes);
    expect([refundLines(payment), await storedRefunds(payment), await openReasons(payment)]).toEqual([
      ['20000 succeeded'],
      ['20000 pending'],
      ['refund_unconfirmed'],
    ]);
  });

  it('is not requested twice when the provider cannot be reached while it is looked up', async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang_after_effect', times: 1 });
    await requestRefund(payment, 20_000);
    await worker.runDue();
    controls.addFault('xendit', { operation: 'any', fault: 'refuse', times: null });
    await advance(3_000, 10_000);
    controls.clearFaults('xendit');
    await advance(30_000, 60_000, 5 * minutes);
    expect([refundLines(payment), await storedRefunds(payment)]).toEqual([['20000 succeeded'], ['20000 pending']]);
  });

  it('is found by the provider refund id in its webhook, which closes the discrepancy', async () => {
    const { payment } = await refundWithLostAnswer();
    await advance(15 * minutes);
    await receiveRefundWebhook(payment, providerRefundIdOf(payment));
    expect([await storedRefunds(payment), await openReasons(payment)]).toEqual([['20000 succeeded'], []]);
  });

  it('is found by the provider refund id that an operator enters', async () => {
    const { payment, refundId } = await refundWithLostAnswer();
    await operatorRefunds.confirmProviderRefund(worker.db, refundId, providerRefundIdOf(payment), {
      actor: 'dewi',
      at: worker.clock.now(),
    });
    await worker.runDue();
    expect(await storedRefunds(payment)).toEqual(['20000 succeeded']);
  });

  it('is requested again only when an operator has seen that there is none', async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang', times: 1 });
    const refundId = await requestRefund(payment, 20_000);
    await advance(3_000, 10_000, 30_000, 60_000, 5 * minutes, 15 * minutes, 60 * minutes);
    expect([refundLines(payment), await openReasons(payment)]).toEqual([[], ['refund_unconfirmed']]);
    await operatorRefunds.retryRefund(worker.db, refundId, { actor: 'dewi', at: worker.clock.now() });
    await advance(60 * minutes);
    expect([refundLines(payment), await storedRefunds(payment), await openReasons(payment)]).toEqual([
      ['20000 succeeded'],
      ['20000 succeeded'],
      [],
    ]);
  });

  it('is not confirmed by a provider refund id of another refund', async () => {
    const { payment } = await refundWithLostAnswer();
    const other = await paidAt('xendit');
    await requestRefund(other, 1_000);
    await worker.runDue();
    await receiveRefundWebhook(payment, providerRefundIdOf(other));
    expect(await refunds.ofPayment(worker.db.pool, payment.id)).toMatchObject([{ status: 'pending', providerRefundId: null }]);
    await receiveRefundWebhook(payment, providerRefundIdOf(payment));
    expect(await storedRefunds(payment)).toEqual(['20000 succeeded']);
  });
});

describe('a refund that the provider refuses', () => {
  it('fails with the reason, and its amount can be refunded again', async () => {
    const payment = await paidAt('xendit');
    worker.simulator.switches.set({ xendit_refund_failure: 'INSUFFICIENT_BALANCE' });
    await requestRefund(payment, 50_000);
    await advance(3_000, 10_000);
    expect([await storedRefunds(payment), (await worker.reload(payment)).status, await openReasons(payment)]).toEqual([
      ['50000 failed insufficient_balance'],
      'paid',
      [],
    ]);
    worker.simulator.switches.reset();
    await requestRefund(payment, 50_000);
    await advance(3_000, 10_000);
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 50_000 });
  });

  it('is not requested when a rule of the provider forbids it, and waits when the rule ends', async () => {
    const never = await paidAt('xendit', { issuer: 'linkaja' });
    await requestRefund(never, 50_000);
    const later = await paidAt('xendit', { issuer: 'cimb' });
    worker.simulator.switches.set({ xendit_refundable_issuers: ['cimb'] });
    await requestRefund(later, 50_000);
    await advance(3_000);
    expect([await storedRefunds(never), await storedRefunds(later)]).toEqual([['50000 failed issuer_not_refundable'], ['50000 pending']]);
    expect([refundLines(never), refundLines(later)]).toEqual([[], []]);
    await advance(24 * 60 * minutes, 30_000, minutes);
    expect([await storedRefunds(later), await openReasons(later)]).toEqual([['50000 succeeded'], []]);
  });
});

describe('a payer who paid too much', () => {
  it('can have the whole amount refunded, and the host records the amount of the bill', async () => {
    const payment = await worker.pending({ total: 50_000 });
    controls.pay(shownReference(payment), { amount: 60_000 });
    const { leaseNo } = await worker.reload(payment);
    await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
    await requestRefund(payment, 60_000);
    await advance(3_000, 10_000);
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 60_000 });
    expect(await tillRow(payment)).toBe('refunded');
  });
});

describe('a refund whose host is busy when it succeeds', () => {
  it('succeeds at once, and is written to the host when that is free', async () => {
    const payment = await paidAt('midtrans');
    await requestRefund(payment, 50_000);
    await worker.runDue();
    const unlockOrder = await lockOrderRow(worker.db.pool, payment.orderKey);
    await advance(10_000).finally(unlockOrder);
    expect([(await worker.reload(payment)).status, await tillRow(payment)]).toEqual(['refunded', 'settled']);
    await advance(10_000);
    expect([await tillRow(payment), await openReasons(payment)]).toEqual(['refunded', []]);
  });

  it('is announced once', async () => {
    const payment = await paidAt('midtrans');
    await requestRefund(payment, 50_000);
    await worker.runDue();
    worker.advance(5_000);
    await refunds.expedite(worker.db.pool, payment.id, worker.clock.now());
    await worker.runDue();
    await worker.runDue();
    expect((await worker.events(payment)).filter((type) => type === 'refund.succeeded')).toHaveLength(1);
  });
});

describe('the job of a refund', () => {
  const job = (refundId: RefundId, leaseNo: number) => ({ name: 'refund', payload: { host: 'pos', refundId, leaseNo } }) as const;

  it('requests nothing under a lease that is superseded', async () => {
    const payment = await paidAt('midtrans');
    const refundId = await requestRefund(payment, 1_000);
    expect(await worker.run(job(refundId, 7))).toBe('superseded');
    expect(refundLines(payment)).toEqual([]);
  });

  it('asks the provider no more when the refund is final', async () => {
    const payment = await paidAt('midtrans');
    const refundId = await requestRefund(payment, 1_000);
    await advance(3_000, 10_000);
    expect(await storedRefunds(payment)).toEqual(['1000 succeeded']);
    expect(await worker.run(job(refundId, (await refunds.find(worker.db.pool, refundId))?.leaseNo as number))).toBe('already_done');
  });

  it('looks a refund up that an operator has found at the provider, and does not request it', async () => {
    const payment = await paidAt('xendit');
    const refundId = await requestRefund(payment, 1_000);
    const refundReference = (await refunds.find(worker.db.pool, refundId))?.reference as string;
    controls.refund(shownReference(payment), { amount: 1_000, refundReference });
    await operatorRefunds.confirmProviderRefund(worker.db, refundId, providerRefundIdOf(payment), {
      actor: 'dewi',
      at: worker.clock.now(),
    });
    await advance(3_000, 10_000, 30_000, 60_000, 5 * minutes);
    expect([refundLines(payment), await storedRefunds(payment)]).toEqual([['1000 succeeded'], ['1000 succeeded']]);
  });

  it('forgets an id under which the provider knows no refund', async () => {
    const payment = await paidAt('xendit');
    const refundId = await requestRefund(payment, 1_000);
    await operatorRefunds.confirmProviderRefund(worker.db, refundId, 'rfd-unknown', { actor: 'dewi', at: worker.clock.now() });
    await worker.runDue();
    expect(await refunds.find(worker.db.pool, refundId)).toMatchObject({ status: 'pending', providerRefundId: null });
  });
});
