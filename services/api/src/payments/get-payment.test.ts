import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { PNG } from 'pngjs';
import { decodeQR } from 'qr/decode.js';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

const get = (path: string, key: string | null = api.key) => {
  const request = supertest(api.url).get(path);
  return key ? request.set('authorization', `Bearer ${key}`) : request;
};
const qr = '00020101021226620014COM.EXAMPLE.WWW5204581253033605405550005802ID5905Resto6007JAKARTA6304B1C2';

/** A payment in the state in which the worker leaves it after a provider returned a QR. */
async function onDisplay(): Promise<{ id: string; order: string }> {
  const order = await anOrder(api.db.pool);
  const { body } = await supertest(api.url)
    .post('/transaction/payments')
    .set({ authorization: `Bearer ${api.key}`, prefer: 'wait=0' })
    .send({ order_id: order });
  await api.db.pool.query(`update gateway.payments set status = 'pending', qr_string = $2, shown_attempt = 1 where id = $1`, [
    body.payment_id,
    qr,
  ]);
  return { id: body.payment_id, order };
}

describe('a payment', () => {
  it('shows its QR as long as the QR may be scanned', async () => {
    const { id } = await onDisplay();
    const { status, body } = await get(`/transaction/payments/${id}`);
    expect([status, body.status, body.qr_string]).toEqual([200, 'pending', qr]);
    await api.db.pool.query('update gateway.payments set hidden_at = $2 where id = $1', [id, api.clock.now()]);
    expect((await get(`/transaction/payments/${id}`)).body).toMatchObject({ status: 'pending', qr_string: null, qr_image_url: null });
  });

  it('is not found with the key of another tenant', async () => {
    const { id, order } = await onDisplay();
    const { secret } = await api.keyFor({ tenant: api.otherTenant });
    for (const path of [`/transaction/payments/${id}`, `/transaction/orders/${order}/payment`, `/transaction/payments/${id}/qr.svg`]) {
      const answer = await get(path, secret);
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, 'payment_not_found']);
    }
  });

  it.each(['pay_01jd0000000000000000000000', 'nonsense', '..%2f..'])('with the id %s is not found', async (id) => {
    const { status, body } = await get(`/transaction/payments/${id}`);
    expect([status, body.code]).toEqual([404, 'payment_not_found']);
  });
});

it('the QR image of one store is limited, by key and by signed link together', async () => {
  const { id } = await onDisplay();
  const link = new URL((await get(`/transaction/payments/${id}`)).body.qr_image_url as string);
  const statuses: number[] = [];
  for (let n = 0; n < 70; n++) {
    const isLink = n % 2 === 0;
    statuses.push((await get(isLink ? link.pathname + link.search : `/transaction/payments/${id}/qr.svg`, isLink ? null : api.key)).status);
  }
  expect([...new Set(statuses)].sort()).toEqual([200, 429]);
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(60);
  api.clock.advance(60_000); // the limit has its burst again for the next test
});

describe('a till that restarted', () => {
  it('finds the payment to show by any spelling of the order id', async () => {
    const { id, order } = await onDisplay();
    expect((await get(`/transaction/orders/${order}/payment`)).body.payment_id).toBe(id);
    expect((await get(`/transaction/orders/${order.toUpperCase()}/payment`)).body.payment_id).toBe(id);
  });

  /** Two payments of one order, the second one newer, with what is different from a payment that is paid, or closed. */
  async function twoPayments(older: Record<string, unknown>, newer: Record<string, unknown>): Promise<{ order: string; ids: string[] }> {
    const { id: first, order } = await onDisplay();
    const change = (id: string, values: Record<string, unknown>) => api.db.knex('gateway.payments').where({ id }).update(values);
    await change(first, { hidden_at: api.clock.now(), ...older });
    const { body } = await supertest(api.url)
      .post('/transaction/payments')
      .set({ authorization: `Bearer ${api.key}`, prefer: 'wait=0' })
      .send({ order_id: order });
    await change(body.payment_id, newer);
    return { order, ids: [first, body.payment_id] };
  }
  const now = new Date();
  const paid = { status: 'paid', received_idr: 55_000, paid_at: now };

  it.each([
    ['a settled payment before a newer one that closed without money', paid, { status: 'expired', hidden_at: now }, 0],
    [
      'a refunded payment before a newer one that was cancelled',
      { ...paid, status: 'refunded' },
      { status: 'cancelled', hidden_at: now },
      0,
    ],
    ['a live QR before an older settled payment', paid, { status: 'created' }, 1],
    ['a payment that may have been paid before an older settled one', paid, { hidden_at: now, review_since: now }, 1],
    ['the newest of two closed payments', { status: 'expired' }, { status: 'cancelled', hidden_at: now }, 1],
  ])('is shown %s', async (_, older, newer, shown) => {
    const { order, ids } = await twoPayments(older, newer);
    expect((await get(`/transaction/orders/${order}/payment`)).body.payment_id).toBe(ids[shown]);
  });

  it('learns that there is no payment, and how to create one', async () => {
    const { status, body } = await get(`/transaction/orders/${await anOrder(api.db.pool)}/payment`);
    expect([status, body.code]).toEqual([404, 'payment_not_found']);
    expect(body.detail).toMatch(/POST \/transaction\/payments/);
  });
});

describe('the image of a QR', () => {
  const linkOf = async (id: string): Promise<URL> => new URL((await get(`/transaction/payments/${id}`)).body.qr_image_url);

  it('opens with the signed link alone, and is not cached', async () => {
    const { id } = await onDisplay();
    const { pathname, search } = await linkOf(id);
    const svg = await get(`${pathname}${search}`, null);
    expect([svg.status, svg.type, svg.headers['cache-control']]).toEqual([200, 'image/svg+xml', 'no-store']);
    const png = await get(`${pathname.replace('.svg', '.png')}${search}`, null);
    expect([png.status, png.type, png.body.subarray(1, 4).toString()]).toEqual([200, 'image/png', 'PNG']);
  });

  it('opens with a key, and its PNG decodes to the QR text', async () => {
    const { id } = await onDisplay();
    const png = await get(`/transaction/payments/${id}/qr.png`);
    expect([png.status, decodeQR(PNG.sync.read(png.body))]).toEqual([200, (await get(`/transaction/payments/${id}`)).body.qr_string]);
  });

  it('does not open without a key or with a signature of another payment', async () => {
    const { id } = await onDisplay();
    const other = await linkOf((await onDisplay()).id);
    for (const query of ['', '?sig=', '?sig=AAAA', other.search, `?sig=x&sig=y`]) {
      expect([query, (await get(`/transaction/payments/${id}/qr.svg${query}`, null)).status]).toEqual([query, 401]);
    }
  });

  it('is 410 when the QR may not be scanned any more', async () => {
    const { id } = await onDisplay();
    const { pathname, search } = await linkOf(id);
    api.clock.advance(900_000);
    const late = await get(`${pathname}${search}`, null);
    expect([late.status, late.body.code]).toEqual([410, 'qr_gone']);
  });
});
