import { randomUUID } from 'node:crypto';
import { type Payment, type Refund, rupiah } from '@gateway/shared/payment';
import { plusMs } from '@gateway/shared/runtime';
import { hostWrites, payments, refundApprovals, refunds } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness({ refundApprovalFrom: 60_000 });
});
afterAll(() => api.close());

interface PaidAttempt {
  provider?: string;
  issuer?: string;
  accepted?: boolean;
  daysAgo?: number;
  amount?: number;
}

/** A payment of Rp50,000, or the first amount, with one paid attempt for each element. */
async function paid(...paidAttempts: PaidAttempt[]): Promise<Payment> {
  const total = paidAttempts[0]?.amount ?? 50_000;
  const payment = aPayment({ tenant: api.tenant, amount: rupiah(total), createdAt: api.clock.now() });
  await payments.insert(api.db.pool, payment);
  for (const [index, { provider = 'midtrans', issuer = 'dana', accepted = true, daysAgo = 0 }] of paidAttempts.entries()) {
    const at = plusMs(api.clock.now(), -daysAgo * 86_400_000);
    await api.db.knex('gateway.attempts').insert({
      payment_id: payment.id,
      no: index + 1,
      provider,
      account: 'default',
      reference: `${payment.reference}-${index + 1}`,
      status: 'paid',
      paid_idr: total,
      accepted,
      issuer,
      paid_at: at,
      started_at: at,
    });
  }
  await api.db.pool.query(`update gateway.payments set status = 'paid', received_idr = $2, paid_at = now() where id = $1`, [
    payment.id,
    total,
  ]);
  return payment;
}

const pathOf = ({ id }: Payment) => `/transaction/payments/${id}/refunds`;
const requestRefund = (payment: Payment, body: unknown, { key = randomUUID() as string | null, secret = api.key } = {}) =>
  supertest(api.url)
    .post(pathOf(payment))
    .set({ authorization: `Bearer ${secret}`, ...(key ? { 'idempotency-key': key } : {}) })
    .send(body as object);
const get = (path: string, secret = api.key) => supertest(api.url).get(path).set('authorization', `Bearer ${secret}`);
const part = (amount: number) => ({ amount, reason: 'cold soup' });
const finish = async (id: string, status: 'succeeded' | 'failed') =>
  refunds.finish(api.db.pool, (await refunds.find(api.db.pool, id)) as Refund, {
    status,
    failure: status === 'failed' ? 'denied_by_bank' : null,
    providerRefundId: null,
    at: api.clock.now(),
  });

describe('a refund', () => {
  it('is opened whatever its reason holds, and the reason is stored clean', async () => {
    const payment = await paid({});
    for (const reason of ['cold\u0000 soup', '\u001b[31msoup', 'soup \ud83d', `${'\u0000'.repeat(3)}soup`]) {
      const { status, body } = await requestRefund(payment, { amount: 1, reason });
      expect([status, body.reason]).toEqual([202, expect.stringMatching(/^[^\p{Cc}\p{Cs}]*soup$/u)]);
    }
    expect((await requestRefund(payment, { amount: 1, reason: '\u0000' })).status).toBe(400);
  });

  it('is answered 202 while it is pending, with the location of its state', async () => {
    const payment = await paid({});
    const { status, body, headers } = await requestRefund(payment, part(20_000));
    expect([status, headers.location]).toEqual([202, `/transaction/refunds/${body.refund_id}`]);
    expect(body).toEqual({
      refund_id: expect.stringMatching(/^ref_/),
      payment_id: payment.id,
      transaction_id: `${payment.reference}-1`,
      amount: 20_000,
      currency: 'IDR',
      status: 'pending',
      cause: 'client',
      reason: 'cold soup',
      failure: null,
      created_at: api.clock.now().toISOString(),
      updated_at: api.clock.now().toISOString(),
    });
    await finish(body.refund_id, 'succeeded');
    expect((await get(headers.location as string)).body).toMatchObject({ refund_id: body.refund_id, status: 'succeeded' });
  });

  it('may be one of several, as long as their sum is at most the amount paid', async () => {
    const payment = await paid({});
    for (const amount of [20_000, 25_000]) expect((await requestRefund(payment, part(amount))).status).toBe(202);
    const { status, body } = await requestRefund(payment, part(5_001));
    expect([status, body.code, body.refundable_amount]).toEqual([422, 'refund_exceeds_paid', 5_000]);
    expect((await requestRefund(payment, part(5_000))).status).toBe(202);
    expect((await requestRefund(payment, part(1))).body.detail).toMatch(/The whole amount is refunded/);
    expect((await get(pathOf(payment))).body.refunds.map(({ amount }: { amount: number }) => amount)).toEqual([20_000, 25_000, 5_000]);
  });

  it('releases its amount when it fails, and shows the reason', async () => {
    const payment = await paid({});
    const { body } = await requestRefund(payment, part(50_000));
    await finish(body.refund_id, 'failed');
    expect((await get(`/transaction/refunds/${body.refund_id}`)).body).toMatchObject({ status: 'failed', failure: 'denied_by_bank' });
    expect((await requestRefund(payment, part(50_000))).status).toBe(202);
  });

  it('of a duplicate payment does not reduce what can be refunded of the accepted one', async () => {
    const payment = await paid({}, { accepted: false, provider: 'xendit' });
    await refunds.open(api.db.pool, {
      payment,
      attemptNo: 2,
      amount: rupiah(50_000),
      cause: 'duplicate',
      reason: 'duplicate',
      at: api.clock.now(),
    });
    expect((await requestRefund(payment, part(50_000))).body).toMatchObject({ transaction_id: `${payment.reference}-1`, cause: 'client' });
    expect((await get(pathOf(payment))).body.refunds).toMatchObject([
      { cause: 'duplicate', transaction_id: `${payment.reference}-2` },
      { cause: 'client' },
    ]);
  });

  it('may be requested again when the automatic refund failed', async () => {
    const payment = await paid({}, { accepted: false });
    const refund = {
      payment,
      attemptNo: 2,
      amount: rupiah(50_000),
      cause: 'duplicate',
      reason: 'duplicate',
      at: api.clock.now(),
    } as const;
    await finish((await refunds.open(api.db.pool, refund))?.id as string, 'failed');
    expect((await requestRefund(payment, part(50_000))).body.transaction_id).toBe(`${payment.reference}-1`);
    expect((await requestRefund(payment, part(50_000))).body.transaction_id).toBe(`${payment.reference}-2`);
    expect((await requestRefund(payment, part(1))).status).toBe(422);
  });

  it('of an unpaid payment is refused', async () => {
    const { status, body } = await requestRefund(await paid(), part(1));
    expect([status, body.code, body.detail]).toEqual([422, 'refund_exceeds_paid', 'Nothing has been paid.']);
  });
});

describe('a refund that is so large that a second person must approve it', () => {
  it('is answered 202 pending with its money reserved, is shown as waiting, and is not due for any worker', async () => {
    const payment = await paid({ amount: 100_000 });
    const { status, body, headers } = await requestRefund(payment, part(60_000));
    expect([status, body.status, body.approval]).toEqual([202, 'pending', { decision: null, decided_at: null }]);
    expect((await requestRefund(payment, part(50_000))).body.code).toBe('refund_exceeds_paid');
    expect(await refunds.find(api.db.pool, body.refund_id)).toMatchObject({
      nextTryAt: null,
      approval: { requestedBy: expect.stringMatching(/^key cli_/) },
    });
    const timeline = await get(`/transaction/payments/${payment.id}/timeline`);
    expect(timeline.body.next).toMatchObject({ key: 'approval', at: null });
    const by = { actor: 'siti', at: api.clock.now(), reason: 'too much' };
    await refundApprovals.decide(api.db, body.refund_id, 'refused', by);
    expect((await get(headers.location as string)).body).toMatchObject({
      status: 'failed',
      failure: 'not_approved',
      approval: { decision: 'refused', decided_at: api.clock.now().toISOString() },
    });
    expect((await requestRefund(payment, part(59_999))).body.approval).toBeUndefined();
  });
});

describe('refunds of one payment that are small each', () => {
  it('wait for a second person from the one on with which they are large together; one that was refused counts no more', async () => {
    const payment = await paid({ amount: 100_000 });
    expect((await requestRefund(payment, part(40_000))).body.approval).toBeUndefined();
    const { body } = await requestRefund(payment, part(20_000));
    expect([body.status, body.approval]).toEqual(['pending', { decision: null, decided_at: null }]);
    expect(await refunds.find(api.db.pool, body.refund_id)).toMatchObject({ nextTryAt: null });
    expect((await requestRefund(payment, part(1))).body.approval).toBeDefined();
    await refundApprovals.decide(api.db, body.refund_id, 'refused', { actor: 'siti', at: api.clock.now(), reason: 'too much' });
    expect((await requestRefund(payment, part(19_998))).body.approval).toBeUndefined();
  });

  it('wait also when they are asked for at the same time', async () => {
    const payment = await paid({ amount: 100_000 });
    const answers = await Promise.all([30_000, 30_000, 30_000].map((amount) => requestRefund(payment, part(amount))));
    expect(answers.filter(({ body }) => body.approval === undefined)).toHaveLength(1);
  });
});

describe('concurrent refunds', () => {
  it('of 60 % each: exactly one is accepted', async () => {
    for (let round = 0; round < 10; round++) {
      const payment = await paid({});
      const answers = await Promise.all([
        requestRefund(payment, part(30_000)),
        requestRefund(payment, part(30_000)),
        requestRefund(payment, part(30_000)),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 422, 422]);
    }
  });

  it('with one key are one refund, also when only one fits into the amount paid', async () => {
    for (let round = 0; round < 10; round++) {
      const payment = await paid({});
      const key = randomUUID();
      const answers = await Promise.all([1, 2, 3].map(() => requestRefund(payment, part(30_000), { key })));
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
      expect(new Set(answers.map(({ body }) => body.refund_id)).size).toBe(1);
      expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === 'true')).toHaveLength(2);
    }
  });
});

describe('the Idempotency-Key of a refund', () => {
  it('is required', async () => {
    const { status, body } = await requestRefund(await paid({}), part(1), { key: null });
    expect([status, body.code]).toEqual([400, 'idempotency_key_required']);
  });

  it('returns the same refund in its current state for 72 hours', async () => {
    const payment = await paid({});
    const key = randomUUID();
    const first = await requestRefund(payment, part(10_000), { key });
    await finish(first.body.refund_id, 'succeeded');
    api.clock.advance(72 * 3_600_000 - 1);
    const again = await requestRefund(payment, part(10_000), { key });
    expect([again.status, again.headers['idempotent-replayed'], again.body.refund_id]).toEqual([200, 'true', first.body.refund_id]);
    expect(again.body.status).toBe('succeeded');
    api.clock.advance(1);
    expect((await requestRefund(payment, part(10_000), { key })).body.refund_id).not.toBe(first.body.refund_id);
  });

  it('is refused for another amount or another payment', async () => {
    const payment = await paid({});
    const key = randomUUID();
    await requestRefund(payment, part(10_000), { key });
    for (const [other, amount] of [
      [payment, 10_001],
      [await paid({}), 10_000],
    ] as const) {
      const { status, body } = await requestRefund(other, part(amount), { key });
      expect([status, body.code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  it('of concurrent requests for two payments is accepted for one of them', async () => {
    const [one, other] = [await paid({}), await paid({})];
    const key = randomUUID();
    const answers = await Promise.all([requestRefund(one, part(1), { key }), requestRefund(other, part(1), { key })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 422]);
  });
});

describe('a rule that forbids a refund', () => {
  it.each([
    [{ provider: 'xendit', issuer: 'linkaja' }, 50_000, 'issuer_not_refundable', null],
    [{ provider: 'xendit', issuer: 'dana', daysAgo: 7.1 }, 50_000, 'refund_window_over', null],
    [{ provider: 'midtrans', issuer: 'dana', daysAgo: 7.1 }, 50_000, 'refund_window_over', null],
    [{ provider: 'xendit', issuer: 'cimb', daysAgo: 2 }, 20_000, 'partial_refund_not_supported', null],
    [{ provider: 'xendit', issuer: 'cimb' }, 50_000, 'refund_not_possible_yet', 86_400_000],
  ])('is reported before the provider is asked: %j', async (money, amount, reason, inMs) => {
    const payment = await paid(money);
    const { status, body } = await requestRefund(payment, part(amount));
    const retryAt = inMs === null ? null : plusMs(api.clock.now(), inMs).toISOString();
    expect([status, body]).toMatchObject([422, { code: 'refund_not_supported', reason, retry_at: retryAt }]);
    expect(body.detail).not.toMatch(/midtrans|xendit/i);
    expect((await get(pathOf(payment))).body.refunds).toEqual([]);
  });
});

describe('a payment that the host has not recorded yet', () => {
  it('can be refunded only afterwards, so that the host sees the payment before its refund', async () => {
    const payment = await paid({});
    await hostWrites.defer(api.db.pool, { paymentId: payment.id, step: 'paid', nextTryAt: new Date(), error: 'busy', at: new Date() });
    const { status, body } = await requestRefund(payment, part(1));
    expect([status, body.code, body.reason]).toEqual([422, 'refund_not_supported', 'host_not_told_yet']);
    await api.db.pool.query('update gateway.host_writes set done_at = now() where payment_id = $1', [payment.id]);
    expect((await requestRefund(payment, part(1))).status).toBe(202);
  });
});

describe('a refund request', () => {
  it.each([
    [{ amount: 0, reason: 'x' }, 'amount'],
    [{ amount: 1.5, reason: 'x' }, 'amount'],
    [{ amount: '5000', reason: 'x' }, 'amount'],
    [{ amount: 1 }, 'reason'],
    [{ amount: 1, reason: ' ' }, 'reason'],
    [{ amount: 1, reason: 'x', refund: true }, 'refund'],
  ])('with %j is refused, and the invalid field is named', async (body, field) => {
    const { status, body: problem } = await requestRefund(await paid({}), body);
    expect([status, problem.code, problem.errors[0].path]).toEqual([400, 'validation_failed', field]);
  });

  it('needs a key with the scope, of the tenant and the store of the payment', async () => {
    const payment = await paid({});
    const { body } = await requestRefund(payment, part(1));
    const keyWithoutScope = await api.keyFor({ scopes: ['payments'] });
    const otherTenantKey = await api.keyFor({ tenant: api.otherTenant });
    const otherStoreKey = await api.keyFor({ stores: ['BDG-01'] });
    expect((await requestRefund(payment, part(1), keyWithoutScope)).body.code).toBe('forbidden');
    for (const { secret } of [otherTenantKey, otherStoreKey]) {
      expect((await requestRefund(payment, part(1), { key: 'k', secret })).body.code).toBe('payment_not_found');
      expect((await get(pathOf(payment), secret)).body.code).toBe('payment_not_found');
      expect((await get(`/transaction/refunds/${body.refund_id}`, secret)).body.code).toBe('refund_not_found');
    }
    for (const id of ['nonsense', 'ref_01jd0000000000000000000000'])
      expect((await get(`/transaction/refunds/${id}`)).body.code).toBe('refund_not_found');
  });
});
