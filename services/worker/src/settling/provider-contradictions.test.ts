import { type Payment, type RefundId, rupiah } from '@gateway/shared/payment';
import { newReference } from '@gateway/shared/runtime';
import { operatorDiscrepancies, refunds, webhookInbox } from '@gateway/shared/store';
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

type Provider = 'midtrans' | 'xendit';
const minutes = 60_000;
const referenceOf = ({ reference, shownAttempt }: Payment) => `${reference}-${shownAttempt}`;

async function paidAt(provider: Provider): Promise<Payment> {
  if (provider === 'xendit') controls.addFault('midtrans', { operation: 'create', fault: 'rejected', times: 1 });
  const payment = await worker.pending({ total: 50_000 });
  controls.pay(referenceOf(payment));
  const { leaseNo } = await worker.reload(payment);
  await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: payment.id, leaseNo } });
  return worker.reload(payment);
}
async function requestRefund(payment: Payment, amount: number): Promise<RefundId> {
  const asked = { attemptNo: payment.shownAttempt as number, amount: rupiah(amount), cause: 'client', reason: 'cold soup' } as const;
  return (await refunds.open(worker.db.pool, { payment, ...asked, at: worker.clock.now() }))?.id as RefundId;
}
async function advance(...steps: number[]): Promise<void> {
  await worker.runDue();
  for (const ms of steps) {
    worker.advance(ms);
    await worker.runDue();
  }
}
const refundsAt = (payment: Payment) => controls.charge(referenceOf(payment)).states.at(-1)?.refunds ?? [];

/** The webhook of the payment's newest refund, as the api stores it: one of a dashboard names no reference, and is found by the charge. */
async function receiveRefundWebhook(payment: Payment, provider: Provider): Promise<number> {
  const refund = refundsAt(payment).at(-1);
  if (provider === 'midtrans') return worker.receiveWebhook(referenceOf(payment), 'refunded');
  return worker.receiveWebhook(referenceOf(payment), refund?.status === 'failed' ? null : 'refunded', {
    provider,
    providerChargeId: controls.charge(referenceOf(payment)).id,
    refund: { reference: refund?.reference ?? null, providerRefundId: refund?.id ?? null },
  });
}
interface Review {
  id: number;
  reason: string;
  ours: string;
  theirs: string;
}
const reviews = async ({ id }: Payment): Promise<Review[]> => {
  const text = 'select id, reason, ours, theirs from gateway.discrepancies where payment_id = $1 order by id';
  return (await worker.db.pool.query<Review & Record<string, unknown>>(text, [id])).rows;
};
const announced = async (payment: Payment) => (await worker.events(payment)).filter((type) => type === 'payment.review').length;
const verdictOf = async (id: number) => (await webhookInbox.find(worker.db.pool, id as never))?.webhook.verdict;

describe.each(['midtrans', 'xendit'] as const)('a refund that was made at the dashboard of %s', (provider) => {
  it.each([null, 'RF-2026-000045'])(
    'opens one review, under the reference %j, however often its webhooks come',
    async (refundReference) => {
      const payment = await paidAt(provider);
      controls.refund(referenceOf(payment), { amount: 20_000, refundReference });
      const first = await receiveRefundWebhook(payment, provider);
      await advance(10_000);
      const second = await receiveRefundWebhook(payment, provider);
      await advance(10_000);
      expect(await reviews(payment)).toMatchObject([
        { reason: 'provider_contradicts', ours: 'not requested', theirs: `refunded 20000 as ${refundsAt(payment)[0]?.id}` },
      ]);
      expect([await announced(payment), await verdictOf(first)]).toEqual([1, 'applied']);
      const [review] = await reviews(payment);
      const closing = { id: review?.id ?? 0, host: 'pos', by: 'ops', because: 'booked by hand', at: worker.clock.now() };
      await operatorDiscrepancies.close(worker.db, closing);
      await receiveRefundWebhook(payment, provider);
      await advance(10_000);
      expect([(await reviews(payment)).length, await announced(payment), await verdictOf(second)]).toEqual([1, 1, expect.anything()]);
    },
  );

  it('is not taken for a refund of ours that is pending', async () => {
    const payment = await paidAt(provider);
    if (provider === 'xendit') worker.simulator.switches.set({ xendit_refund_duration_s: 600 });
    else worker.simulator.switches.set({ midtrans_refund_confirmation_s: 600 });
    await requestRefund(payment, 10_000);
    await advance(1_000);
    controls.refund(referenceOf(payment), { amount: 20_000 });
    await receiveRefundWebhook(payment, provider);
    await advance(1_000);
    expect(await reviews(payment)).toMatchObject([{ reason: 'provider_contradicts', ours: 'not requested' }]);
    await advance(11 * minutes, minutes);
    expect((await refunds.ofPayment(worker.db.pool, payment.id)).map(({ status }) => status)).toEqual(['succeeded']);
  });

  it('is not taken for a refund of ours that failed here and has its reference', async () => {
    const payment = await paidAt(provider);
    controls.addFault(provider, { operation: 'refund', fault: 'rejected', times: 1 });
    await requestRefund(payment, 20_000);
    await advance(1_000);
    const [ours] = await refunds.ofPayment(worker.db.pool, payment.id);
    expect(ours?.status).toBe('failed');
    controls.refund(referenceOf(payment), { amount: 20_000, refundReference: ours?.reference ?? '' });
    await receiveRefundWebhook(payment, provider);
    await advance(1_000);
    expect(await reviews(payment)).toMatchObject([{ reason: 'provider_contradicts', ours: `failed as ${ours?.reference}` }]);
  });

  it('opens a review of its own for each refund', async () => {
    const payment = await paidAt(provider);
    for (const amount of [10_000, 15_000]) {
      controls.refund(referenceOf(payment), { amount });
      await receiveRefundWebhook(payment, provider);
      await advance(20_000);
    }
    expect((await reviews(payment)).map(({ theirs }) => theirs.split(' as ')[0])).toEqual(['refunded 10000', 'refunded 15000']);
  });

  it('is no review when it is a refund of ours', async () => {
    const payment = await paidAt(provider);
    await requestRefund(payment, 20_000);
    await advance(1_000);
    await receiveRefundWebhook(payment, provider);
    await advance(10_000);
    await receiveRefundWebhook(payment, provider);
    await advance(10_000);
    expect([await reviews(payment), (await worker.reload(payment)).refunded]).toEqual([[], 20_000]);
  });
});

describe('money that a provider takes back', () => {
  it('opens a review when a paid charge is denied, once the answer has repeated it', async () => {
    const payment = await paidAt('midtrans');
    controls.reverse(referenceOf(payment));
    const id = await worker.receiveWebhook(referenceOf(payment), 'failed');
    await worker.runDue();
    expect([await verdictOf(id), await reviews(payment)]).toEqual(['contradicted', []]);
    await advance(3_000, 10_000);
    expect(await reviews(payment)).toMatchObject([{ reason: 'provider_contradicts', ours: 'paid', theirs: 'failed' }]);
    expect([await verdictOf(id), (await worker.reload(payment)).status]).toEqual(['applied', 'paid']);
  });

  it('is not reviewed for a late answer, or for a webhook about a close that came too late', async () => {
    const payment = await paidAt('midtrans');
    const id = await worker.receiveWebhook(referenceOf(payment), 'expired');
    await advance(3_000, 10_000);
    expect([await verdictOf(id), await reviews(payment)]).toEqual(['stale', []]);
  });
});

describe('a genuine webhook about a paid charge', () => {
  it('opens one review when it reports an event that the gateway does not know, such as a dispute', async () => {
    const payment = await paidAt('xendit');
    for (let n = 0; n < 2; n++)
      await worker.receiveWebhook(referenceOf(payment), null, { provider: 'xendit', unknownEvent: 'payment.disputed' });
    await worker.runDue();
    expect(await reviews(payment)).toMatchObject([{ reason: 'provider_contradicts', ours: 'paid', theirs: 'payment.disputed' }]);
  });

  it('is a duplicate when it reports the same payment under another delivery key, and the provider is asked', async () => {
    const payment = await paidAt('midtrans');
    const ids = [await worker.receiveWebhook(referenceOf(payment), 'paid'), await worker.receiveWebhook(referenceOf(payment), 'paid')];
    await worker.runDue();
    expect([await verdictOf(ids[0] as number), await verdictOf(ids[1] as number)]).toEqual(['duplicate', 'duplicate']);
    expect(await reviews(payment)).toEqual([]);
  });

  it('is found by the provider’s id of the charge when its reference is not that of an attempt', async () => {
    const payment = await worker.pending();
    controls.pay(referenceOf(payment));
    const { id: providerChargeId } = controls.charge(referenceOf(payment));
    await worker.receiveWebhook(`${newReference('pos')}-1`, 'paid', { providerChargeId });
    await worker.runDue();
    expect((await worker.reload(payment)).status).toBe('paid');
  });
});

describe('a webhook that was parked', () => {
  it('is looked into again when it is sent again', async () => {
    const payment = await worker.pending();
    const sent = { deliveryKey: `sent-${payment.id}` };
    const id = await worker.receiveWebhook(referenceOf(payment), 'paid', sent);
    await webhookInbox.conclude(worker.db.pool, { id, receivedAt: worker.clock.now() }, 'parked', worker.clock.now());
    controls.pay(referenceOf(payment));
    worker.advance(1_000);
    await worker.receiveWebhook(referenceOf(payment), 'paid', sent);
    await worker.runDue();
    expect([await verdictOf(id), (await worker.reload(payment)).status]).toEqual([expect.stringMatching(/applied|duplicate/), 'paid']);
  });
});

describe('a refund that is not confirmed', () => {
  it('keeps its discrepancy when another refund of the same attempt is confirmed', async () => {
    const payment = await paidAt('xendit');
    controls.addFault('xendit', { operation: 'refund', fault: 'hang', times: 1 });
    const lost = await requestRefund(payment, 20_000);
    await advance(3_000, 10_000, 30_000, minutes, 5 * minutes, 15 * minutes, 60 * minutes);
    await requestRefund(payment, 10_000);
    await advance(3_000, 20_000, minutes);
    const open = 'select reason, ours from gateway.discrepancies where payment_id = $1 and closed_at is null';
    expect((await refunds.ofPayment(worker.db.pool, payment.id)).map(({ status }) => status)).toEqual(['pending', 'succeeded']);
    expect((await worker.db.pool.query(open, [payment.id])).rows).toEqual([{ reason: 'refund_unconfirmed', ours: lost }]);
  });
});
