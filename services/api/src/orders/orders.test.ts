import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { aStoreOf } from '@gateway/testing/relay/event-fixtures';
import supertest from 'supertest';

// No worker runs in this file, so payments stay `created`. A QR that is being made is hidden like one on display.
let api: ApiHarness;
let mine: string;
let theirs: string;
beforeAll(async () => {
  api = await startApiHarness();
  [mine, theirs] = (await Promise.all(
    ['warung-a', 'warung-b'].map(async (tenant) => (await api.keyFor({ host: 'till', tenant })).secret),
  )) as [string, string];
});
afterAll(() => api.close());

let next = 0;
const newId = (): string => `A-${++next}`;
const store = 'TILL-1';

const anOrder = (price = 25_000, overrides: object = {}) => ({
  number: 'A-12',
  table: '7',
  type: 'dine_in',
  note: null,
  lines: [{ sku: 'MKN-001', name: 'Nasi goreng', quantity: 2, unit_price: price, total: price * 2, note: 'tidak pedas' }],
  charges: [{ kind: 'tax', name: 'PB1 10 %', amount: 5_000 }],
  total: price * 2 + 5_000,
  metadata: { cashier: 'Sari' },
  ...overrides,
});

const at = (path: string, key = mine) => ({
  put: (body: unknown) =>
    supertest(api.url)
      .put(path)
      .set('authorization', `Bearer ${key}`)
      .send(body as object),
  get: (query = {}) => supertest(api.url).get(path).query(query).set('authorization', `Bearer ${key}`),
  delete: () => supertest(api.url).delete(path).set('authorization', `Bearer ${key}`),
  tender: (amount: number, idempotencyKey = newId(), method = 'cash') =>
    supertest(api.url)
      .post(`${path}/tenders`)
      .set({ authorization: `Bearer ${key}`, 'idempotency-key': idempotencyKey })
      .send({ method, amount }),
});
const order = (id: string, { key = mine, storeId = store } = {}) => at(`/stores/${storeId}/orders/${id}`, key);
const pay = (body: object, { key = mine, ...headers }: Record<string, string> = {}) =>
  supertest(api.url)
    .post('/transaction/payments')
    .set({ authorization: `Bearer ${key}`, prefer: 'wait=0', ...headers })
    .send(body);

const isHidden = async (paymentId: string): Promise<string | null> => {
  const payment = await payments.find(api.db.pool, paymentId);
  return payment?.hiddenAt ? (payment.cancelReason ?? 'hidden') : null;
};
const codeOf = ({ status, body }: { status: number; body: { code?: string } }) => `${status} ${body.code}`;

describe('an order by API', () => {
  it('is made, and answered with its body, what is due, its version and no payment yet', async () => {
    const id = newId();
    const { status, body } = await order(id).put(anOrder());
    expect(status).toBe(201);
    expect(body).toEqual({ order_id: id, store_id: store, ...anOrder(), due: 55_000, version: 1, status: 'open', payment: null });
    expect((await order(id).get()).body).toEqual(body);
  });

  it('is not changed by the same body again, and is replaced by another one', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const again = await order(id).put(anOrder());
    expect([again.status, again.body.version]).toEqual([200, 1]);
    const other = anOrder(10_000, { charges: [], total: 20_000, table: null, metadata: {} });
    const replaced = await order(id).put(other);
    expect(replaced.status).toBe(200);
    expect(replaced.body).toMatchObject({ ...other, version: 2, due: 20_000 });
    expect((await order(id).get()).body).toEqual(replaced.body);
  });

  it('leaves out what the till leaves out: no charges, no table, no metadata', async () => {
    const { body } = await order(newId()).put({
      number: '1',
      lines: [{ name: 'Kopi', quantity: 0.25, unit_price: 4_000, total: 1_000 }],
      total: 1_000,
    });
    expect(body).toMatchObject({ table: null, type: null, charges: [], metadata: {}, lines: [{ quantity: 0.25, sku: null, note: null }] });
  });

  it('whose parts do not sum to its total is refused with both sums', async () => {
    const answer = await order(newId()).put(anOrder(25_000, { total: 60_000 }));
    expect(codeOf(answer)).toBe('422 order_does_not_reconcile');
    expect(answer.body).toMatchObject({ lines_total: 50_000, charges_total: 5_000, total: 60_000 });
  });

  it('above the limit of QRIS is stored, and its payment is refused', async () => {
    const id = newId();
    expect((await order(id).put(anOrder(10_000_000))).status).toBe(201);
    expect(codeOf(await pay({ order_id: id }))).toBe('422 amount_out_of_range');
    expect((await order(id).get()).body.due).toBe(20_005_000);
  });

  it('has at most two hundred lines', async () => {
    const lines = (count: number) =>
      Array.from({ length: count }, (_, n) => ({
        name: `${n} ${'x'.repeat(190)}`,
        quantity: 1,
        unit_price: 1,
        total: 1,
        note: 'n'.repeat(200),
      }));
    expect((await order(newId()).put({ number: '1', lines: lines(200), total: 200 })).status).toBe(201);
    const answer = await order(newId()).put({ number: '1', lines: lines(201), total: 201 });
    expect(codeOf(answer)).toBe('400 validation_failed');
    expect(codeOf(await order(newId()).put({ number: '1', lines: [], total: 0, note: 'x'.repeat(140_000) }))).toBe('413 payload_too_large');
  });

  it('gives its id, table, type and metadata to its payment, and the list finds it by that id', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const { body } = await pay({ order_id: id });
    const shown = {
      host: 'till',
      order_id: id,
      store_id: store,
      table: '7',
      order_type: 'dine_in',
      metadata: { cashier: 'Sari' },
      issuer: null,
      receipt: null,
    };
    expect(body).toMatchObject(shown);
    const { body: list } = await at('/transaction/payments').get({ order_id: id });
    expect(list.payments.map(({ payment_id }: { payment_id: string }) => payment_id)).toEqual([body.payment_id]);
    expect((await at(`/transaction/orders/${id}/payment`).get()).body.payment_id).toBe(body.payment_id);
    expect((await order(id).get()).body.payment).toMatchObject(shown);
  });

  it('is for keys of the host till only', async () => {
    expect(codeOf(await order('A-1', { key: api.key }).put(anOrder()))).toBe('403 forbidden');
    expect(codeOf(await order('A-1', { key: api.key }).get())).toBe('403 forbidden');
    expect(codeOf(await pay({ order_id: 'A-1', store_id: store, order: anOrder() }, { key: api.key }))).toBe('403 forbidden');
  });

  it.each([
    ['an id with a slash', 'A%2F1', anOrder()],
    ['an id of 65 characters', 'x'.repeat(65), anOrder()],
    ['an unknown field', 'x', { ...anOrder(), customer: 'Budi' }],
    ['a fraction of a rupiah', 'x', anOrder(0.5)],
    ['a positive discount', 'x', anOrder(1, { charges: [{ kind: 'discount', amount: 1 }], total: 3 })],
    ['four decimals of a quantity', 'x', anOrder(1, { lines: [{ name: 'x', quantity: 0.0001, unit_price: 1, total: 1 }] })],
    ['a metadata value that is no text', 'x', anOrder(1, { metadata: { n: 1 } })],
    ['21 metadata', 'x', anOrder(1, { metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`k${n}`, ''])) })],
  ])('with %s is refused by name', async (_what, id, body) => {
    const answer = await order(id).put(body);
    expect(codeOf(answer)).toBe('400 validation_failed');
    expect(answer.body.errors.length).toBeGreaterThan(0);
  });
});

describe('a change of what is due', () => {
  it('hides the QR before the answer, and another note or table does not', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const { body: payment } = await pay({ order_id: id });
    await order(id).put(anOrder(25_000, { table: '8', note: 'ulang tahun' }));
    expect(await isHidden(payment.payment_id)).toBeNull();
    await order(id).put(anOrder(30_000));
    expect(await isHidden(payment.payment_id)).toBe('amount_changed');
    expect((await pay({ order_id: id })).body).toMatchObject({ amount: 65_000 });
  });

  it('by a part in cash hides the QR, and what is left can be paid by QRIS', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const { body: payment } = await pay({ order_id: id });
    const { status, body } = await order(id).tender(20_000);
    expect([status, body.due, body.status]).toEqual([201, 35_000, 'open']);
    expect(await isHidden(payment.payment_id)).toBe('amount_changed');
    expect((await pay({ order_id: id })).body.amount).toBe(35_000);
  });

  it('to nothing makes the order paid, and hides the QR', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const { body: payment } = await pay({ order_id: id });
    expect((await order(id).tender(55_000)).body).toMatchObject({ due: 0, status: 'paid' });
    expect(await isHidden(payment.payment_id)).toBe('order_closed_elsewhere');
    expect(codeOf(await pay({ order_id: id }))).toBe('409 order_not_payable');
    expect(codeOf(await order(id).put(anOrder(1)))).toBe('409 order_paid');
    expect(codeOf(await order(id).delete())).toBe('409 order_paid');
  });

  it('by voiding hides the QR, and may be repeated', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const { body: payment } = await pay({ order_id: id });
    const [first, second] = [await order(id).delete(), await order(id).delete()];
    expect(first.body).toMatchObject({ status: 'void', due: 0, version: 2 });
    expect(second.body).toMatchObject({ status: 'void', version: 2 });
    expect(await isHidden(payment.payment_id)).toBe('order_closed_elsewhere');
    expect((await pay({ order_id: id })).body).toMatchObject({ code: 'order_not_payable', reason: 'the order is void' });
    expect((await order(id).put(anOrder())).body).toMatchObject({ status: 'open', version: 3 }); // the till opens it again
  });

  it('cannot make the total smaller than what was taken', async () => {
    const id = newId();
    await order(id).put(anOrder());
    await order(id).tender(20_000);
    expect(codeOf(await order(id).put(anOrder(1_000)))).toBe('409 order_paid');
    expect(codeOf(await order(id).delete())).toBe('409 order_paid');
    expect((await order(id).put(anOrder(7_500))).body).toMatchObject({ status: 'paid', due: 0 }); // exactly what was taken
  });
});

describe('a tender', () => {
  it('is taken once for one key, and another request with the key is refused', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const key = newId();
    const answers = await Promise.all(Array.from({ length: 5 }, () => order(id).tender(10_000, key)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 200, 200, 200, 201]);
    expect((await order(id).get()).body.due).toBe(45_000);
    expect(codeOf(await order(id).tender(10_001, key))).toBe('422 idempotency_key_reused');
  });

  it('needs a key, and is at most what is due', async () => {
    const id = newId();
    await order(id).put(anOrder());
    const without = supertest(api.url).post(`/stores/${store}/orders/${id}/tenders`).set('authorization', `Bearer ${mine}`);
    expect(codeOf(await without.send({ method: 'cash', amount: 1 }))).toBe('400 idempotency_key_required');
    expect((await order(id).tender(55_001)).body).toMatchObject({ code: 'tender_exceeds_due', due: 55_000 });
    expect((await order(id).get()).body.due).toBe(55_000);
  });
});

describe('order and payment in one request', () => {
  it('are stored together, and the same request makes nothing new', async () => {
    const request = { order_id: newId(), store_id: store, order: anOrder() };
    const first = await pay(request, { 'idempotency-key': request.order_id });
    expect(first.body).toMatchObject({ order_id: request.order_id, amount: 55_000, table: '7' });
    const again = await pay(request, { 'idempotency-key': request.order_id });
    expect([again.headers['idempotent-replayed'], again.body.payment_id]).toEqual(['true', first.body.payment_id]);
    expect((await pay(request)).body.payment_id).toBe(first.body.payment_id);
    expect((await order(request.order_id).get()).body).toMatchObject({ version: 1, payment: { payment_id: first.body.payment_id } });
    const changed = await pay({ ...request, order: anOrder(30_000) });
    expect(changed.body).toMatchObject({ amount: 65_000 });
    expect(await isHidden(first.body.payment_id)).toBe('replaced');
  });

  it('are both refused when the payment is, and the QR for the order as it was stays', async () => {
    const request = { order_id: newId(), store_id: store };
    const first = await pay({ ...request, order: anOrder() });
    expect(codeOf(await pay({ ...request, order: anOrder(10_000_000) }))).toBe('422 amount_out_of_range');
    expect((await order(request.order_id).get()).body.due).toBe(55_000);
    expect(await isHidden(first.body.payment_id)).toBeNull();
    expect(codeOf(await pay({ order_id: newId(), store_id: store, order: anOrder(10_000_000) }))).toBe('422 amount_out_of_range');
  });

  it('of a paid order are refused, and a repeated request with its key is still answered', async () => {
    const request = { order_id: newId(), store_id: store, order: anOrder() };
    const first = await pay(request, { 'idempotency-key': request.order_id });
    await order(request.order_id).tender(55_000);
    expect(codeOf(await pay(request))).toBe('409 order_paid');
    expect((await pay(request, { 'idempotency-key': request.order_id })).body.payment_id).toBe(first.body.payment_id);
  });
});

describe('an order whose accepted payment is not booked yet', () => {
  it('cannot be changed, neither by PUT nor with a new payment', async () => {
    const request = { order_id: newId(), store_id: store, order: anOrder() };
    const { body } = await pay(request);
    await api.db.pool.query(
      `with paid as (
         update gateway.payments set status = 'paid', received_idr = amount_idr, recorded = amount_idr, paid_at = now() where id = $1 returning id, amount_idr)
       insert into gateway.attempts (payment_id, no, provider, account, reference, status, paid_idr, paid_at, accepted, unbooked, host_paid_before, started_at)
       select id, 1, 'midtrans', 'default', 'till-unbooked-1', 'paid', amount_idr, now(), true, true, 0, now() from paid`,
      [body.payment_id],
    );
    expect(codeOf(await order(request.order_id).put(anOrder(30_000)))).toBe('409 order_paid');
    expect(codeOf(await pay({ ...request, order: anOrder(30_000) }))).toBe('409 order_paid');
    expect((await order(request.order_id).get()).body.total).toBe(55_000);
  });
});

describe('the orders of a store', () => {
  it('are listed newest first, page by page, with their payment, and by status', async () => {
    const ids = [newId(), newId(), newId()];
    const own = 'TILL-LIST';
    for (const id of ids) {
      await order(id, { storeId: own }).put(anOrder());
      api.clock.advance(1_000);
    }
    const { body: payment } = await pay({ order_id: ids[2] as string });
    await order(ids[0] as string, { storeId: own }).delete();
    const list = at(`/stores/${own}/orders`);
    const { body: page } = await list.get({ limit: 2 });
    expect(page.orders.map((each: { order_id: string }) => each.order_id)).toEqual([ids[2], ids[1]]);
    expect(page.orders[0].payment.payment_id).toBe(payment.payment_id);
    const { body: second } = await list.get({ limit: 2, cursor: page.next_cursor });
    expect([second.orders.map((each: { order_id: string }) => each.order_id), second.next_cursor]).toEqual([[ids[0]], null]);
    expect((await list.get({ status: 'void' })).body.orders).toHaveLength(1);
    expect(codeOf(await list.get({ cursor: 'x' }))).toBe('400 validation_failed');
  });

  it('a screen can follow before the first order', async () => {
    expect((await at('/stores/TILL-NEW/events').get()).body).toEqual({ events: [], next_after: 0, oldest_seq: 1 });
    expect((await at('/stores/TILL-NEW/snapshot').get()).status).toBe(200);
    expect((await at('/stores/TILL-NEW/orders').get()).body).toEqual({ orders: [], next_cursor: null });
  });
});

describe('two tenants', () => {
  it('may use the same order_id, and each has its own order and payment', async () => {
    const id = newId();
    await order(id).put(anOrder());
    await order(id, { key: theirs, storeId: 'TILL-2' }).put(anOrder(1_000));
    const [own, other] = [await pay({ order_id: id }), await pay({ order_id: id }, { key: theirs })];
    expect([own.body.amount, other.body.amount]).toEqual([55_000, 7_000]);
    expect([own.body.order_id, other.body.order_id]).toEqual([id, id]);
    expect((await at(`/transaction/orders/${id}/payment`, theirs).get()).body.payment_id).toBe(other.body.payment_id);
    expect((await at('/transaction/payments', theirs).get({ order_id: id })).body.payments).toHaveLength(1);
    expect(codeOf(await at(`/transaction/payments/${own.body.payment_id}`, theirs).get())).toBe('404 payment_not_found');
  });

  it('cannot share a store: writing is a clear conflict, and reading finds nothing', async () => {
    const id = newId();
    await order(id, { storeId: 'TILL-MINE' }).put(anOrder());
    const asOther = order(id, { key: theirs, storeId: 'TILL-MINE' });
    expect(codeOf(await asOther.put(anOrder()))).toBe('409 store_conflict');
    expect(codeOf(await pay({ order_id: id, store_id: 'TILL-MINE', order: anOrder() }, { key: theirs }))).toBe('409 store_conflict');
    for (const answer of [await asOther.get(), await asOther.delete(), await asOther.tender(1)])
      expect(codeOf(answer)).toBe('404 store_not_found');
    for (const route of ['orders', 'events', 'snapshot'])
      expect(codeOf(await at(`/stores/TILL-MINE/${route}`, theirs).get())).toBe('404 store_not_found');
    await aStoreOf(api.db, api.tenant, 'POS-STORE');
    expect(codeOf(await order(id, { storeId: 'POS-STORE' }).put(anOrder()))).toBe('409 store_conflict');
  });

  it('are never shown the other’s payment, order, event or store, by any route', async () => {
    const id = newId();
    const { body: payment } = await pay({ order_id: id, store_id: 'TILL-A', order: anOrder() });
    await order(newId(), { storeId: 'TILL-A' }).put(anOrder());
    await order(id, { key: theirs, storeId: 'TILL-B' }).put(anOrder(1_000));
    const { next_cursor: cursor } = (await at('/stores/TILL-A/orders').get({ limit: 1 })).body;
    const send = (method: 'get' | 'post', path: string) =>
      supertest(api.url)
        [method](path)
        .set({ authorization: `Bearer ${theirs}`, 'idempotency-key': id, prefer: 'wait=0' })
        .send(method === 'post' ? { amount: 1_000, reason: 'cold' } : undefined);
    const payments = `/transaction/payments/${payment.payment_id}`;
    for (const path of ['', '/timeline', '/refunds', '/qr.svg', '/qr.png'])
      expect([path, codeOf(await send('get', `${payments}${path}`))]).toEqual([path, '404 payment_not_found']);
    for (const path of ['/check', '/cancel', '/refunds'])
      expect([path, codeOf(await send('post', `${payments}${path}`))]).toEqual([path, '404 payment_not_found']);
    for (const path of ['orders', 'orders/x', 'events', 'snapshot'])
      expect([path, codeOf(await send('get', `/stores/TILL-A/${path}`))]).toEqual([path, '404 store_not_found']);
    expect(codeOf(await send('post', '/stores/TILL-A/stream-token'))).toBe('404 store_not_found');
    for (const query of [{ order_id: id }, { store_id: 'TILL-A' }, {}])
      expect(JSON.stringify((await at('/transaction/payments', theirs).get(query)).body)).not.toContain(payment.payment_id);
    const listed = (await at('/stores/TILL-B/orders', theirs).get({ cursor })).body.orders as { total: number }[];
    expect(listed.every(({ total }) => total === 7_000)).toBe(true);
    expect((await order(id, { key: theirs, storeId: 'TILL-B' }).get()).body).toMatchObject({ total: 7_000, payment: null });
  });

  it('do not see an order by its key in the database', async () => {
    const id = newId();
    await order(id).put(anOrder());
    await pay({ order_id: id });
    expect(codeOf(await pay({ order_id: `warung-a/${id}` }, { key: theirs }))).toBe('404 order_not_found');
    expect(codeOf(await at(`/transaction/orders/${encodeURIComponent(`warung-a/${id}`)}/payment`, theirs).get())).toBe(
      '404 payment_not_found',
    );
    expect((await at('/transaction/payments', theirs).get({ order_id: `warung-a/${id}` })).body.payments).toEqual([]);
  });
});

describe('one tenant', () => {
  it('has an order_id once: at another of its stores it is a conflict, and is not found there', async () => {
    const id = newId();
    await order(id).put(anOrder());
    expect(codeOf(await order(id, { storeId: 'TILL-OTHER' }).put(anOrder()))).toBe('409 store_conflict');
    expect(codeOf(await order(id, { storeId: 'TILL-OTHER' }).get())).toBe('404 order_not_found');
    expect(codeOf(await order(id, { storeId: 'TILL-OTHER' }).delete())).toBe('404 order_not_found');
    expect((await order(id).get()).body.status).toBe('open');
  });

  it('is not shown a store that its key does not cover', async () => {
    const { secret } = await api.keyFor({ host: 'till', tenant: 'warung-a', stores: ['TILL-9'] });
    expect(codeOf(await order(newId(), { key: secret }).put(anOrder()))).toBe('404 store_not_found');
    expect(codeOf(await pay({ order_id: newId(), store_id: store, order: anOrder() }, { key: secret }))).toBe('404 store_not_found');
    expect((await order(newId(), { key: secret, storeId: 'TILL-9' }).put(anOrder())).status).toBe(201);
  });
});
