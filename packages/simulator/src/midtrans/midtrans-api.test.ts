import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';
import { basic, chargeBody, type HttpResult, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
});
afterAll(() => merchant.stop());

const wib = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const create = (orderId: string, amount: unknown = 150_000, more: Json = {}): Promise<HttpResult> =>
  merchant.midtrans('POST', '/v2/charge', {
    ...chargeBody(orderId, 0),
    transaction_details: { order_id: orderId, gross_amount: amount },
    ...more,
  });
const status = (id: unknown) => merchant.midtrans('GET', `/v2/${String(id)}/status`);
const codeOf = async (answer: Promise<HttpResult>): Promise<unknown> => (await answer).body.status_code;

describe('a charge at Midtrans', () => {
  it('is made with code 201 on HTTP 200, two-decimal amount, Western Indonesian times, and a QR', async () => {
    const { status: http, body } = await create('ORD-1');
    expect(http).toBe(200);
    expect(body).toMatchObject({
      status_code: '201',
      status_message: 'QRIS transaction is created',
      order_id: 'ORD-1',
      merchant_id: 'G000000001',
      gross_amount: '150000.00',
      currency: 'IDR',
      payment_type: 'qris',
      transaction_status: 'pending',
      fraud_status: 'accept',
      acquirer: 'gopay',
      qr_string: expect.stringContaining('5409150000.00'),
      transaction_time: expect.stringMatching(wib),
      expiry_time: expect.stringMatching(wib),
    });
    const age = Date.now() + 7 * 3_600_000 - Date.parse(`${String(body.transaction_time).replace(' ', 'T')}Z`);
    expect(Math.abs(age)).toBeLessThan(5_000);
  });

  it('carries links to a picture that needs no key and can be scanned', async () => {
    const { qr_string: text, actions } = await merchant.charge('ORD-1');
    const [plain, framed] = actions as { name: string; url: string }[];
    expect([plain?.name, framed?.name]).toEqual(['generate-qr-code', 'generate-qr-code-v2']);
    const response = await fetch(plain?.url ?? '');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(decodeQR(PNG.sync.read(Buffer.from(await response.arrayBuffer())))).toBe(text);
    expect(await codeOf(merchant.midtrans('GET', '/v2/qris/unknown/qr-code'))).toBe('404');
  });

  it('lives 15 minutes, or as long as custom_expiry says from its order_time', async () => {
    const lifeOf = (body: Json) => (time(body.expiry_time) - time(body.transaction_time)) / 60_000;
    const time = (text: unknown) => Date.parse(String(text));
    expect(lifeOf(await merchant.charge('ORD-1'))).toBe(15);
    expect(lifeOf(await merchant.charge('ORD-2', 1, { custom_expiry: { expiry_duration: 2, unit: 'hour' } }))).toBe(120);
    expect(lifeOf(await merchant.charge('ORD-3', 1, { custom_expiry: { expiry_duration: '30' } }))).toBe(30);
    const fiveMinutesAgo = new Date(Date.now() + 7 * 3_600_000 - 300_000).toISOString().slice(0, 19).replace('T', ' ');
    const ordered = { order_time: `${fiveMinutesAgo} +0700`, expiry_duration: 20, unit: 'minute' };
    expect(lifeOf(await merchant.charge('ORD-4', 1, { custom_expiry: ordered }))).toBeCloseTo(15, 0);
  });

  it.each([
    ['a fraction of a rupiah', { transaction_details: { order_id: 'A', gross_amount: 10_000.5 } }, 'gross_amount'],
    ['nothing to pay', { transaction_details: { order_id: 'A', gross_amount: 0 } }, 'greater than or equal to 0.01'],
    ['more than ten million', { transaction_details: { order_id: 'A', gross_amount: 10_000_001 } }, 'gross_amount'],
    ['an order id of 51 characters', { transaction_details: { order_id: 'A'.repeat(51), gross_amount: 1 } }, 'order_id too long'],
    ['an order id with a space', { transaction_details: { order_id: 'A B', gross_amount: 1 } }, 'order_id'],
    ['no order id', { transaction_details: { gross_amount: 1 } }, 'order_id is required'],
    ['no details', { transaction_details: undefined }, 'transaction_details'],
    ['another acquirer', { qris: { acquirer: 'shopee' } }, 'acquirer'],
    ['an expiry of ten seconds', { custom_expiry: { expiry_duration: 10, unit: 'second' } }, 'expiry_duration'],
    ['an expiry of eight days', { custom_expiry: { expiry_duration: 8, unit: 'day' } }, 'expiry_duration'],
    ['an expiry in weeks', { custom_expiry: { expiry_duration: 1, unit: 'week' } }, 'unit'],
    ['an order time without its zone', { custom_expiry: { order_time: '2026-03-02 10:00:00', expiry_duration: 15 } }, 'order_time'],
    ['an expiry that is past', { custom_expiry: { order_time: '2020-03-02 10:00:00 +0700', expiry_duration: 15 } }, 'past'],
    ['items that do not sum up', { item_details: [{ name: 'Kopi', price: 149_999, quantity: 1 }] }, 'not equal to the sum'],
    ['an item of 51 characters', { item_details: [{ name: 'K'.repeat(51), price: 150_000, quantity: 1 }] }, 'Name too long'],
    ['an item without a name', { item_details: [{ price: 150_000, quantity: 1 }] }, 'Name is required'],
    ['a price with decimals', { item_details: [{ name: 'Kopi', price: 75_000.5, quantity: 2 }] }, 'price'],
    ['a quantity of nothing', { item_details: [{ name: 'Kopi', price: 150_000, quantity: 0 }] }, 'quantity'],
    ['a name of 256 characters', { customer_details: { first_name: 'S'.repeat(256) } }, 'first_name too long'],
  ])('is refused with 400 and a reason for %s', async (_, wrong, reason) => {
    const { status: http, body } = await merchant.midtrans('POST', '/v2/charge', { ...chargeBody('A', 150_000), ...wrong });
    expect([http, body.status_code]).toEqual([200, '400']);
    expect((body.validation_messages as string[]).join()).toContain(reason);
    expect(merchant.simulator.book.size).toBe(0);
  });

  it('takes items that sum up, a discount among them', async () => {
    const items = [
      { id: 'SKU-1', name: 'Kopi susu 1L', price: 70_000, quantity: 2 },
      { id: 'FEE', name: 'Ongkos kirim', price: 15_000, quantity: 1 },
      { id: 'DISC', name: 'Diskon', price: -5_000, quantity: 1 },
    ];
    expect(await codeOf(create('ORD-1', 150_000, { item_details: items }))).toBe('201');
  });

  it('is refused with 402 for another payment type, 408 for a wrong data type, 413 for malformed JSON', async () => {
    expect(await codeOf(create('A', 1, { payment_type: 'gopay' }))).toBe('402');
    expect(await codeOf(create('A', '150000'))).toBe('408');
    expect(await codeOf(merchant.midtrans('POST', '/v2/charge', '{"payment_type":'))).toBe('413');
    expect(await codeOf(merchant.midtrans('POST', '/v2/charge', 'x'.repeat(1024 * 1024 + 1)))).toBe('413');
  });

  it('is refused with 406 while its order id is pending or paid, and may be made again after cancel or expire', async () => {
    await create('ORD-1');
    expect(await codeOf(create('ORD-1'))).toBe('406');
    await merchant.midtrans('POST', '/v2/ORD-1/cancel');
    const second = await merchant.charge('ORD-1');
    expect(second.status_code).toBe('201');
    await merchant.midtrans('POST', '/v2/ORD-1/expire');
    const third = await merchant.charge('ORD-1');
    expect(third.status_code).toBe('201');
    merchant.simulator.controls.pay('ORD-1');
    expect(await codeOf(create('ORD-1'))).toBe('406');
    expect((await status('ORD-1')).body.transaction_id).toBe(third.transaction_id);
    expect((await status(second.transaction_id)).body.transaction_status).toBe('expire');
  });
});

describe('the key', () => {
  it('is the user of basic authentication, and a wrong one gets HTTP 401 with JSON', async () => {
    for (const authorization of [basic('SB-Mid-server-WRONG'), 'Bearer x', '']) {
      const answer = await merchant.midtrans('POST', '/v2/charge', chargeBody('A', 1), { authorization });
      expect([answer.status, answer.body.status_code]).toEqual([401, '401']);
    }
    expect(merchant.simulator.book.size).toBe(0);
  });

  it('opens the charges of its own account only', async () => {
    merchant.simulator.fakes.midtrans.putAccount('outlet-2', { server_key: 'SB-Mid-server-OUTLET2' });
    await merchant.charge('ORD-1');
    const other = { authorization: basic('SB-Mid-server-OUTLET2') };
    expect(await codeOf(merchant.midtrans('GET', '/v2/ORD-1/status', undefined, other))).toBe('404');
    expect(await codeOf(merchant.midtrans('POST', '/v2/charge', chargeBody('ORD-1', 1), other))).toBe('201');
  });
});

describe('a status answer', () => {
  it.each([
    ['pending', () => {}, '201', 'pending'],
    ['paid', () => merchant.simulator.controls.pay('ORD-1'), '200', 'settlement'],
    ['expired', () => merchant.simulator.controls.expire('ORD-1'), '407', 'expire'],
    ['cancelled', () => merchant.midtrans('POST', '/v2/ORD-1/cancel'), '200', 'cancel'],
    ['denied', () => merchant.simulator.controls.fail('ORD-1'), '202', 'deny'],
  ])('of a %s charge has the documented code and word, and no QR', async (_, act, code, word) => {
    const made = await merchant.charge('ORD-1');
    await act();
    for (const id of ['ORD-1', made.transaction_id]) {
      const { status: http, body } = await status(id);
      expect(http).toBe(200);
      expect(body).toMatchObject({ status_code: code, transaction_status: word, transaction_id: made.transaction_id });
      expect(body).not.toHaveProperty('qr_string');
      expect(body).not.toHaveProperty('actions');
    }
  });

  it('of a paid charge tells who paid, when, and whether the app belongs to the acquirer', async () => {
    await merchant.charge('ORD-1');
    merchant.simulator.controls.pay('ORD-1', { issuer: 'dana' });
    expect((await status('ORD-1')).body).toMatchObject({
      settlement_time: expect.stringMatching(wib),
      issuer: 'dana',
      transaction_type: 'off-us',
      merchant_cross_reference_id: expect.any(String),
    });
    await merchant.charge('ORD-2', 1, { qris: { acquirer: 'airpay shopee' } });
    merchant.simulator.controls.pay('ORD-2', { issuer: 'ShopeePay' });
    const { body } = await status('ORD-2');
    expect(body).toMatchObject({
      transaction_type: 'on-us',
      shopeepay_reference_number: expect.any(String),
      reference_id: expect.any(String),
    });
    expect(body).not.toHaveProperty('merchant_cross_reference_id');
  });

  it('shows as gross amount what was paid', async () => {
    await merchant.charge('ORD-1', 10_000);
    merchant.simulator.controls.pay('ORD-1', { amount: 12_500 });
    expect((await status('ORD-1')).body.gross_amount).toBe('12500.00');
  });

  it("repeats the merchant's own fields", async () => {
    const custom = { custom_field1: 'tenant-42', metadata: { gateway_attempt: 'm1' } };
    await merchant.charge('ORD-1', 1, custom);
    expect((await status('ORD-1')).body).toMatchObject(custom);
  });

  it('is 404 for an unknown id', async () => {
    const { status: http, body } = await status('ORD-unknown');
    expect([http, body.status_code, body.status_message]).toEqual([200, '404', "Transaction doesn't exist."]);
  });
});

describe('taking a charge down', () => {
  it('answers 200 for cancel and 407 for expire', async () => {
    await merchant.charge('ORD-1');
    await merchant.charge('ORD-2');
    expect((await merchant.midtrans('POST', '/v2/ORD-1/cancel')).body).toMatchObject({
      status_code: '200',
      status_message: 'Success, transaction is canceled',
      transaction_status: 'cancel',
    });
    expect((await merchant.midtrans('POST', '/v2/ORD-2/expire')).body).toMatchObject({ status_code: '407', transaction_status: 'expire' });
  });

  it('is refused with 412 when it is not pending, and 404 when it is unknown', async () => {
    await merchant.charge('ORD-1');
    merchant.simulator.controls.pay('ORD-1');
    for (const verb of ['cancel', 'expire']) {
      expect(await codeOf(merchant.midtrans('POST', `/v2/ORD-1/${verb}`))).toBe('412');
      expect(await codeOf(merchant.midtrans('POST', `/v2/ORD-unknown/${verb}`))).toBe('404');
    }
    expect((await status('ORD-1')).body.transaction_status).toBe('settlement');
  });
});

describe('a payment that comes late', () => {
  it.each(['expire', 'cancel'])('settles the charge after %s', async (verb) => {
    await merchant.charge('ORD-1');
    await merchant.midtrans('POST', `/v2/ORD-1/${verb}`);
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).status).toBe(200);
    expect((await status('ORD-1')).body).toMatchObject({ status_code: '200', transaction_status: 'settlement' });
  });

  it('does not come after cancel when the switch says that cancel stops a scan', async () => {
    merchant.simulator.controls.setSwitches({ cancel_stops_scan: true });
    await merchant.charge('ORD-1');
    await merchant.midtrans('POST', '/v2/ORD-1/cancel');
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).status).toBe(409);
  });
});

describe('expiry by the clock', () => {
  it('comes when custom_expiry is over, and not after a payment', async () => {
    await merchant.charge('ORD-1', 1, { custom_expiry: { expiry_duration: 1, unit: 'minute' } });
    await merchant.charge('ORD-2', 1, { custom_expiry: { expiry_duration: 1, unit: 'minute' } });
    merchant.simulator.controls.pay('ORD-2');
    merchant.simulator.clock.advance(59_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('pending');
    merchant.simulator.clock.advance(2_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('expire');
    expect((await status('ORD-2')).body.transaction_status).toBe('settlement');
  });

  it('lags as the switch says', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_expiry_lag_s: 90 });
    await merchant.charge('ORD-1');
    merchant.simulator.clock.advance(15 * 60_000 + 80_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('pending');
    merchant.simulator.clock.advance(11_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('expire');
  });
});

describe('what Midtrans leaves open', () => {
  it('answers with the body code as HTTP status when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_http_status: 'copies_body' });
    expect((await create('ORD-1')).status).toBe(201);
    expect((await create('ORD-1')).status).toBe(406);
    expect((await status('ORD-unknown')).status).toBe(404);
    expect((await merchant.midtrans('POST', '/v2/ORD-1/expire')).status).toBe(407);
    expect((await merchant.midtrans('POST', '/v2/ORD-1/cancel')).status).toBe(412);
    expect((await create('A', 0.5)).status).toBe(400);
  });

  it('omits expiry_time, qr_string and the second picture when the switches say so', async () => {
    merchant.simulator.controls.setSwitches({
      midtrans_omit_expiry_time: true,
      midtrans_omit_qr_string: true,
      midtrans_omit_qr_code_v2: true,
    });
    const body = await merchant.charge('ORD-1');
    expect(body).not.toHaveProperty('expiry_time');
    expect(body).not.toHaveProperty('qr_string');
    expect(body.actions).toHaveLength(1);
  });

  it('calls a pending charge PENDING with code 200 when the switch says so', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_status_of_pending: '200_upper_case' });
    await merchant.charge('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({ status_code: '200', transaction_status: 'PENDING' });
  });

  it('puts a fee on top for the payer when the switch says so, and keeps the original amount in the metadata', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_fee_imposition: true });
    await merchant.charge('ORD-1', 10_000, { metadata: { attempt: 'm1' } });
    merchant.simulator.controls.pay('ORD-1');
    expect((await status('ORD-1')).body).toMatchObject({
      gross_amount: '10071.00',
      metadata: { attempt: 'm1', extra_info: { gross_amount_info: { original_amount: '10000' } } },
    });
  });

  it('throttles polls and charges with HTTP 429 when the switches give figures', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_status_poll_gap_s: 10, midtrans_charges_per_minute: 1 });
    await merchant.charge('ORD-1');
    expect((await create('ORD-2')).status).toBe(429);
    expect((await status('ORD-1')).status).toBe(200);
    expect((await status('ORD-1')).status).toBe(429);
    merchant.simulator.clock.advance(61_000);
    expect((await status('ORD-1')).status).toBe(200);
    expect((await create('ORD-2')).status).toBe(200);
  });
});

describe('the way Midtrans is called', () => {
  it('must accept JSON', async () => {
    expect(await codeOf(merchant.midtrans('POST', '/v2/charge', chargeBody('A', 1), { accept: 'text/html' }))).toBe('403');
  });

  it('must use the right method and path', async () => {
    expect(await codeOf(merchant.midtrans('GET', '/v2/charge'))).toBe('405');
    expect(await codeOf(merchant.midtrans('POST', '/v2/nothing/here/at/all', {}))).toBe('404');
  });
});
