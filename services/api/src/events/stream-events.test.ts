import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, assignSequence, runRelay } from '@gateway/testing/relay/event-fixtures';
import { type EventSource, openEventSource } from '@gateway/testing/stack/event-source';

let api: ApiHarness;
let store: string;
const open: EventSource[] = [];

beforeAll(async () => {
  api = await startApiHarness({ streams: { pace: { pingMs: 40 } } });
});
afterAll(() => api.close());
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const source of open.splice(0)) source.close();
});

async function listen(query = '', headers: Record<string, string> = {}): Promise<EventSource> {
  const source = await openEventSource(`${api.url}/stores/${store}/events${query}`, { authorization: `Bearer ${api.key}`, ...headers });
  open.push(source);
  return source;
}
const appendNumbered = async (count: number) => {
  await appendEvents(api.db, store, { count });
  return assignSequence(api.db);
};
const publish = async (count = 1) => {
  await appendEvents(api.db, store, { count });
  await runRelay(api.db, api.redis);
};

describe('the events of a store, as a stream', () => {
  it('are the events after `after`, then the new ones, each with its seq as id and the bytes that are published', async () => {
    const published = await appendNumbered(3);
    const source = await listen('?after=1');
    await source.waitsFor(2);
    await publish();
    await source.waitsFor(3);
    expect(source.seqs).toEqual([2, 3, 4]);
    expect(source.text).toContain(`\n\nid: 2\ndata: ${published[1]?.body}\n\nid: 3\n`);
  });

  it('are not buffered by a cache or a proxy', async () => {
    const { headers } = await listen();
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  });

  it('resume after Last-Event-ID, which wins over `after`', async () => {
    await appendNumbered(3);
    const source = await listen('?after=0', { 'last-event-id': '2' });
    await source.waitsForComment('live');
    expect(source.seqs).toEqual([3]);
  });

  it('begin with the oldest stored event when `after` is missing', async () => {
    await appendNumbered(2);
    const source = await listen();
    await source.waitsFor(2);
    expect(source.seqs).toEqual([1, 2]);
  });

  it('begin with a reconnection time, then a comment when live, then a comment at each ping', async () => {
    const source = await listen();
    await source.waitsForComment('live');
    await eventually(() => source.text.split(': ping\n\n').length > 2);
    expect(source.text).toMatch(/^retry: \d+\n\n: live\n\n/);
  });

  it('continue over many pages without a gap or a repeat', async () => {
    await appendNumbered(350);
    const source = await listen('?after=0');
    await source.waitsForComment('live');
    expect(source.seqs).toEqual(Array.from({ length: 350 }, (_, index) => index + 1));
  });

  it('arrive without a message from Redis', async () => {
    const source = await listen();
    await source.waitsForComment('live');
    await appendNumbered(2);
    await source.waitsFor(2);
    expect(source.seqs).toEqual([1, 2]);
  });

  it('are only the events of this store', async () => {
    const source = await listen();
    const other = await aStoreOf(api.db, api.tenant, `${store}-other`);
    await appendEvents(api.db, other);
    await publish();
    await source.waitsFor(1);
    expect(source.events.map(({ store_id }) => store_id)).toEqual([store]);
  });
});

describe('a stream that cannot be opened', () => {
  it('is answered with a problem: 410, 404, 400, 401 or 403', async () => {
    const { secret } = await api.keyFor({ scopes: ['payments'] });
    const answers = [
      await listen('?after=5'),
      await openEventSource(`${api.url}/stores/NONE-01/events`, { authorization: `Bearer ${api.key}` }),
      await listen('', { 'last-event-id': 'x' }),
      await listen('', { authorization: '' }),
      await listen('', { authorization: `Bearer ${secret}` }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([410, 404, 400, 401, 403]);
    expect(answers[0]?.headers['content-type']).toMatch('application/problem+json');
    await eventually(() => answers[0]?.text.includes('"oldest_seq":1'));
  });
});

describe('a key that loses its rights', () => {
  it.each([
    ['revoked', (id: string) => api.revoke(id)],
    ['limited to other stores', (id: string) => api.change(id, { stores: ['JKT-77'] })],
    ['without the scope events', (id: string) => api.change(id, { scopes: ['payments'] })],
  ])('loses its open streams, and no other stream closes: %s', async (_, withdraw) => {
    const { id, secret } = await api.keyFor({});
    const [revoked, others] = [await listen('', { authorization: `Bearer ${secret}` }), await listen()];
    await Promise.all([revoked.waitsForComment('live'), others.waitsForComment('live')]);
    await withdraw(id);
    await eventually(() => revoked.ended === 'ended');
    expect(others.ended).toBe('no');
  });
});

describe('a store whose numbering changes while streams are open', () => {
  it('closes the streams when the numbering jumps ahead, and answers 410 when they resume', async () => {
    await appendNumbered(2);
    const source = await listen();
    await source.waitsForComment('live');
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 9, replay_from = 10 where store_id = $1', values: [store] });
    await appendNumbered(1);
    await eventually(() => source.ended === 'ended');
    expect(source.seqs).toEqual([1, 2]);
    expect((await listen('', { 'last-event-id': '2' })).status).toBe(410);
  });

  it('does the same when the numbering moves back behind what was sent', async () => {
    await appendNumbered(3);
    const source = await listen();
    await source.waitsForComment('live');
    await api.db.pool.query({ text: 'delete from gateway.outbox where store_id = $1 and seq > 1', values: [store] });
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 1 where store_id = $1', values: [store] });
    await eventually(() => source.ended === 'ended');
    expect((await listen('', { 'last-event-id': '3' })).status).toBe(410);
  });
});

describe('a deployment', () => {
  it('ends every stream with a reconnection time, and the next process continues at the same seq', async () => {
    await appendNumbered(1);
    const source = await listen();
    await source.waitsForComment('live');
    await api.restart();
    await eventually(() => source.ended === 'ended');
    expect(source.text).toMatch(/\n\nretry: \d+\n\n$/);
    await appendNumbered(1);
    const next = await listen('', { 'last-event-id': '1' });
    await next.waitsFor(1);
    expect(next.seqs).toEqual([2]);
  });
});

describe('an unavailable database', () => {
  it('closes the streams after the time limit, and they can be opened again when the database is back', async () => {
    const isolatedApi = await startApiHarness({ streams: { readFailureLimitMs: 200, pollIntervalMs: 20 } });
    try {
      await aStoreOf(isolatedApi.db, isolatedApi.tenant, 'JKT-01');
      const url = `${isolatedApi.url}/stores/JKT-01/events`;
      const key = { authorization: `Bearer ${isolatedApi.key}` };
      const source = await openEventSource(url, key);
      await source.waitsForComment('live');
      await isolatedApi.databaseProxy.disconnect();
      await eventually(() => source.ended === 'ended');
      expect((await openEventSource(url, key)).status).toBe(503);
      await isolatedApi.databaseProxy.reconnect();
      const reopened = await openEventSource(url, key);
      await reopened.waitsForComment('live');
      reopened.close();
    } finally {
      await isolatedApi.close();
    }
  });
});
