import { Agent, get as httpGet } from 'node:http';
import { about, call, chargeBody, type HttpResult, type Json, type Merchant, openMerchant } from '../../test/merchant.ts';

let merchant: Merchant;
beforeAll(async () => {
  merchant = await openMerchant({ switches: { xendit_qr_text: 'some-random-qr-string' } });
});
afterEach(async () => {
  await merchant.control('POST', '/reset');
  merchant.inbox.received.length = 0;
});
afterAll(() => merchant.stop());

const charges = async (query = ''): Promise<Json[]> => (await merchant.control('GET', `/charges${query}`)).body.charges as Json[];

describe('POST /control/charges/{reference}/pay', () => {
  it('pays by an app, an amount and a number of deliveries of one’s choice', async () => {
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

  it('pays what the QR says from dana when it is told nothing', async () => {
    await merchant.charge('ORD-1', 25_000);
    expect((await merchant.control('POST', '/charges/ORD-1/pay')).body).toMatchObject({ paid_amount: 25_000, issuer: 'dana' });
  });

  it('pays at once, though the webhook leaves later', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/charges/ORD-1/pay', { delay_ms: 100 });
    const answer = await merchant.midtrans('GET', '/v2/ORD-1/status');
    expect(answer.body.transaction_status).toBe('settlement');
    expect(merchant.inbox.received.filter(about('settlement'))).toEqual([]);
    await merchant.inbox.first(about('settlement'));
  });

  it('gives each copy of a Xendit webhook an id of its own', async () => {
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

  it('is 409 for a charge that is paid, 404 for an unknown one, 400 for what it does not understand', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/charges/ORD-1/pay');
    expect(await problemOf(merchant.control('POST', '/charges/ORD-1/pay'))).toEqual([409, 'already_paid']);
    expect(await problemOf(merchant.control('POST', '/charges/unknown/pay'))).toEqual([404, 'charge_not_found']);
    for (const wrong of [{ amount: 0 }, { amount: 1.5 }, { deliveries: 0 }, { delay: 1 }, '{"amount":']) {
      expect(await problemOf(merchant.control('POST', '/charges/ORD-1/pay', wrong))).toEqual([400, 'not_understood']);
    }
  });
});

describe('POST /control/charges/{reference}/expire and /fail', () => {
  it('let a pending charge lapse or fail, and no other', async () => {
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
  it('is the provider’s own book: state, money, refunds and every call, with times', async () => {
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

  it('is newest first, by status, and as short as one likes', async () => {
    for (const orderId of ['A', 'B', 'C']) await merchant.charge(orderId);
    await merchant.control('POST', '/charges/B/pay');
    expect((await charges()).map(({ reference }) => reference)).toEqual(['C', 'B', 'A']);
    expect((await charges('?status=paid')).map(({ reference }) => reference)).toEqual(['B']);
    expect((await charges('?status=pending&limit=1')).map(({ reference }) => reference)).toEqual(['C']);
    expect(await charges('?reference=unknown')).toEqual([]);
    expect((await merchant.control('GET', '/charges?status=open')).status).toBe(400);
  });

  it('is whole JSON also when it is long', async () => {
    const many = Array.from({ length: 450 }, (_, index) => `ORD-${index}`);
    await Promise.all(many.map((orderId) => merchant.charge(orderId)));
    expect(new Set((await charges()).map(({ reference }) => reference))).toEqual(new Set(many));
  });

  it('counts as refunded what the provider counts: at Midtrans once approved, at Xendit once it succeeded', async () => {
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

describe('GET /control/calls', () => {
  it('lists calls that came to nothing too, and counts them all', async () => {
    await merchant.control('POST', '/midtrans/faults', { operation: 'create', fault: 'http_500' });
    await merchant.charge('ORD-1');
    await merchant.charge('ORD-1');
    await merchant.request('REF-1');
    const { body } = await merchant.control('GET', '/calls?provider=midtrans&operation=create');
    expect(body).toMatchObject({
      calls: [
        { seq: 1, reference: 'ORD-1', outcome: '500', http_status: 500, fault: 'http_500' },
        { seq: 2, reference: 'ORD-1', outcome: '201', http_status: 200, fault: null },
      ],
      counts: { midtrans: { create: 2 }, xendit: { create: 1 } },
      last_seq: 3,
    });
    const later = await merchant.control('GET', '/calls?since=2');
    expect(later.body.calls).toMatchObject([{ seq: 3, provider: 'xendit' }]);
  });

  it('holds no header and no body', async () => {
    await merchant.midtrans('POST', '/v2/charge', chargeBody('ORD-1', 1, { customer_details: { email: 'sari@example.com' } }));
    const { text } = await merchant.control('GET', '/calls');
    expect(text).not.toMatch(/sari@example|Basic /);
  });
});

describe('the controls of faults, travel, switches, clock and accounts', () => {
  it('put faults in force, show them, and take them away', async () => {
    const rule = { operation: 'create', fault: 'hang_after_effect', times: 3, delay_ms: 0 };
    const { status, body } = await merchant.control('POST', '/midtrans/faults', rule);
    expect([status, body.faults]).toEqual([201, [expect.objectContaining({ ...rule, applied: 0 })]]);
    await merchant.control('POST', '/midtrans/faults', { operation: 'refund', fault: 'http_500', times: null });
    await merchant.control('DELETE', '/midtrans/faults?operation=create');
    expect((await merchant.control('GET', '/midtrans/faults')).body.faults).toMatchObject([{ operation: 'refund' }]);
    expect((await merchant.control('DELETE', '/midtrans/faults')).body.faults).toEqual([]);
    expect((await merchant.control('POST', '/midtrans/faults', { fault: 'lag', operation: 'create' })).status).toBe(400);
    expect((await merchant.control('POST', '/stripe/faults', rule)).status).toBe(400);
  });

  it('set the webhook delivery; what is left out has its default', async () => {
    await merchant.control('POST', '/xendit/webhooks', { drop: 1, seed: 7 });
    const { body } = await merchant.control('POST', '/xendit/webhooks', { delay_ms: [0, 5] });
    expect(body).toEqual({ drop: 0, duplicate: 0, delay_ms: [0, 5], shuffle: false, bad_signature: 0, seed: 1 });
    expect((await merchant.control('GET', '/xendit/webhooks')).body).toEqual(body);
    expect((await merchant.control('POST', '/xendit/webhooks', { drop: 2 })).status).toBe(400);
  });

  it('set some switches and leave the others; a name that does not exist is refused', async () => {
    await merchant.control('POST', '/switches', { midtrans_http_status: 'copies_body' });
    const { body } = await merchant.control('POST', '/switches', { xendit_string_amounts: true });
    expect(body).toMatchObject({ midtrans_http_status: 'copies_body', xendit_string_amounts: true });
    expect((await merchant.control('POST', '/switches', { midtrans_http_satus: 'copies_body' })).status).toBe(400);
    expect((await merchant.control('DELETE', '/switches')).body).toMatchObject({ midtrans_http_status: 'always_200' });
  });

  it('move the clock and change its speed', async () => {
    const before = Date.parse(String((await merchant.control('POST', '/clock', { speed: 0 })).body.now));
    const { body } = await merchant.control('POST', '/clock', { advance_ms: 3_600_000 });
    expect([Date.parse(String(body.now)) - before, body.speed]).toEqual([3_600_000, 0]);
    expect((await merchant.control('POST', '/clock', { speed: -1 })).status).toBe(400);
  });

  it('add an account, and rotate a key', async () => {
    const put = (server_key: string) => merchant.control('PUT', '/midtrans/accounts/outlet-2', { server_key });
    const asOutlet = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` });
    expect((await put('SB-Mid-server-OLD')).body.accounts).toContainEqual({ id: 'outlet-2', notification_url: null });
    expect((await put('SB-Mid-server-OLD')).text).not.toContain('SB-Mid');
    await put('SB-Mid-server-NEW');
    expect((await merchant.midtrans('GET', '/v2/x/status', undefined, asOutlet('SB-Mid-server-OLD'))).status).toBe(401);
    expect((await merchant.midtrans('GET', '/v2/x/status', undefined, asOutlet('SB-Mid-server-NEW'))).status).toBe(200);
    expect((await put('with space')).status).toBe(400);
    const xendit = { secret_key: 'xnd_2', callback_token: 'token-2', notification_url: 'ftp://x' };
    expect((await merchant.control('PUT', '/xendit/accounts/outlet-2', xendit)).status).toBe(400);
  });
});

describe('POST /control/reset', () => {
  it('forgets charges, calls, faults, delivery rules and webhooks under way, and sets switches as they were at the start', async () => {
    await merchant.charge('ORD-1');
    await merchant.control('POST', '/midtrans/faults', { fault: 'http_500', times: null });
    await merchant.control('POST', '/midtrans/webhooks', { drop: 1 });
    await merchant.control('POST', '/switches', { xendit_qr_text: 'emv' });
    await merchant.control('POST', '/clock', { speed: 60 });
    await merchant.control('POST', '/reset');
    expect((await merchant.control('GET', '/')).body).toMatchObject({
      clock: { speed: 1 },
      charges: { kept: 0, dropped: 0 },
      calls: { total: 0, counts: {} },
      providers: { midtrans: { faults: [], travel: { drop: 0 }, webhooks: { underway: 0, lost: 0 } } },
    });
    expect((await merchant.control('GET', '/switches')).body.xendit_qr_text).toBe('some-random-qr-string');
    expect((await merchant.charge('ORD-1')).status_code).toBe('201');
  });

  it('calls off what was to happen: expiry, retries, delayed webhooks', async () => {
    merchant.inbox.respond = () => ({ status: 503 });
    await merchant.charge('ORD-1');
    await merchant.inbox.deliveries(1);
    merchant.inbox.respond = () => ({ status: 200 });
    await merchant.control('POST', '/charges/ORD-1/pay', { delay_ms: 1 });
    await merchant.control('POST', '/reset');
    const receivedBefore = merchant.inbox.received.length;
    await merchant.control('POST', '/clock', { advance_ms: 86_400_000 });
    await merchant.charge('ORD-2');
    await merchant.inbox.first(({ body }) => body.order_id === 'ORD-2');
    expect(merchant.inbox.received).toHaveLength(receivedBefore + 1);
  });
});

describe('the picture of a QR', () => {
  it('is there for both providers, and not for a charge without a QR', async () => {
    await merchant.charge('ORD-1');
    const { status, headers } = await merchant.control('GET', '/charges/ORD-1/qr.png');
    expect([status, headers['content-type']]).toEqual([200, 'image/png']);
    await merchant.control('POST', '/midtrans/faults', { operation: 'create', fault: 'rejected' });
    await merchant.charge('ORD-2');
    expect((await merchant.control('GET', '/charges/ORD-2/qr.png')).status).toBe(409);
  });
});

describe('the page', () => {
  it('is one HTML with its style and script, from here and nowhere else', async () => {
    const page = await call('GET', `${merchant.simulator.url}/`, undefined, {});
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.text).not.toMatch(/<script>|style="|onclick=|https?:\/\//);
    for (const [, path] of page.text.matchAll(/(?:src|href)="(\/simulator\.[a-z]+)"/g)) {
      expect((await call('GET', `${merchant.simulator.url}${path}`, undefined, {})).status).toBe(200);
    }
  });

  it('may use the controls; a page of another site may not', async () => {
    const from = (site: string): Promise<HttpResult> =>
      call('POST', `${merchant.simulator.url}/control/reset`, undefined, { 'sec-fetch-site': site });
    expect((await from('same-origin')).status).toBe(200);
    expect((await from('cross-site')).status).toBe(403);
  });
});

describe('a connection', () => {
  it('is kept, so that a busy caller need not open one for each call', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const localPort = () =>
      new Promise((resolve) => {
        httpGet(`${merchant.simulator.url}/midtrans/v2/x/status`, { agent }, (response) => {
          const { localPort: port } = response.socket;
          response.resume().on('end', () => resolve(port));
        });
      });
    expect(await localPort()).toBe(await localPort());
    agent.destroy();
  });
});

const problemOf = async (answer: Promise<HttpResult>): Promise<unknown[]> => {
  const { status, body } = await answer;
  return [status, body.error];
};
