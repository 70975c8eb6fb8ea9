import { about, type HttpResult, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

const dayMs = 86_400_000;
const refundDurationMs = 10_000;

async function paid({ issuer = 'dana', amount = 150_000 } = {}): Promise<string> {
  const { payment_request_id: id } = await merchant.request('REF-1', amount);
  merchant.simulator.controls.pay('REF-1', { issuer });
  return String(id);
}

const refund = (id: string, more: Json = {}): Promise<HttpResult> =>
  merchant.xendit('POST', '/refunds', {
    reference_id: 'RF-1',
    payment_request_id: id,
    currency: 'IDR',
    reason: 'REQUESTED_BY_CUSTOMER',
    ...more,
  });
const errorOf = ({ status, body }: HttpResult): unknown[] => [status, body.error_code];
const listedCharge = () => merchant.control('GET', '/charges?reference=REF-1').then(({ body }) => (body.charges as Json[])[0]);

describe('a refund at Xendit', () => {
  it('is PENDING first, then SUCCEEDED in a webhook and in its status', async () => {
    const id = await paid();
    const { status, body } = await refund(id, { amount: 50_000, metadata: { order: '1' } });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^rfd-.{36}$/),
      payment_request_id: id,
      payment_id: expect.stringMatching(/^py-/),
      reference_id: 'RF-1',
      channel_code: 'QRIS',
      currency: 'IDR',
      amount: 50_000,
      status: 'PENDING',
      reason: 'REQUESTED_BY_CUSTOMER',
      failure_code: null,
      metadata: { order: '1' },
    });
    expect(await listedCharge()).toMatchObject({ status: 'paid', refunds: [{ reference: 'RF-1', amount: 50_000, status: 'pending' }] });
    merchant.simulator.clock.advance(refundDurationMs);
    const webhook = await merchant.inbox.first(about('refund.succeeded'));
    expect(webhook.body.data).toMatchObject({ id: body.id, status: 'SUCCEEDED', amount: 50_000, reference_id: 'RF-1' });
    expect((await merchant.xendit('GET', `/refunds/${String(body.id)}`)).body.status).toBe('SUCCEEDED');
    expect(await listedCharge()).toMatchObject({ status: 'partially_refunded' });
  });

  it('must wait for the one before it, refunds the rest without an amount, and never exceeds the amount paid', async () => {
    const id = await paid();
    await refund(id, { amount: 50_000 });
    expect(errorOf(await refund(id, { amount: 1 }))).toEqual([400, 'REFUND_IN_PROGRESS']);
    merchant.simulator.clock.advance(refundDurationMs);
    expect(errorOf(await refund(id, { amount: 100_001 }))).toEqual([400, 'REFUND_AMOUNT_EXCEEDED']);
    expect((await refund(id)).body.amount).toBe(100_000);
    merchant.simulator.clock.advance(refundDurationMs);
    expect(await listedCharge()).toMatchObject({ status: 'refunded' });
    expect(errorOf(await refund(id, { amount: 1 }))).toEqual([400, 'REFUND_AMOUNT_EXCEEDED']);
  });

  it('may fail by webhook, and then the amount may be refunded again', async () => {
    const id = await paid();
    merchant.simulator.controls.setSwitches({ xendit_refund_failure: 'INSUFFICIENT_BALANCE' });
    await refund(id);
    merchant.simulator.controls.setSwitches({ xendit_refund_failure: null });
    merchant.simulator.clock.advance(refundDurationMs);
    const webhook = await merchant.inbox.first(about('refund.failed'));
    expect(webhook.body.data).toMatchObject({ status: 'FAILED', failure_code: 'INSUFFICIENT_BALANCE' });
    expect(await listedCharge()).toMatchObject({ status: 'paid', refunds: [{ status: 'failed', failure_code: 'INSUFFICIENT_BALANCE' }] });
    expect((await refund(id)).status).toBe(200);
  });

  it('needs a paid payment request, an existing id, and a reason from the list', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    expect(errorOf(await refund(String(id)))).toEqual([400, 'INELIGIBLE_TRANSACTION_STATUS']);
    expect(errorOf(await refund('pr-unknown'))).toEqual([404, 'DATA_NOT_FOUND']);
    expect(errorOf(await refund(String(id), { reason: 'BORED' }))).toEqual([400, 'API_VALIDATION_ERROR']);
    expect(errorOf(await refund(String(id), { amount: 0.5 }))).toEqual([400, 'API_VALIDATION_ERROR']);
    expect(errorOf(await merchant.xendit('POST', '/refunds', '{'))).toEqual([400, 'INVALID_JSON_FORMAT']);
    expect((await merchant.xendit('GET', '/refunds/rfd-unknown')).status).toBe(404);
  });

  it('of a late payment is possible although the payment request stays EXPIRED', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    merchant.simulator.controls.expire('REF-1');
    merchant.simulator.controls.pay('REF-1');
    expect((await refund(String(id))).status).toBe(200);
  });

  it.each(['dana', 'ShopeePay', 'OVO', 'gopay', 'Permata', 'Jenius', 'SMBC', 'BSI'])(
    'is possible for a payment from %s',
    async (issuer) => {
      expect((await refund(await paid({ issuer }))).status).toBe(200);
    },
  );

  it.each(['bca', 'linkaja', 'touchngo'])('is not supported for a payment from %s', async (issuer) => {
    expect(errorOf(await refund(await paid({ issuer })))).toEqual([403, 'REFUND_NOT_SUPPORTED']);
  });

  it('for CIMB must be whole, and is possible after a day', async () => {
    const id = await paid({ issuer: 'CIMB' });
    expect(errorOf(await refund(id))).toEqual([403, 'REFUND_NOT_SUPPORTED']);
    merchant.simulator.clock.advance(dayMs);
    expect(errorOf(await refund(id, { amount: 1 }))).toEqual([403, 'PARTIAL_REFUND_NOT_SUPPORTED']);
    expect((await refund(id)).status).toBe(200);
  });

  it('is possible for 7 days in parts, or for 30 days as a whole when the switch says so', async () => {
    const id = await paid();
    merchant.simulator.clock.advance(8 * dayMs);
    expect(errorOf(await refund(id, { amount: 1 }))).toEqual([400, 'INELIGIBLE_TRANSACTION_STATUS']);
    merchant.simulator.controls.setSwitches({ xendit_refund_window: '30_days_full_only' });
    expect(errorOf(await refund(id, { amount: 1 }))).toEqual([403, 'PARTIAL_REFUND_NOT_SUPPORTED']);
    expect((await refund(id)).status).toBe(200);
  });

  it.each([
    [10_300, 400, 'MAXIMUM_REFUND_AMOUNT_REACHED'],
    [10_301, 400, 'PARTIAL_REFUND_NOT_SUPPORTED'],
    [10_303, 400, 'REFUND_NOT_SUPPORTED'],
    [10_304, 400, 'REFUND_IN_PROGRESS'],
    [10_305, 403, 'INELIGIBLE_TRANSACTION'],
  ])('of %i is refused with %i %s when magic amounts are on', async (amount, status, code) => {
    merchant.simulator.controls.setSwitches({ xendit_magic_amounts: true });
    expect(errorOf(await refund(await paid(), { amount }))).toEqual([status, code]);
  });

  it.each([
    [20_300, 'INELIGIBLE_TRANSACTION'],
    [20_301, 'INSUFFICIENT_BALANCE'],
  ])('of %i is accepted and fails by webhook when magic amounts are on', async (amount, code) => {
    merchant.simulator.controls.setSwitches({ xendit_magic_amounts: true });
    expect((await refund(await paid(), { amount })).body.status).toBe('PENDING');
    merchant.simulator.clock.advance(refundDurationMs);
    expect((await merchant.inbox.first(about('refund.failed'))).body.data).toMatchObject({ failure_code: code });
  });

  it('wraps its webhook twice when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ xendit_double_nested_refunds: true });
    await refund(await paid());
    merchant.simulator.clock.advance(refundDurationMs);
    expect((await merchant.inbox.first(about('refund.succeeded'))).body.data).toMatchObject({ data: { status: 'SUCCEEDED' } });
  });
});
