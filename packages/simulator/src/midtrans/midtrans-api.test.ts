import { basic, chargeBody, type HttpResult, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(() => {
  merchant.simulator.controls.reset();
});
afterAll(() => merchant.stop());

const wib = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;
const status = (id: unknown) => merchant.midtrans('GET', `/v2/${String(id)}/status`);
const codeOf = async (answer: Promise<HttpResult>): Promise<unknown> => (await answer).body.status_code;

describe('the key', () => {
  it('is the user name of basic authentication, and a wrong key gets HTTP 401 with JSON', async () => {
    for (const authorization of [basic('SB-Mid-server-WRONG'), 'Bearer x', '']) {
      const answer = await merchant.midtrans('POST', '/v2/charge', chargeBody('A', 1), { authorization });
      expect([answer.status, answer.body.status_code]).toEqual([401, '401']);
    }
    expect(merchant.simulator.book.size).toBe(0);
  });

  it('gives access to the charges of its own account only', async () => {
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
  ])('of a %s charge has the documented code and status, and no QR', async (_, act, code, transactionStatus) => {
    const made = await merchant.charge('ORD-1');
    await act();
    for (const id of ['ORD-1', made.transaction_id]) {
      const { status: http, body } = await status(id);
      expect(http).toBe(200);
      expect(body).toMatchObject({ status_code: code, transaction_status: transactionStatus, transaction_id: made.transaction_id });
      expect(body).not.toHaveProperty('qr_string');
      expect(body).not.toHaveProperty('actions');
    }
  });

  it('of a paid charge shows the issuer, the time, and whether the app belongs to the acquirer', async () => {
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

  it('shows the amount that was paid as gross amount', async () => {
    await merchant.charge('ORD-1', 10_000);
    merchant.simulator.controls.pay('ORD-1', { amount: 12_500 });
    expect((await status('ORD-1')).body.gross_amount).toBe('12500.00');
  });

  it("returns the merchant's own fields", async () => {
    const custom = { custom_field1: 'tenant-42', metadata: { gateway_attempt: 'm1' } };
    await merchant.charge('ORD-1', 1, custom);
    expect((await status('ORD-1')).body).toMatchObject(custom);
  });

  it('is 404 for an unknown id', async () => {
    const { status: http, body } = await status('ORD-unknown');
    expect([http, body.status_code, body.status_message]).toEqual([200, '404', "Transaction doesn't exist."]);
  });
});

describe('a cancel or an expire', () => {
  it('is answered with 200 or 407', async () => {
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

describe('a late payment', () => {
  it.each(['expire', 'cancel'])('settles the charge after %s', async (verb) => {
    await merchant.charge('ORD-1');
    await merchant.midtrans('POST', `/v2/ORD-1/${verb}`);
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).status).toBe(200);
    expect((await status('ORD-1')).body).toMatchObject({ status_code: '200', transaction_status: 'settlement' });
  });

  it('is not possible after cancel when the switch says that cancel stops a scan', async () => {
    merchant.simulator.controls.setSwitches({ cancel_stops_scan: true });
    await merchant.charge('ORD-1');
    await merchant.midtrans('POST', '/v2/ORD-1/cancel');
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).status).toBe(409);
  });
});

describe('expiry by the clock', () => {
  it('happens when custom_expiry is over, and not after a payment', async () => {
    await merchant.charge('ORD-1', 1, { custom_expiry: { expiry_duration: 1, unit: 'minute' } });
    await merchant.charge('ORD-2', 1, { custom_expiry: { expiry_duration: 1, unit: 'minute' } });
    merchant.simulator.controls.pay('ORD-2');
    merchant.simulator.clock.advance(59_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('pending');
    merchant.simulator.clock.advance(2_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('expire');
    expect((await status('ORD-2')).body.transaction_status).toBe('settlement');
  });

  it('is as late as the switch says', async () => {
    merchant.simulator.controls.setSwitches({ midtrans_expiry_lag_s: 90 });
    await merchant.charge('ORD-1');
    merchant.simulator.clock.advance(15 * 60_000 + 80_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('pending');
    merchant.simulator.clock.advance(11_000);
    expect((await status('ORD-1')).body.transaction_status).toBe('expire');
  });
});

describe('a call to Midtrans', () => {
  it('must accept JSON', async () => {
    expect(await codeOf(merchant.midtrans('POST', '/v2/charge', chargeBody('A', 1), { accept: 'text/html' }))).toBe('403');
  });

  it('must use an existing method and path', async () => {
    expect(await codeOf(merchant.midtrans('GET', '/v2/charge'))).toBe('405');
    expect(await codeOf(merchant.midtrans('POST', '/v2/nothing/here/at/all', {}))).toBe('404');
  });
});
