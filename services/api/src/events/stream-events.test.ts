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
const numbered = async (count: number) => {
  await appendEvents(api.db, store, { count });
  return assignSequence(api.db);
};
const publish = async (count = 1) => {
  await appendEvents(api.db, store, { count });
  await runRelay(api.db, api.redis);
};

describe('the events of a store, as a stream', () => {
  it('are what follows `after`, then what comes, each with its seq as id, byte for byte as published', async () => {
    const published = await numbered(3);
    const source = await listen('?after=1');
    await source.waitsFor(2);
    await publish();
    await source.waitsFor(3);
    expect(source.seqs).toEqual([2, 3, 4]);
    expect(source.text).toContain(`\n\nid: 2\ndata: ${published[1]?.body}\n\nid: 3\n`);
  });

  it('are not kept back by a cache or a proxy', async () => {
    const { headers } = await listen();
    expect(headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    });
  });

  it('resume after Last-Event-ID, whatever the address says', async () => {
    await numbered(3);
    const source = await listen('?after=0', { 'last-event-id': '2' });
    await source.waitsForComment('live');
    expect(source.seqs).toEqual([3]);
  });

  it('are all that is kept when nothing is said', async () => {
    await numbered(2);
    const source = await listen();
    await source.waitsFor(2);
    expect(source.seqs).toEqual([1, 2]);
  });

  it('begin with when to come back, say when they are live, and prove again and again that the line is', async () => {
    const source = await listen();
    await source.waitsForComment('live');
    await eventually(() => source.text.split(': ping\n\n').length > 2);
    expect(source.text).toMatch(/^retry: \d+\n\n: live\n\n/);
  });

  it('come over many pages without a gap or a double', async () => {
    await numbered(350);
    const source = await listen('?after=0');
    await source.waitsForComment('live');
    expect(source.seqs).toEqual(Array.from({ length: 350 }, (_, index) => index + 1));
  });

  it('come while Redis says nothing', async () => {
    const source = await listen();
    await source.waitsForComment('live');
    await numbered(2);
    await source.waitsFor(2);
    expect(source.seqs).toEqual([1, 2]);
  });

  it('are only those of the store', async () => {
    const source = await listen();
    const other = await aStoreOf(api.db, api.tenant, `${store}-other`);
    await appendEvents(api.db, other);
    await publish();
    await source.waitsFor(1);
    expect(source.events.map(({ store_id }) => store_id)).toEqual([store]);
  });
});

describe('a stream that cannot begin', () => {
  it('is answered with the problem: 410, 404, 400, 401, 403', async () => {
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

describe('a key that is taken away', () => {
  it.each([
    ['revoked', (id: string) => api.revoke(id)],
    ['limited to other stores', (id: string) => api.change(id, { stores: ['JKT-77'] })],
    ['left without the scope', (id: string) => api.change(id, { scopes: ['payments'] })],
  ])('takes its streams with it, and nobody else’s: %s', async (_what, withdraw) => {
    const { id, secret } = await api.keyFor({});
    const [revoked, others] = [await listen('', { authorization: `Bearer ${secret}` }), await listen()];
    await Promise.all([revoked.waitsForComment('live'), others.waitsForComment('live')]);
    await withdraw(id);
    await eventually(() => revoked.ended === 'ended');
    expect(others.ended).toBe('no');
  });
});

describe('a store whose numbering jumps while screens listen', () => {
  it('ends their streams; when they come back they are told 410, and begin anew', async () => {
    await numbered(2);
    const source = await listen();
    await source.waitsForComment('live');
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 9, replay_from = 10 where store_id = $1', values: [store] });
    await numbered(1);
    await eventually(() => source.ended === 'ended');
    expect(source.seqs).toEqual([1, 2]);
    expect((await listen('', { 'last-event-id': '2' })).status).toBe(410);
  });

  it('does so too when it has moved back behind what was heard', async () => {
    await numbered(3);
    const source = await listen();
    await source.waitsForComment('live');
    await api.db.pool.query({ text: 'delete from gateway.outbox where store_id = $1 and seq > 1', values: [store] });
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 1 where store_id = $1', values: [store] });
    await eventually(() => source.ended === 'ended');
    expect((await listen('', { 'last-event-id': '3' })).status).toBe(410);
  });
});

describe('a deploy', () => {
  it('ends every stream as it should end, with when to come back; the next process goes on where it was', async () => {
    await numbered(1);
    const source = await listen();
    await source.waitsForComment('live');
    await api.restart();
    await eventually(() => source.ended === 'ended');
    expect(source.text).toMatch(/\n\nretry: \d+\n\n$/);
    await numbered(1);
    const next = await listen('', { 'last-event-id': '1' });
    await next.waitsFor(1);
    expect(next.seqs).toEqual([2]);
  });
});

describe('a database that is away', () => {
  it('leaves streams open for a while, then ends them, so that screens can say so; they come back when it does', async () => {
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
      const back = await openEventSource(url, key);
      await back.waitsForComment('live');
      back.close();
    } finally {
      await isolatedApi.close();
    }
  });
});
