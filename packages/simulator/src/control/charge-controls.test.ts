import { about, type HttpResult, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant();
});
afterEach(async () => {
  await merchant.control('POST', '/reset');
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

const charges = async (query = ''): Promise<Json[]> => (await merchant.control('GET', `/charges${query}`)).body.charges as Json[];

describe('POST /control/charges/{reference}/pay', () => {
  it('pays from the given app the given amount, and delivers the webhook as often as requested', async () => {
    await merchant.charge('ORD-1', 25_000);
    const { status, body } = await merchant.control('POST', '/charges/ORD-1/pay', {
      issuer: 'ovo',
      amount: 30_000,
      deliveries: 3,
      delay_ms: 0,
    });
    expect([status, body.status, body.paid_amount, body.issuer]).toEqual([200, 'paid', 30_000, 'ovo']);
    expect(await merchant.inbox.deliveries(3, about('settlement'))).toHaveLength(3);
  });

  it('pays the amount of the charge from dana by default', async () => {
    await merchant.charge('ORD-1', 25_000);
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).body).toMatchObject({ paid_amount: 25_000, issuer: 'dana' });
  });

  it('pays at once, although the webhook is sent later', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/charges/ORD-1/pay', { delay_ms: 100 });
    const answer = await merchant.midtrans('GET', '/v2/ORD-1/status');
    expect(answer.body.transaction_status).toBe('settlement');
    expect(merchant.inbox.received.filter(about('settlement'))).toEqual([]);
    await merchant.inbox.first(about('settlement'));
  });

  it('gives each copy of a Xendit webhook its own id', async () => {
    await merchant.request('REF-1');
    await merchant.control('POST', '/charges/REF-1/pay', { deliveries: 2 });
    const webhooks = await merchant.inbox.deliveries(2, about('payment.capture'));
    expect(new Set(webhooks.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('finds a charge by reference at either provider, or by the provider’s own id', async () => {
    await merchant.request('REF-1');
    const { transaction_id: id } = await merchant.charge('ORD-1');
    expect((await merchant.control('POST', '/charges/REF-1/pay')).body.provider).toBe('xendit');
    expect((await merchant.control('POST', `/charges/${String(id)}/pay`)).body.provider).toBe('midtrans');
  });

  it('answers 409 for a paid charge, 404 for an unknown one, and 400 for an invalid body', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/charges/ORD-1/pay');
    expect(await problemOf(merchant.control('POST', '/charges/ORD-1/pay'))).toEqual([409, 'already_paid']);
    expect(await problemOf(merchant.control('POST', '/charges/unknown/pay'))).toEqual([404, 'charge_not_found']);
    for (const invalid of [{ amount: 0 }, { amount: 1.5 }, { deliveries: 0 }, { delay: 1 }, '{"amount":']) {
      expect(await problemOf(merchant.control('POST', '/charges/ORD-1/pay', invalid))).toEqual([400, 'not_understood']);
    }
  });
});

describe('POST /control/charges/{reference}/expire and /fail', () => {
  it('close a pending charge, and no other', async () => {
    await merchant.charge('ORD-1');
    await merchant.request('REF-1');
    expect((await merchant.control('POST', '/charges/ORD-1/expire')).body.status).toBe('expired');
    expect((await merchant.control('POST', '/charges/REF-1/fail')).body.status).toBe('failed');
    expect(await problemOf(merchant.control('POST', '/charges/ORD-1/fail'))).toEqual([409, 'not_pending']);
    expect(await problemOf(merchant.control('POST', '/charges/REF-1/expire'))).toEqual([409, 'not_pending']);
    expect(await problemOf(merchant.control('POST', '/charges/unknown/expire'))).toEqual([404, 'charge_not_found']);
  });
});

describe('GET /control/charges', () => {
  it('lists the charges of the providers with state, money, refunds and every call', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/charges/ORD-1/pay');
    await merchant.midtrans('GET', '/v2/ORD-1/status');
    await merchant.midtrans('POST', '/v2/ORD-1/refund', { refund_key: 'RF-1', amount: 50_000 });
    const { body } = await merchant.control('GET', '/charges?reference=ORD-1');
    expect(Object.keys(body)).toEqual(['charges']);
    expect(body.charges).toEqual([
      expect.objectContaining({
        provider: 'midtrans',
        reference: 'ORD-1',
        status: 'partially_refunded',
        amount: 150_000,
        paid_amount: 150_000,
        paid_at: expect.stringMatching(/Z$/),
        refunds: [
          expect.objectContaining({ reference: 'RF-1', amount: 50_000, status: 'pending', created_at: expect.stringMatching(/Z$/) }),
        ],
        calls: [
          expect.objectContaining({ operation: 'create', outcome: '201', http_status: 200, fault: null, at: expect.stringMatching(/Z$/) }),
          expect.objectContaining({ operation: 'status', outcome: '200' }),
          expect.objectContaining({ operation: 'refund', outcome: '200' }),
        ],
        account: 'default',
        qr_string: expect.stringMatching(/^000201/),
        states: [
          expect.objectContaining({ lifecycle: 'pending' }),
          expect.objectContaining({ lifecycle: 'paid' }),
          expect.objectContaining({ lifecycle: 'paid', refunds: 1 }),
        ],
        webhooks: expect.arrayContaining([expect.objectContaining({ event: 'settlement', fate: 'sent' })]),
      }),
    ]);
  });

  it('lists the newest first, and filters by status, reference and number', async () => {
    for (const orderId of ['A', 'B', 'C']) await merchant.charge(orderId);
    await merchant.control('POST', '/charges/B/pay');
    expect((await charges()).map(({ reference }) => reference)).toEqual(['C', 'B', 'A']);
    expect((await charges('?status=paid')).map(({ reference }) => reference)).toEqual(['B']);
    expect((await charges('?status=pending&limit=1')).map(({ reference }) => reference)).toEqual(['C']);
    expect(await charges('?reference=unknown')).toEqual([]);
    expect((await merchant.control('GET', '/charges?status=open')).status).toBe(400);
  });

  it('answers complete JSON for a long list', async () => {
    const many = Array.from({ length: 450 }, (_, index) => `ORD-${index}`);
    await Promise.all(many.map((orderId) => merchant.charge(orderId)));
    expect(new Set((await charges()).map(({ reference }) => reference))).toEqual(new Set(many));
  });

  it('counts a refund as the provider does: at Midtrans when it is approved, at Xendit when it succeeded', async () => {
    await merchant.charge('ORD-1');
    const { payment_request_id: id } = await merchant.request('REF-1');
    await merchant.control('POST', '/charges/ORD-1/pay');
    await merchant.control('POST', '/charges/REF-1/pay');
    await merchant.midtrans('POST', '/v2/ORD-1/refund');
    await merchant.xendit('POST', '/refunds', { payment_request_id: id, reason: 'OTHERS' });
    expect((await charges()).map(({ status }) => status)).toEqual(['paid', 'refunded']);
    await merchant.control('POST', '/clock', { advance_ms: 10_000 });
    expect((await charges()).map(({ status }) => status)).toEqual(['refunded', 'refunded']);
  });
});

describe('POST /control/charges/{reference}/refund', () => {
  it('refunds as a merchant at the dashboard does: without a name of the merchant, or under another, with the webhooks of any refund', async () => {
    await merchant.charge('ORD-1', 25_000);
    await merchant.request('REF-1');
    for (const reference of ['ORD-1', 'REF-1']) await merchant.control('POST', `/charges/${reference}/pay`);
    await merchant.control('POST', '/charges/ORD-1/refund', { amount: 10_000 });
    await merchant.control('POST', '/charges/REF-1/refund', { reference: 'RF-2026-000045' });
    await merchant.control('POST', '/clock', { advance_ms: 10_000 });
    const [ofMidtrans, ofXendit] = await Promise.all([
      merchant.inbox.first(about('partial_refund')),
      merchant.inbox.first(about('refund.succeeded')),
    ]);
    expect(ofMidtrans.body.refunds).toMatchObject([{ refund_amount: '10000.00' }]);
    expect((ofMidtrans.body.refunds as Json[])[0]).not.toHaveProperty('refund_key');
    expect(ofXendit.body.data).toMatchObject({ reference_id: 'RF-2026-000045', status: 'SUCCEEDED' });
    expect(await problemOf(merchant.control('POST', '/charges/ORD-1/refund', { amount: 15_001 }))).toEqual([409, 'too_much']);
  });
});

describe('POST /control/charges/{reference}/reverse', () => {
  it('takes a settlement of Midtrans back: it becomes deny, and a webhook says so', async () => {
    await merchant.charge('ORD-1', 25_000);
    expect(await problemOf(merchant.control('POST', '/charges/ORD-1/reverse'))).toEqual([409, 'not_paid']);
    await merchant.control('POST', '/charges/ORD-1/pay');
    expect((await merchant.control('POST', '/charges/ORD-1/reverse')).body.status).toBe('failed');
    await merchant.inbox.first(about('deny'));
  });
});

describe('GET /control/charges/{reference}/qr.png', () => {
  it('answers a picture, and 409 for a charge without a QR', async () => {
    await merchant.charge('ORD-1');
    const { status, headers } = await merchant.control('GET', '/charges/ORD-1/qr.png');
    expect([status, headers['content-type']]).toEqual([200, 'image/png']);
    await merchant.control('POST', '/midtrans/faults', { operation: 'create', fault: 'rejected' });
    await merchant.charge('ORD-2');
    expect((await merchant.control('GET', '/charges/ORD-2/qr.png')).status).toBe(409);
  });
});

const problemOf = async (answer: Promise<HttpResult>): Promise<unknown[]> => {
  const { status, body } = await answer;
  return [status, body.error];
};
