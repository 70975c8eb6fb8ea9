import { type Payment, rupiah } from '@gateway/shared/payment';
import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { aPayment, type PaymentOverrides } from '@gateway/testing/worker/payment-fixture';
import supertest from 'supertest';

let api: ApiHarness;
let start: number;
beforeAll(async () => {
  api = await startApiHarness();
  start = api.clock.now().getTime();
});
afterAll(() => api.close());

/** Inserts a payment that was created `seconds` after the start. */
async function insertAt(seconds: number, overrides: PaymentOverrides = {}): Promise<Payment> {
  const createdAt = new Date(start + seconds * 1_000);
  const payment = aPayment({
    tenant: api.tenant,
    createdAt,
    updatedAt: createdAt,
    expiresAt: new Date(start + 9_000_000),
    amount: rupiah(10_000 + seconds),
    ...overrides,
  });
  await payments.insert(api.db.pool, payment);
  return payment;
}
const list = async (query: Record<string, string | number>, secret = api.key) => {
  const { status, body } = await supertest(api.url).get('/transaction/payments').query(query).set('authorization', `Bearer ${secret}`);
  return {
    status,
    body,
    ids: body.payments?.map(({ payment_id }: { payment_id: string }) => payment_id) as string[],
    next: body.next_cursor,
  };
};

describe('the list of payments', () => {
  it('is newest first, in pages that do not shift when payments are created in the meantime', async () => {
    const sameMoment = await Promise.all([1, 1, 1, 1].map((at) => insertAt(at, { storeId: 'PAGE' })));
    const all = [
      ...sameMoment.map(({ id }) => id).sort(),
      (await insertAt(2, { storeId: 'PAGE' })).id,
      (await insertAt(3, { storeId: 'PAGE' })).id,
    ].reverse();
    const first = await list({ store_id: 'PAGE', limit: 2 });
    expect([first.status, first.ids]).toEqual([200, all.slice(0, 2)]);
    await insertAt(4, { storeId: 'PAGE' });
    const second = await list({ store_id: 'PAGE', limit: 2, cursor: first.next });
    const third = await list({ store_id: 'PAGE', limit: 2, cursor: second.next });
    expect([second.ids, third.ids, third.next]).toEqual([all.slice(2, 4), all.slice(4), null]);
    expect(first.body.payments[0]).toMatchObject({ amount: 10_003, status: 'created', store_id: 'PAGE' });
  });

  it('can be filtered by order, status, time, and whether a QR is live', async () => {
    const storeId = 'NARROW';
    const [created, paid, expired, hidden] = (await Promise.all([10, 20, 30, 40].map((at) => insertAt(at, { storeId })))) as [
      Payment,
      Payment,
      Payment,
      Payment,
    ];
    await api.db.pool.query(`update gateway.payments set status = 'paid', paid_at = now() where id = $1`, [paid.id]);
    await api.db.pool.query('update gateway.payments set expires_at = $2 where id = $1', [expired.id, new Date(start)]);
    await api.db.pool.query('update gateway.payments set hidden_at = now() where id = $1', [hidden.id]);
    const time = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
    const ids = async (query: Record<string, string>) => (await list({ store_id: storeId, ...query })).ids;
    expect(await ids({ order_id: paid.orderKey })).toEqual([paid.id]);
    expect(await ids({ status: 'paid' })).toEqual([paid.id]);
    expect(await ids({ live: 'true' })).toEqual([created.id]);
    expect(await ids({ live: 'false' })).toEqual([hidden.id, expired.id, paid.id]);
    expect(await ids({ from: time(20), to: time(40) })).toEqual([expired.id, paid.id]);
    expect(await ids({ from: time(20).replace('Z', '+00:00'), status: 'created', live: 'false' })).toEqual([hidden.id, expired.id]);
  });

  it('finds an order by any spelling of its id', async () => {
    const orderKey = await anOrder(api.db.pool);
    const { id } = await insertAt(50, { orderKey });
    expect((await list({ order_id: orderKey.toUpperCase() })).ids).toEqual([id]);
    expect((await list({ order_id: 'no order' })).ids).toEqual([]);
  });

  it('shows only payments of the tenant and the stores of the key', async () => {
    await insertAt(60, { storeId: 'MINE' });
    const otherTenantKey = await api.keyFor({ tenant: api.otherTenant });
    const limited = await api.keyFor({ stores: ['NARROW'] });
    expect((await list({}, otherTenantKey.secret)).ids).toEqual([]);
    expect(new Set((await list({}, limited.secret)).body.payments.map(({ store_id }: { store_id: string }) => store_id))).toEqual(
      new Set(['NARROW']),
    );
    expect((await list({ store_id: 'MINE' }, limited.secret)).body.code).toBe('store_not_found');
    expect((await list({}, (await api.keyFor({ scopes: ['refunds'] })).secret)).body.code).toBe('forbidden');
  });

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 201 }, 'limit'],
    [{ limit: 'many' }, 'limit'],
    [{ limit: '1e2' }, 'limit'],
    [{ status: 'settled' }, 'status'],
    [{ live: 'yes' }, 'live'],
    [{ from: 'yesterday' }, 'from'],
    [{ to: '2026-13-01T00:00:00Z' }, 'to'],
    [{ cursor: 'x' }, 'cursor'],
    [{ page: 2 }, 'page'],
  ])('names the invalid field of %j', async (query, field) => {
    const { status, body } = await list(query as Record<string, string>);
    expect([status, body.code, body.errors[0].path]).toEqual([400, 'validation_failed', field]);
  });
});
