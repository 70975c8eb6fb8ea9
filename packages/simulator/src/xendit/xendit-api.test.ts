import { basic, type HttpResult, type Json, type Merchant, openMerchant, requestBody } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
});
afterAll(() => merchant.stop());

const paths = '/v3/payment_requests';
const get = (id: unknown): Promise<HttpResult> => merchant.xendit('GET', `${paths}/${String(id)}`);
const create = (more: Json): Promise<HttpResult> => merchant.xendit('POST', paths, { ...requestBody('REF-1', 150_000), ...more });
const errorOf = (answer: HttpResult): unknown[] => [answer.status, answer.body.error_code];

describe('a payment request at Xendit', () => {
  it('is answered with 201 and a QR among its actions', async () => {
    const more = { description: 'Order 1', metadata: { attempt: 'x1' }, items: [{ name: 'Kopi', net_unit_amount: 1, quantity: 1 }] };
    const { status, body, headers } = await create(more);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      business_id: '5f27a14a9bf05c73dd040bc8',
      reference_id: 'REF-1',
      payment_request_id: expect.stringMatching(/^pr-.{36}$/),
      type: 'PAY',
      country: 'ID',
      currency: 'IDR',
      request_amount: 150_000,
      capture_method: 'AUTOMATIC',
      channel_code: 'QRIS',
      channel_properties: {},
      actions: [{ type: 'PRESENT_TO_CUSTOMER', descriptor: 'QR_STRING', value: expect.stringContaining('5406150000') }],
      status: 'REQUIRES_ACTION',
      created: expect.stringMatching(/^\d{4}-.*Z$/),
      ...more,
    });
    expect(headers['request-id']).toEqual(expect.any(String));
  });

  it('may have the same reference as another one', async () => {
    const [first, second] = [await merchant.request('REF-1'), await merchant.request('REF-1')];
    expect(second.payment_request_id).not.toBe(first.payment_request_id);
    expect((await get(first.payment_request_id)).body.status).toBe('REQUIRES_ACTION');
  });

  it('can be read with its QR while it is pending, and without it afterwards', async () => {
    const made = await merchant.request('REF-1');
    expect((await get(made.payment_request_id)).body).toEqual(made);
    merchant.simulator.controls.pay('REF-1');
    const { body } = await get(made.payment_request_id);
    expect(body).toMatchObject({ status: 'SUCCEEDED', latest_payment_id: expect.stringMatching(/^py-.{36}$/) });
    expect(body).not.toHaveProperty('actions');
  });

  it.each([
    ['no amount', { request_amount: undefined }, 'API_VALIDATION_ERROR'],
    ['an amount in quotes', { request_amount: '150000' }, 'API_VALIDATION_ERROR'],
    ['half a rupiah', { request_amount: 0.5 }, 'INVALID_VALUE_ERROR'],
    ['an amount of zero', { request_amount: 0 }, 'INVALID_VALUE_ERROR'],
    ['more than ten million', { request_amount: 10_000_001 }, 'INVALID_VALUE_ERROR'],
    ['no reference', { reference_id: undefined }, 'API_VALIDATION_ERROR'],
    ['a reference of 256 characters', { reference_id: 'R'.repeat(256) }, 'API_VALIDATION_ERROR'],
    ['another currency', { currency: 'USD' }, 'API_VALIDATION_ERROR'],
    ['another channel', { channel_code: 'DANA' }, 'API_VALIDATION_ERROR'],
    ['a static QR', { type: 'REUSABLE_PAYMENT_CODE' }, 'API_VALIDATION_ERROR'],
    ['a description of 1001 characters', { description: 'D'.repeat(1_001) }, 'API_VALIDATION_ERROR'],
    ['51 keys of metadata', { metadata: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, '1'])) }, 'API_VALIDATION_ERROR'],
    ['a metadata key of 41 characters', { metadata: { ['k'.repeat(41)]: '1' } }, 'API_VALIDATION_ERROR'],
    ['a metadata value of 501 characters', { metadata: { k: 'v'.repeat(501) } }, 'API_VALIDATION_ERROR'],
  ])('is refused with 400 for %s', async (_, invalid, code) => {
    expect(errorOf(await create(invalid))).toEqual([400, code]);
    expect(merchant.simulator.book.size).toBe(0);
  });

  it('is refused with 400 for malformed JSON, and 413 for a body above 1 MiB', async () => {
    expect(errorOf(await merchant.xendit('POST', paths, '{"type":'))).toEqual([400, 'INVALID_JSON_FORMAT']);
    expect((await merchant.xendit('POST', paths, 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });
});

describe('a call to Xendit', () => {
  it('needs the key: a wrong one gets 401 INVALID_API_KEY', async () => {
    expect(errorOf(await merchant.xendit('GET', `${paths}/pr-1`, undefined, { authorization: basic('wrong') }))).toEqual([
      401,
      'INVALID_API_KEY',
    ]);
  });

  it('needs the api-version on every v3 path', async () => {
    for (const version of ['2022-07-31', '']) {
      const answer = await merchant.xendit('POST', paths, requestBody('REF-1', 1), { 'api-version': version });
      expect(errorOf(answer)).toEqual([400, 'API_VALIDATION_ERROR']);
    }
    expect((await merchant.xendit('GET', '/transactions?reference_id=R', undefined, { 'api-version': '' })).status).toBe(200);
  });

  it('reaches the payment requests of its own account only', async () => {
    const made = await merchant.request('REF-1');
    merchant.simulator.fakes.xendit.putAccount('outlet-2', { secret_key: 'xnd_development_OUTLET2', callback_token: 'token-2' });
    const other = { authorization: basic('xnd_development_OUTLET2') };
    const answer = await merchant.xendit('GET', `${paths}/${String(made.payment_request_id)}`, undefined, other);
    expect(errorOf(answer)).toEqual([404, 'DATA_NOT_FOUND']);
  });

  it('may act for a sub-account, which the call log records', async () => {
    const { body } = await merchant.xendit('POST', paths, requestBody('REF-1', 1), { 'for-user-id': 'sub-7' });
    expect(body.business_id).toBe('sub-7');
    expect(merchant.simulator.callLog.list({ reference: 'REF-1' })).toEqual([expect.objectContaining({ for_user_id: 'sub-7' })]);
  });

  it('is counted in rate limit headers, and refused with 429 above the limit, when the switch sets one', async () => {
    merchant.simulator.controls.setSwitches({ xendit_requests_per_minute: 2 });
    const answers = [await create({}), await create({}), await create({})];
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 429]);
    expect(answers[0]?.headers).toMatchObject({ 'rate-limit-limit': '2', 'rate-limit-remaining': '1' });
    expect(answers[2]?.body.error_code).toBe('RATE_LIMIT_EXCEEDED');
    const reset = Number(answers[2]?.headers['rate-limit-reset']);
    expect(reset).toBeGreaterThan(0);
    expect(reset).toBeLessThanOrEqual(60);
    expect((await get('pr-1')).status).toBe(404); // another endpoint has a count of its own
    merchant.simulator.clock.advance(60_000);
    expect((await create({})).status).toBe(201);
  });

  it('to create is refused with 400 above the limit when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ xendit_requests_per_minute: 1, xendit_throttle_answer: 'http_400' });
    await create({});
    expect(errorOf(await create({}))).toEqual([400, 'PAYMENT_REQUEST_RATE_LIMITED']);
  });

  it('gets 404 for an unknown path, 405 for the wrong method', async () => {
    expect((await merchant.xendit('GET', '/v3/nothing')).status).toBe(404);
    expect((await merchant.xendit('PUT', paths, {})).status).toBe(405);
  });
});

describe('a cancel', () => {
  it('answers CANCELED, with one L', async () => {
    const made = await merchant.request('REF-1');
    const { status, body } = await merchant.xendit('POST', `${paths}/${String(made.payment_request_id)}/cancel`);
    expect([status, body.status]).toEqual([200, 'CANCELED']);
  });

  it.each([
    ['paid', () => merchant.simulator.controls.pay('REF-1'), 400, 'INELIGIBLE_TRANSACTION_STATUS'],
    ['expired', () => merchant.simulator.controls.expire('REF-1'), 400, 'INACTIVE_PAYMENT_REQUEST'],
    ['failed', () => merchant.simulator.controls.fail('REF-1'), 400, 'INACTIVE_PAYMENT_REQUEST'],
  ])('is refused when the request is %s', async (_, act, status, code) => {
    const made = await merchant.request('REF-1');
    act();
    expect(errorOf(await merchant.xendit('POST', `${paths}/${String(made.payment_request_id)}/cancel`))).toEqual([status, code]);
  });

  it('is 404 for an unknown request', async () => {
    expect(errorOf(await merchant.xendit('POST', `${paths}/pr-unknown/cancel`))).toEqual([404, 'DATA_NOT_FOUND']);
  });
});

describe('a late payment', () => {
  it.each([
    ['EXPIRED', 'expired', async () => merchant.simulator.controls.expire('REF-1')],
    ['CANCELED', 'cancelled', async (id: unknown) => merchant.xendit('POST', `${paths}/${String(id)}/cancel`)],
  ])('leaves the payment request %s, and is shown in latest_payment_id', async (status, _, act) => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    await act(id);
    expect((await merchant.control('POST', '/charges/REF-1/pay')).body).toMatchObject({ status: 'paid', paid_amount: 150_000 });
    const { body } = await get(id);
    expect(body).toMatchObject({ status, latest_payment_id: expect.any(String) });
    const payment = await merchant.xendit('GET', `/v3/payments/${String(body.latest_payment_id)}`);
    expect(payment.body).toMatchObject({ status: 'SUCCEEDED', payment_request_id: id });
  });
});

describe('expiry', () => {
  it('happens after 48 hours', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    merchant.simulator.clock.advance(48 * 3_600_000 - 1_000);
    expect((await get(id)).body.status).toBe('REQUIRES_ACTION');
    merchant.simulator.clock.advance(2_000);
    expect((await get(id)).body.status).toBe('EXPIRED');
  });

  it('happens at expires_at, which is returned, only when the switch says so', async () => {
    const properties = { expires_at: new Date(Date.now() + 900_000).toISOString() };
    expect((await create({ channel_properties: properties })).body.channel_properties).toEqual({});
    merchant.simulator.controls.setSwitches({ xendit_honours_expires_at: true });
    const { body } = await create({ channel_properties: properties });
    expect(body.channel_properties).toEqual(properties);
    merchant.simulator.clock.advance(901_000);
    expect((await get(body.payment_request_id)).body.status).toBe('EXPIRED');
  });
});

describe('a payment', () => {
  it('shows the captured amount and the issuer', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1', 150_000, { metadata: { attempt: 'x1' } });
    merchant.simulator.controls.pay('REF-1', { issuer: 'gopay', amount: 160_000 });
    const paymentId = (await get(id)).body.latest_payment_id;
    expect((await merchant.xendit('GET', `/v3/payments/${String(paymentId)}`)).body).toMatchObject({
      payment_id: paymentId,
      payment_request_id: id,
      reference_id: 'REF-1',
      request_amount: 150_000,
      captures: [{ capture_id: expect.stringMatching(/^cptr-/), capture_amount: 160_000, capture_timestamp: expect.any(String) }],
      status: 'SUCCEEDED',
      payment_details: { issuer_name: 'GOPAY', receipt_id: expect.stringMatching(/^\d{12}$/), network: 'QRIS' },
      metadata: { attempt: 'x1' },
    });
    expect(errorOf(await merchant.xendit('GET', '/v3/payments/py-unknown'))).toEqual([404, 'DATA_NOT_FOUND']);
  });
});

describe('the list of transactions', () => {
  const list = async (query: string): Promise<Json[]> => (await merchant.xendit('GET', `/transactions?${query}`)).body.data as Json[];

  it('finds payments by reference, and never an unpaid payment request', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    expect(await list('reference_id=REF-1&types=PAYMENT&channel_categories=QR_CODE')).toEqual([]);
    merchant.simulator.controls.pay('REF-1');
    expect(await list('reference_id=REF-1&types=PAYMENT&channel_categories=QR_CODE')).toEqual([
      expect.objectContaining({
        type: 'PAYMENT',
        status: 'SUCCESS',
        channel_category: 'QR_CODE',
        reference_id: 'REF-1',
        amount: 150_000,
        net_amount: 148_950,
        product_id: expect.stringMatching(/^py-/),
        product_data: { capture_id: expect.stringMatching(/^cptr-/), payment_request_id: id },
      }),
    ]);
    expect(await list('reference_id=REF-1&types=REFUND')).toEqual([]);
    expect(await list('reference_id=REF-1&channel_categories=CARDS')).toEqual([]);
    expect(await list('reference_id=REF-2')).toEqual([]);
  });

  it('lists the payments of two payment requests with the same reference', async () => {
    await merchant.request('REF-1');
    await merchant.request('REF-1');
    await merchant.control('POST', '/charges/REF-1/pay');
    await merchant.control('POST', '/charges/REF-1/pay');
    expect((await merchant.control('POST', '/charges/REF-1/pay')).status).toBe(409);
    expect(await list('reference_id=REF-1')).toHaveLength(2);
    expect((await merchant.xendit('GET', '/transactions?reference_id=REF-1&limit=1')).body).toMatchObject({ has_more: true });
  });
});

describe('the simulation of a payment', () => {
  it('answers PENDING, and the payment request is paid', async () => {
    const { payment_request_id: id } = await merchant.request('REF-1');
    const { status, body } = await merchant.xendit('POST', `${paths}/${String(id)}/simulate`, { amount: 150_000 });
    expect([status, body.status]).toEqual([200, 'PENDING']);
    expect((await get(id)).body.status).toBe('SUCCEEDED');
    expect((await merchant.xendit('POST', `${paths}/${String(id)}/simulate`, { amount: 150_000 })).status).toBe(400);
  });
});

describe('a switch of Xendit', () => {
  it('replaces the QR by a text that is no QR', async () => {
    merchant.simulator.controls.setSwitches({ xendit_qr_text: 'some-random-qr-string' });
    expect((await merchant.request('REF-1')).actions).toEqual([expect.objectContaining({ value: 'some-random-qr-string' })]);
  });

  it('allows twenty million, or requires channel_properties', async () => {
    merchant.simulator.controls.setSwitches({ xendit_max_amount: 20_000_000, xendit_requires_channel_properties: true });
    expect((await create({ request_amount: 20_000_000 })).status).toBe(201);
    expect((await create({ channel_properties: undefined })).status).toBe(400);
  });

  it('enables the lookup by reference and the idempotency key, which are off by default', async () => {
    const lookUp = () => merchant.xendit('GET', `${paths}?reference_id=REF-1`);
    const twice = async () => [await post('key-1', 1), await post('key-1', 1)].map(({ body }) => body.payment_request_id);
    const post = (key: string, amount: number) => merchant.xendit('POST', paths, requestBody('REF-1', amount), { 'idempotency-key': key });
    expect(new Set(await twice()).size).toBe(2);
    expect((await lookUp()).status).toBe(404);
    merchant.simulator.controls.setSwitches({ xendit_lookup_by_reference: true, xendit_honours_idempotency_key: true });
    expect(new Set(await twice()).size).toBe(1);
    expect(errorOf(await post('key-1', 2))).toEqual([409, 'IDEMPOTENCY_ERROR']);
    expect((await lookUp()).body.data).toHaveLength(3);
  });

  it.each([
    [10_100, 403, 'CHANNEL_NOT_ACTIVATED'],
    [10_101, 503, 'CHANNEL_UNAVAILABLE'],
    [10_102, 500, 'SERVER_ERROR'],
  ])('for magic amounts answers %i with %i %s', async (amount, status, code) => {
    expect((await create({ request_amount: amount })).status).toBe(201);
    merchant.simulator.controls.setSwitches({ xendit_magic_amounts: true });
    expect(errorOf(await create({ request_amount: amount }))).toEqual([status, code]);
  });
});
