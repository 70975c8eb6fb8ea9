import { insertPayment, type Payment } from '../../../../packages/shared/src/store/index.ts';
import { aPayment } from '../../../../testing/a-payment.ts';
import { aStoreOf, happen, number } from '../../../../testing/telling.ts';
import { type FrontDesk, openFrontDesk } from '../../test/front-desk.ts';

let desk: FrontDesk;
let store: string;

beforeAll(async () => {
  desk = await openFrontDesk();
});
afterAll(() => desk.close());
beforeEach(async () => {
  store = await aStoreOf(desk.db, desk.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});

interface Snapshot {
  store_id: string;
  seq: number;
  payments: { payment_id: string; status: string }[];
  orders: { event_id: string; seq: number }[];
}

async function look(): Promise<Snapshot> {
  const answer = await fetch(`${desk.url}/stores/${store}/snapshot`, { headers: { authorization: `Bearer ${desk.key}` } });
  return (await answer.json()) as Snapshot;
}

async function keep(given: Partial<Payment>): Promise<string> {
  const payment = aPayment({ storeId: store, tenant: desk.tenant, ...given });
  await insertPayment(desk.db.pool, payment);
  return payment.id;
}
const close = (id: string) => desk.db.pool.query({ text: `update gateway.payments set status = 'cancelled' where id = $1`, values: [id] });

describe('the snapshot of a store', () => {
  it('is empty, and true at 0, before anything happened', async () => {
    expect(await look()).toEqual({ store_id: store, seq: 0, payments: [], orders: [] });
  });

  it('shows the payments that are open, as anybody sees them, and no others', async () => {
    const open = await keep({});
    await close(await keep({}));
    await keep({ storeId: 'JKT-99' });
    const answer = await fetch(`${desk.url}/transaction/payments/${open}`, { headers: { authorization: `Bearer ${desk.key}` } });
    expect((await look()).payments).toEqual([await answer.json()]);
  });

  it('shows what the kitchen was told to cook in the last twelve hours, as it was told', async () => {
    const before = (ms: number) => new Date(desk.clock.now().getTime() - ms);
    await happen(desk.db, store, { type: 'order.paid', at: before(12 * 3_600_000 + 1) });
    const [cooking] = await happen(desk.db, store, { type: 'order.paid', at: before(60_000), data: { items: [], release: 1 } });
    await happen(desk.db, store, { type: 'payment.paid' });
    await number(desk.db);
    expect(await look()).toMatchObject({ seq: 3, orders: [{ ...cooking, seq: 2 }] });
  });

  it('is true at its number: what has none yet is not in it, since it will come as an event', async () => {
    await happen(desk.db, store, { type: 'order.paid' });
    await number(desk.db);
    await happen(desk.db, store, { type: 'order.paid' });
    expect(await look()).toMatchObject({ seq: 1, orders: [{ seq: 1 }] });
  });
});
