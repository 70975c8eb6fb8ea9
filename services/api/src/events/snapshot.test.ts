import { plusMs } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';
import { aPayment, type PaymentOverrides } from '@gateway/testing/worker/payment-fixture';

let api: ApiHarness;
let store: string;

beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});

interface Snapshot {
  store_id: string;
  seq: number;
  payments: { payment_id: string; status: string }[];
  orders: { event_id: string; seq: number }[];
}

async function getSnapshot(): Promise<Snapshot> {
  const answer = await fetch(`${api.url}/stores/${store}/snapshot`, { headers: { authorization: `Bearer ${api.key}` } });
  return (await answer.json()) as Snapshot;
}

async function insert(overrides: PaymentOverrides): Promise<string> {
  const payment = aPayment({ storeId: store, tenant: api.tenant, ...overrides });
  await payments.insert(api.db.pool, payment);
  return payment.id;
}
const cancel = (id: string) => api.db.pool.query({ text: `update gateway.payments set status = 'cancelled' where id = $1`, values: [id] });

describe('the snapshot of a store', () => {
  it('is empty at seq 0 before the first event', async () => {
    expect(await getSnapshot()).toEqual({ store_id: store, seq: 0, payments: [], orders: [] });
  });

  it('has exactly the open payments, as the payment route shows them', async () => {
    const open = await insert({});
    await cancel(await insert({}));
    await insert({ storeId: 'JKT-99' });
    const answer = await fetch(`${api.url}/transaction/payments/${open}`, { headers: { authorization: `Bearer ${api.key}` } });
    expect((await getSnapshot()).payments).toEqual([await answer.json()]);
  });

  it('has the order.paid events of the last twelve hours, as they are published', async () => {
    const before = (ms: number) => plusMs(api.clock.now(), -ms);
    await appendEvents(api.db, store, { type: 'order.paid', at: before(12 * 3_600_000 + 1) });
    const [cooking] = await appendEvents(api.db, store, { type: 'order.paid', at: before(60_000), data: { items: [], release: 1 } });
    await appendEvents(api.db, store, { type: 'payment.paid' });
    await assignSequence(api.db);
    expect(await getSnapshot()).toMatchObject({ seq: 3, orders: [{ ...cooking, seq: 2 }] });
  });

  it('has no event without a sequence number, because that one will be sent as an event', async () => {
    await appendEvents(api.db, store, { type: 'order.paid' });
    await assignSequence(api.db);
    await appendEvents(api.db, store, { type: 'order.paid' });
    expect(await getSnapshot()).toMatchObject({ seq: 1, orders: [{ seq: 1 }] });
  });
});
