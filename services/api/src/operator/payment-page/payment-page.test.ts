import { rupiah } from '@gateway/shared/payment';
import { newEventId, plusMs } from '@gateway/shared/runtime';
import { payments, providerCalls } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anOperatorBrowser, type OperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { anOperator } from '@gateway/testing/operator/operator-console';
import { aPayment } from '@gateway/testing/worker/payment-fixture';

let api: ApiHarness;
beforeAll(async () => {
  const users = [anOperator('siti', 'viewer'), anOperator('budi', 'approver'), anOperator('dewi', 'approver')];
  api = await startApiHarness({ console: { users } });
});
afterAll(() => api?.close());

async function signedIn(name: string): Promise<OperatorBrowser> {
  const browser = anOperatorBrowser(api.url);
  await browser.signIn(name, 'right');
  return browser;
}

/** A payment that Midtrans was too slow for, that Xendit made, and that a guest has paid. */
async function aPaidPayment() {
  const createdAt = plusMs(api.clock.now(), -60_000);
  const step = { account: 'default', at: createdAt.toISOString() };
  const payment = aPayment({ tenant: api.tenant, amount: rupiah(80_000), createdAt });
  await payments.insert(api.db.pool, payment);
  const route = [
    { ...step, provider: 'midtrans', outcome: 'skipped', reason: 'breaker open since 10:02:11' },
    { ...step, provider: 'xendit', outcome: 'chosen', durationMs: 212 },
  ];
  const paidAt = plusMs(createdAt, 30_000);
  await api.db.knex('gateway.attempts').insert({
    payment_id: payment.id,
    no: 1,
    provider: 'xendit',
    account: 'default',
    reference: `${payment.reference}-1`,
    status: 'paid',
    paid_idr: 80_000,
    accepted: true,
    issuer: 'dana',
    receipt: '412345678901',
    paid_at: paidAt,
    started_at: createdAt,
    answered_at: createdAt,
  });
  await api.db.pool.query(
    `update gateway.payments set status = 'paid', received_idr = 80000, settled_attempt = 1, paid_at = $2, route = $3 where id = $1`,
    [payment.id, paidAt, JSON.stringify(route)],
  );
  const details = { issuer_name: 'DANA', payer_name: 'CANARY-guest', payer_account_number: '0812CANARY' };
  const raw = {
    event: 'payment.capture',
    data: { reference_id: `${payment.reference}-1`, status: 'SUCCEEDED', payment_details: details },
    token: 'CANARY',
  };
  await api.db.knex('gateway.webhook_inbox').insert({
    provider: 'xendit',
    account: 'default',
    delivery_key: newEventId(),
    raw: Buffer.from(JSON.stringify(raw).replace('{', '{ ')),
    reference: `${payment.reference}-1`,
    reported_status: 'paid',
    received_at: paidAt,
    processed_at: plusMs(paidAt, 40),
    verdict: 'applied',
  });
  const startedAt = plusMs(createdAt, 20);
  const calls = [
    aCall({ reference: `${payment.reference}-1`, startedAt, request: '{"request_amount":80000}', answer: '{"status":"REQUIRES_ACTION"}' }),
    aCall({
      reference: `${payment.reference}-1`,
      startedAt: plusMs(paidAt, 5),
      operation: 'find',
      method: 'GET',
      answer: '{"status":"VERIFIED-SO"}',
    }),
    aCall({
      reference: `${payment.reference}-1`,
      startedAt: plusMs(paidAt, -9_000),
      operation: 'cancel',
      status: null,
      failure: 'timeout',
    }),
  ];
  await providerCalls.insert(api.db.pool, calls, 5_000);
  return payment;
}

const aCall = (call: Partial<providerCalls.StoredCall>): providerCalls.StoredCall => ({
  reference: '',
  provider: 'xendit',
  account: 'default',
  operation: 'create',
  startedAt: api.clock.now(),
  durationMs: 20,
  method: 'POST',
  path: '/v3/payment_requests',
  request: null,
  status: 200,
  headers: { 'retry-after': '7' },
  answer: null,
  failure: null,
  ...call,
});

describe('the page of a payment', () => {
  it('is shown with what was asked of the provider and what it answered, and with the bytes of the webhook', async () => {
    const payment = await aPaidPayment();
    const { text } = await (await signedIn('siti')).get(`/operator/payments/${payment.id}`);
    for (const words of [
      'POST /v3/payment_requests: HTTP 200, 20 ms', // the QR
      '&quot;request_amount&quot;: 80000',
      'REQUIRES_ACTION',
      'retry-after: 7',
      'VERIFIED-SO', // beside the webhook that it verified
      'The gateway asked xendit to cancel the charge.',
      'no answer (timeout)',
      '{ &quot;event&quot;:&quot;payment.capture&quot;', // as it was received
      '&quot;issuer_name&quot;:&quot;DANA&quot;,&quot;payer_name&quot;:&quot;[hidden]&quot;',
    ])
      expect(text).toContain(words);
  });

  it('stays below 100 kB with hundreds of polls and large webhooks, and leads to every call and to every webhook', async () => {
    const payment = await aPaidPayment();
    const reference = `${payment.reference}-1`;
    const at = (n: number) => plusMs(api.clock.now(), n * 3_000);
    const answer = JSON.stringify({ status: 'x'.repeat(3_900) });
    const polls = Array.from({ length: 150 }, (_, n) => aCall({ reference, startedAt: at(n), operation: 'find', answer }));
    await providerCalls.insert(api.db.pool, polls, 5_000);
    const rows = Array.from({ length: 45 }, (_, n) => ({
      provider: 'xendit',
      account: 'default',
      delivery_key: newEventId(),
      raw: Buffer.from(
        JSON.stringify({ event: 'payment.capture', data: Array.from({ length: 700 }, () => ({ status: n, payer_name: 'CANARY' })) }),
      ),
      reference,
      received_at: at(n),
    }));
    await api.db.knex('gateway.webhook_inbox').insert(rows);
    const browser = await signedIn('siti');
    const path = `/operator/payments/${payment.id}`;
    const { text } = await browser.get(path);
    const webhook = /href="([^"]+\/evidence\/webhook-\d+)"/.exec(text)?.[1] ?? '';
    const first = await browser.get(`${path}/calls`);
    const older = /href="([^"]+\/calls\?before=\d+)"/.exec(first.text)?.[1] ?? '';
    const second = await browser.get(older);
    const idsIn = (page: string) => [...page.matchAll(/evidence\/(call-\d+)"/g)].map(([, id]) => id);
    expect([idsIn(first.text).length, idsIn(second.text).length]).toEqual([100, 53]);
    const one = await browser.get(`${path}/evidence/${idsIn(second.text)[0]}`);
    for (const page of [
      text,
      first.text,
      second.text,
      one.text,
      (await browser.get(webhook)).text,
      (await browser.get(`${path}/evidence/rows`)).text,
    ]) {
      expect(Buffer.byteLength(page)).toBeLessThan(100_000);
      expect(page).not.toContain('CANARY');
      expect(page).toContain('Log out');
    }
  });

  it('says why a provider was skipped, how long the till waited, and shows a webhook without what is about a guest', async () => {
    const payment = await aPaidPayment();
    const { text } = await (await signedIn('siti')).get(`/operator/payments/${payment.id}`);
    for (const words of [
      'midtrans was skipped.',
      'breaker open since 10:02:11',
      '212 ms',
      'Verified with the provider: applied',
      'SUCCEEDED',
    ])
      expect(text).toContain(words);
    expect(text).not.toContain('CANARY');
  });

  it('is found by its payment id, transaction id, order number and amount', async () => {
    const payment = await aPaidPayment();
    const browser = await signedIn('siti');
    for (const id of [payment.id, `${payment.reference}-1`, payment.reference]) {
      const found = await browser.get(`/operator/payments?q=${id}`);
      expect([found.status, found.headers.get('location')]).toEqual([303, `/operator/payments/${payment.id}`]);
    }
    for (const text of [encodeURIComponent(payment.orderNumber), '80000', '80.000', '412345678901'])
      expect((await browser.get(`/operator/payments?q=${text}`)).text).toContain(`href="/operator/payments/${payment.id}"`);
  });

  it('lists pages of payments one after the other, each payment once', async () => {
    const store = { host: 'pos', tenant: api.tenant, store_id: 'JKT-PAGES', created_at: api.clock.now() };
    await api.db.knex('gateway.stores').insert(store);
    for (let n = 0; n < 53; n++) await payments.insert(api.db.pool, aPayment({ tenant: api.tenant, storeId: 'JKT-PAGES' }));
    const browser = await signedIn('siti');
    const first = await browser.get('/operator/payments?store=JKT-PAGES');
    const next = /href="(\/operator\/payments\?[^"]*after=[^"]+)"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await browser.get(next);
    const idsIn = (text: string) => [...text.matchAll(/<code>(pay_\w+)<\/code>/g)].map(([, id]) => id);
    expect([idsIn(first.text).length, idsIn(second.text).length]).toEqual([50, 3]);
    expect(new Set([...idsIn(first.text), ...idsIn(second.text)]).size).toBe(53);
  });

  it('that does not exist is a page that says so', async () => {
    const answer = await (await signedIn('siti')).get('/operator/payments/pay_01jd0000000000000000000000', { accept: 'text/html' });
    expect([answer.status, answer.text]).toEqual([404, expect.stringContaining('There is no payment with this id.')]);
  });
});

describe('a large refund', () => {
  it('is asked for by one person on the page of its payment, and approved by another; a viewer sees neither form', async () => {
    const payment = await aPaidPayment();
    const [siti, budi, dewi] = (await Promise.all(['siti', 'budi', 'dewi'].map(signedIn))) as [
      OperatorBrowser,
      OperatorBrowser,
      OperatorBrowser,
    ];
    const path = `/operator/payments/${payment.id}`;
    expect((await siti.get(path)).text).not.toContain('/operator/actions/refunds-open"');
    await budi.get(path);
    const asked = await budi.post('/operator/actions/refunds-open', {
      payment: payment.id,
      amount: '70000',
      reason: 'cold soup',
      back: `/payments/${payment.id}`,
    });
    expect([asked.status, asked.headers.get('location')]).toEqual([303, path]);
    const { rows } = await api.db.pool.query<{ id: string }>('select id from gateway.refunds where payment_id = $1', [payment.id]);
    const refund = rows[0]?.id ?? '';
    expect((await budi.get('/operator/refunds')).text).toContain('You asked for it: another person decides.');
    expect((await dewi.get('/operator/refunds')).text).toContain(`name="refund" value="${refund}"`);
    const approved = await dewi.post('/operator/actions/refunds-approve', { refund, reason: 'the soup was cold', back: '/refunds' });
    expect([approved.status, (await dewi.get('/operator/refunds')).text]).toEqual([303, expect.stringContaining(`${refund} is approved.`)]);
  });
});
