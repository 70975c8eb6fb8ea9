import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';
import { chargeBody, type HttpResult, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

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
  it('is answered with code 201 on HTTP 200, an amount with two decimals, Western Indonesian times and a QR', async () => {
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

  it('links to a picture that needs no key and can be scanned', async () => {
    const { qr_string: text, actions } = await merchant.charge('ORD-1');
    const [plain, framed] = actions as { name: string; url: string }[];
    expect([plain?.name, framed?.name]).toEqual(['generate-qr-code', 'generate-qr-code-v2']);
    const response = await fetch(plain?.url ?? '');
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(decodeQR(PNG.sync.read(Buffer.from(await response.arrayBuffer())))).toBe(text);
    expect(await codeOf(merchant.midtrans('GET', '/v2/qris/unknown/qr-code'))).toBe('404');
  });

  it('expires after 15 minutes, or as custom_expiry says, counted from its order_time', async () => {
    const lifetimeOf = (body: Json) => (time(body.expiry_time) - time(body.transaction_time)) / 60_000;
    const time = (text: unknown) => Date.parse(String(text));
    expect(lifetimeOf(await merchant.charge('ORD-1'))).toBe(15);
    expect(lifetimeOf(await merchant.charge('ORD-2', 1, { custom_expiry: { expiry_duration: 2, unit: 'hour' } }))).toBe(120);
    expect(lifetimeOf(await merchant.charge('ORD-3', 1, { custom_expiry: { expiry_duration: '30' } }))).toBe(30);
    const fiveMinutesAgo = new Date(Date.now() + 7 * 3_600_000 - 300_000).toISOString().slice(0, 19).replace('T', ' ');
    const ordered = { order_time: `${fiveMinutesAgo} +0700`, expiry_duration: 20, unit: 'minute' };
    expect(lifetimeOf(await merchant.charge('ORD-4', 1, { custom_expiry: ordered }))).toBeCloseTo(15, 0);
  });

  it.each([
    ['a fraction of a rupiah', { transaction_details: { order_id: 'A', gross_amount: 10_000.5 } }, 'gross_amount'],
    ['an amount of zero', { transaction_details: { order_id: 'A', gross_amount: 0 } }, 'greater than or equal to 0.01'],
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
    ['an expiry in the past', { custom_expiry: { order_time: '2020-03-02 10:00:00 +0700', expiry_duration: 15 } }, 'past'],
    ['items whose sum differs from the amount', { item_details: [{ name: 'Kopi', price: 149_999, quantity: 1 }] }, 'not equal to the sum'],
    ['an item of 51 characters', { item_details: [{ name: 'K'.repeat(51), price: 150_000, quantity: 1 }] }, 'Name too long'],
    ['an item without a name', { item_details: [{ price: 150_000, quantity: 1 }] }, 'Name is required'],
    ['a price with decimals', { item_details: [{ name: 'Kopi', price: 75_000.5, quantity: 2 }] }, 'price'],
    ['a quantity of zero', { item_details: [{ name: 'Kopi', price: 150_000, quantity: 0 }] }, 'quantity'],
    ['a name of 256 characters', { customer_details: { first_name: 'S'.repeat(256) } }, 'first_name too long'],
  ])('is refused with 400 and a reason for %s', async (_, invalid, reason) => {
    const { status: http, body } = await merchant.midtrans('POST', '/v2/charge', { ...chargeBody('A', 150_000), ...invalid });
    expect([http, body.status_code]).toEqual([200, '400']);
    expect((body.validation_messages as string[]).join()).toContain(reason);
    expect(merchant.simulator.book.size).toBe(0);
  });

  it('accepts items whose sum is the amount, also with a discount', async () => {
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

  it('is refused with 406 while its order id is pending or paid, and may be created again after cancel or expire', async () => {
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
