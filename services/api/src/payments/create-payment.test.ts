import { randomUUID } from 'node:crypto';
import { plusMs } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { addToOrder, anOrder, lockOrderRow, payInCash } from '@gateway/testing/pos/pos-orders';
import supertest from 'supertest';

// No worker runs in this file, so payments stay `created`.
let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

const order = (total = 55_000) => anOrder(api.db.pool, { total });
const path = '/transaction/payments';

function create(body: unknown, { key = api.key, ...headers }: Record<string, string> = {}) {
  const request = supertest(api.url)
    .post(path)
    .set({ prefer: 'wait=0', 'content-type': 'application/json', ...headers });
  if (key) request.set('authorization', `Bearer ${key}`);
  return request.send(body as object | string);
}

describe('a payment whose QR is being created', () => {
  it('is answered 202, with where and when to ask again', async () => {
    const { status, headers, body } = await create({ order_id: await order() });
    expect(status).toBe(202);
    expect(headers).toMatchObject({ location: `${path}/${body.payment_id}`, 'retry-after': '1' });
    expect(body).toEqual({
      payment_id: expect.stringMatching(/^pay_[0-9a-z]{26}$/),
      transaction_id: null,
      host: 'pos',
      store_id: 'JKT-01',
      order_id: expect.any(String),
      order_number: expect.any(String),
      table: null,
      order_type: null,
      metadata: null,
      status: 'created',
      amount: 55_000,
      currency: 'IDR',
      received_amount: 0,
      refunded_amount: 0,
      needs_review: false,
      qr_string: null,
      qr_image_url: null,
      expires_at: plusMs(api.clock.now(), 900_000).toISOString(),
      cancel_requested_at: null,
      created_at: api.clock.now().toISOString(),
      updated_at: api.clock.now().toISOString(),
      paid_at: null,
      issuer: null,
      receipt: null,
    });
  });

  it('expires after the time that the caller sets', async () => {
    const { body } = await create({ order_id: await order(), expires_in: 60 });
    expect(Date.parse(body.expires_at) - Date.parse(body.created_at)).toBe(60_000);
  });

  it('is answered at once when the caller prefers not to wait', async () => {
    expect((await create({ order_id: await order() }, { prefer: 'respond-async' })).status).toBe(202);
  });
});

describe('a request with an Idempotency-Key', () => {
  it('is answered with the same payment when it is repeated, and marked as replayed', async () => {
    const body = { order_id: await order() };
    const key = { 'idempotency-key': randomUUID() };
    const first = await create(body, key);
    const again = await create({ ...body, expires_in: 900 }, key); // the same, after defaults
    expect([again.status, again.headers['idempotent-replayed'], again.body.payment_id]).toEqual([202, 'true', first.body.payment_id]);
    expect(first.headers).not.toHaveProperty('idempotent-replayed');
  });

  it('is answered with its payment also when the order cannot be paid any more', async () => {
    const body = { order_id: await order() };
    const key = { 'idempotency-key': randomUUID() };
    const first = await create(body, key);
    await payInCash(api.db.pool, body.order_id);
    expect((await create(body, key)).body.payment_id).toBe(first.body.payment_id);
  });

  it('is refused when its body differs', async () => {
    const key = { 'idempotency-key': randomUUID() };
    await create({ order_id: await order() }, key);
    const other = await create({ order_id: await order() }, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('is another request when another client sends it', async () => {
    const other = await api.keyFor({ name: 'second till' });
    const key = { 'idempotency-key': randomUUID() };
    const first = await create({ order_id: await order() }, key);
    const second = await create({ order_id: await order() }, { ...key, key: other.secret });
    expect(second.status).toBe(202);
    expect(second.body.payment_id).not.toBe(first.body.payment_id);
  });

  it('is refused when the key has more than 255 characters', async () => {
    const long = await create({ order_id: await order() }, { 'idempotency-key': 'k'.repeat(256) });
    expect([long.status, long.body.code]).toEqual([400, 'validation_failed']);
    expect((await create({ order_id: await order() }, { 'idempotency-key': 'k'.repeat(255) })).status).toBe(202);
  });
});

describe('a request that cannot be fulfilled is answered with a problem that says what to do', () => {
  const expectProblem = (answer: Awaited<ReturnType<typeof create>>, status: number, code: string) => {
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      type: `http://gateway.test/problems/${code}`,
      title: expect.stringMatching(/\S/),
      status,
      detail: expect.stringMatching(/\S \S/),
      request_id: answer.headers['x-request-id'],
    });
  };

  it.each([
    ['without order_id', {}, 'order_id'],
    ['with an empty order_id', { order_id: '' }, 'order_id'],
    ['with an order_id that is not a string', { order_id: 17 }, 'order_id'],
    ['with an expires_in below 60', { order_id: 'x', expires_in: 59 }, 'expires_in'],
    ['with an expires_in above 86400', { order_id: 'x', expires_in: 86_401 }, 'expires_in'],
    ['with a fraction in expires_in', { order_id: 'x', expires_in: 60.5 }, 'expires_in'],
    ['with an expires_in that is a string', { order_id: 'x', expires_in: '900' }, 'expires_in'],
    ['with an unknown field', { order_id: 'x', amount: 1 }, 'amount'],
    ['that is a list', [], ''],
  ])('a body %s', async (_, body, field) => {
    const answer = await create(body);
    expectProblem(answer, 400, 'validation_failed');
    expect(answer.body.errors).toEqual([{ path: field, message: expect.any(String) }]);
  });

  it.each([['{"order_id":'], ['"text"'], ['null']])('a body that is not an object: %s', async (body) =>
    expectProblem(await create(body), 400, 'validation_failed'),
  );

  it('a body that is not JSON, is compressed, or is too large', async () => {
    expectProblem(await create('order_id=x', { 'content-type': 'text/plain' }), 415, 'unsupported_media_type');
    expectProblem(await create('{"order_id":"x"}', { 'content-encoding': 'gzip' }), 415, 'unsupported_media_type');
    expectProblem(await create({ order_id: 'x'.repeat(20_000) }), 413, 'payload_too_large');
  });

  it('a key that is missing, unknown or revoked', async () => {
    const { id, secret } = await api.keyFor({});
    await api.revoke(id);
    for (const key of ['', 'nonsense', 'sk_test_unknown_unknown', secret]) {
      const answer = await create({ order_id: 'x' }, { key });
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('a key without the scope', async () => {
    const { secret } = await api.keyFor({ scopes: ['events'] });
    expectProblem(await create({ order_id: await order() }, { key: secret }), 403, 'forbidden');
  });

  it('an order that does not exist, is another tenant’s, or is of a store that the key does not cover: one answer for all', async () => {
    const otherTenantKey = await api.keyFor({ tenant: api.otherTenant });
    const otherStoreKey = await api.keyFor({ stores: ['JKT-99'] });
    const answers = [
      await create({ order_id: randomUUID() }),
      await create({ order_id: 'no uuid at all' }),
      await create({ order_id: "'; drop table pos.orders; --" }),
      await create({ order_id: await order() }, { key: otherTenantKey.secret }),
      await create({ order_id: await order() }, { key: otherStoreKey.secret }),
    ];
    for (const answer of answers) expectProblem(answer, 404, 'order_not_found');
    expect(new Set(answers.map(({ body }) => body.detail)).size).toBe(1);
  });

  it('an order that is already paid, with the reason of the host', async () => {
    const paid = await order();
    await payInCash(api.db.pool, paid);
    const answer = await create({ order_id: paid });
    expectProblem(answer, 409, 'order_not_payable');
    expect(answer.body.reason).toBe('the order is paid');
  });

  it('an order whose parts do not add up to its total', async () => {
    const wrong = await order();
    await api.db.pool.query('update pos.orders set subtotal = subtotal + 700, grand_total = grand_total + 700 where id = $1', [wrong]);
    expectProblem(await create({ order_id: wrong }), 422, 'order_does_not_reconcile');
  });

  it('an amount above the QRIS limit', async () => {
    expectProblem(await create({ order_id: await order(10_000_001) }), 422, 'amount_out_of_range');
    expect((await create({ order_id: await order(10_000_000) })).status).toBe(202);
  });

  it('an order that another transaction has locked', async () => {
    const busy = await order();
    const releaseOrder = await lockOrderRow(api.db.pool, busy);
    try {
      const answer = await create({ order_id: busy });
      expectProblem(answer, 503, 'order_busy');
      expect(answer.headers['retry-after']).toBe('1');
    } finally {
      await releaseOrder();
    }
    expect((await create({ order_id: busy })).status).toBe(202);
  });

  it('a column that was renamed while the host is served: 503 for this host, and it is served again without a restart', async () => {
    const body = { order_id: await order() };
    await api.db.pool.query('alter table pos.orders rename column grand_total to total_of_bill');
    const answer = await create(body);
    expectProblem(answer, 503, 'host_unavailable');
    expect(answer.headers['retry-after']).toBe('5');
    await api.db.pool.query('alter table pos.orders rename column total_of_bill to grand_total');
    await eventually(async () => (await create(body)).status === 202);
  });

  it('an unavailable database: 503, and the same key creates the payment once the database is back', async () => {
    const body = { order_id: await order() };
    const key = { 'idempotency-key': randomUUID() };
    await api.databaseProxy.disconnect();
    const answer = await create(body, key);
    expectProblem(answer, 503, 'host_unavailable');
    expect(answer.headers['retry-after']).toBe('5');
    await api.databaseProxy.reconnect();
    expect((await create(body, key)).status).toBe(202);
  });
});

describe('an order whose amount grew after its payment was created', () => {
  it('gets a new payment, and the previous one cannot be scanned', async () => {
    const grown = await order(55_000);
    const { body: before } = await create({ order_id: grown });
    await addToOrder(api.db.pool, grown, 8_000);
    const { status, body: after } = await create({ order_id: grown });
    expect([status, after.amount]).toEqual([202, 63_000]);
    const { body: old } = await supertest(api.url).get(`${path}/${before.payment_id}`).set('authorization', `Bearer ${api.key}`);
    expect(old.cancel_requested_at).not.toBeNull();
  });
});

describe('every answer', () => {
  it('carries the caller’s request id, or a generated one', async () => {
    const wellFormed = await create({ order_id: await order() }, { 'x-request-id': 'till-7.order_42' });
    expect(wellFormed.headers['x-request-id']).toBe('till-7.order_42');
    const malformed = await create({ order_id: await order() }, { 'x-request-id': 'two words' });
    expect(malformed.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });

  it('does not show the software that serves it, and is a problem on an unknown route too', async () => {
    const { headers } = await create({ order_id: await order() });
    expect(headers).not.toHaveProperty('x-powered-by');
    const { body } = await supertest(api.url).get('/nowhere');
    expect([body.status, body.code]).toEqual([404, 'not_found']);
  });
});
