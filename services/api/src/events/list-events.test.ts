import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';

let api: ApiHarness;
let store: string;

beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});

async function get(path: string, { key = api.key, ...headers }: Record<string, string> = {}) {
  const answer = await fetch(`${api.url}${path}`, { headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers } });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown> & { events: { seq: number; event_id: string }[] },
  };
}
const seqs = ({ body }: Awaited<ReturnType<typeof get>>) => body.events.map(({ seq }) => seq);
const events = (query: string) => get(`/stores/${store}/events${query}`);

describe('the events of a store, as a list', () => {
  it('follow `after`, in order, exactly as they are published', async () => {
    await appendEvents(api.db, store, { count: 5 });
    const published = await assignSequence(api.db);
    const answer = await events('?after=2');
    expect(answer.body).toEqual({ events: published.slice(2).map(({ body }) => JSON.parse(body)), next_after: 5, oldest_seq: 1 });
  });

  it('come in pages, and each page names the `after` of the next one', async () => {
    await appendEvents(api.db, store, { count: 5 });
    await assignSequence(api.db);
    const first = await events('?after=0&limit=3');
    const second = await events(`?after=${first.body.next_after}&limit=3`);
    expect([seqs(first), seqs(second), second.body.next_after]).toEqual([[1, 2, 3], [4, 5], 5]);
  });

  it('are an empty list before the first event and after the last one', async () => {
    expect((await events('?after=0')).body).toEqual({ events: [], next_after: 0, oldest_seq: 1 });
    await appendEvents(api.db, store);
    await assignSequence(api.db);
    expect((await events('?after=1')).body).toEqual({ events: [], next_after: 1, oldest_seq: 1 });
  });

  it('are listed once they have a sequence number, also before they are published on Redis', async () => {
    await appendEvents(api.db, store);
    expect(seqs(await events('?after=0'))).toEqual([]);
    await assignSequence(api.db);
    expect(seqs(await events('?after=0'))).toEqual([1]);
  });

  it('begin with the oldest stored event when `after` is missing', async () => {
    await appendEvents(api.db, store, { count: 4 });
    await assignSequence(api.db);
    await deleteEvents('seq <= 2');
    const answer = await events('');
    expect([seqs(answer), answer.body.oldest_seq]).toEqual([[3, 4], 3]);
  });

  it.each(['after=-1', 'after=x', 'after=1&after=2', 'limit=0', 'limit=1001', 'limit='])('are refused with %s', async (query) => {
    const { status, body } = await events(`?${query}`);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });
});

const deleteEvents = (which: string) =>
  api.db.pool.query({ text: `delete from gateway.outbox where store_id = $1 and ${which}`, values: [store] });

describe('events that are no longer stored', () => {
  it('are 410 events_gone, with the oldest stored seq', async () => {
    await appendEvents(api.db, store, { count: 5 });
    await assignSequence(api.db);
    await deleteEvents('seq <= 3');
    expect(await events('?after=2')).toMatchObject({ status: 410, body: { code: 'events_gone', oldest_seq: 4 } });
    expect(seqs(await events('?after=3'))).toEqual([4, 5]);
  });

  it('are 410 also when no event is stored, except for a client that has read all of them', async () => {
    await appendEvents(api.db, store, { count: 2 });
    await assignSequence(api.db);
    await deleteEvents('true');
    expect(await events('?after=1')).toMatchObject({ status: 410, body: { oldest_seq: 3 } });
    expect((await events('?after=2')).body).toEqual({ events: [], next_after: 2, oldest_seq: 3 });
  });

  it('leave no gap in a list: the list ends before the gap, and the next page is 410', async () => {
    await appendEvents(api.db, store, { count: 5 });
    await assignSequence(api.db);
    await deleteEvents('seq = 3'); // as when an event is numbered after midnight and dropped with the partition of its day
    expect(seqs(await events('?after=0'))).toEqual([1, 2]);
    expect((await events('?after=2')).status).toBe(410);
  });

  it('are 410 after a seq that does not exist yet', async () => {
    expect((await events('?after=7')).status).toBe(410);
  });

  it('are 410 below the seq at which numbering continued after a restored backup', async () => {
    await appendEvents(api.db, store, { count: 2 });
    await assignSequence(api.db);
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 9, replay_from = 10 where store_id = $1', values: [store] });
    await appendEvents(api.db, store);
    await assignSequence(api.db);
    expect(await events('?after=2')).toMatchObject({ status: 410, body: { oldest_seq: 10 } });
    expect(seqs(await events('?after=9'))).toEqual([10]);
  });
});

describe('the events of a store that the key does not cover', () => {
  it('are 404: another tenant’s store, a store without the right, and a store that does not exist', async () => {
    await aStoreOf(api.db, api.otherTenant, 'STR-01');
    const { secret } = await api.keyFor({ stores: ['JKT-77'] });
    const answers = await Promise.all([
      get('/stores/STR-01/events'),
      get(`/stores/${store}/events`, { key: secret }),
      get('/stores/NONE-01/events'),
      get('/stores/STR-01/snapshot'),
      get('/stores/..%2f/events'),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'store_not_found']));
  });

  it('are 403 without the scope, and 401 without a key', async () => {
    const { secret } = await api.keyFor({ scopes: ['payments'] });
    expect((await get(`/stores/${store}/events`, { key: secret })).status).toBe(403);
    expect((await get(`/stores/${store}/events`, { key: '' })).status).toBe(401);
  });
});
