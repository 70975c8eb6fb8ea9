import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, runRelay } from '@gateway/testing/relay/event-fixtures';
import { type EventSource, openEventSource } from '@gateway/testing/stack/event-source';

let api: ApiHarness;
let store: string;
const open: EventSource[] = [];

beforeAll(async () => {
  api = await startApiHarness({ streams: { pollIntervalMs: 600_000, pace: { slowClientLimitMs: 500 } } });
});
afterAll(() => api.close());
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const source of open.splice(0)) source.close();
});

const address = () => `${api.url}/stores/${store}/events`;
async function live(after: number | null = null, key = api.key): Promise<EventSource> {
  const source = await openEventSource(`${address()}${after === null ? '' : `?after=${after}`}`, { authorization: `Bearer ${key}` });
  open.push(source);
  await source.waitsForComment('live');
  return source;
}
const publish = async (count = 1, data = {}) => {
  await appendEvents(api.db, store, { count, data });
  await runRelay(api.db, api.redis);
};
const reads = () => api.statements.get('store-events') ?? 0;
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe('the streams of one store', () => {
  it('are served by one database read', async () => {
    const before = reads();
    const sources = await Promise.all([live(), live(), live()]);
    await eventually(() => reads() === before + 4); // one for the first page of each stream, and one when the subscription is active
    await publish();
    await Promise.all(sources.map((source) => source.waitsFor(1)));
    expect(reads()).toBe(before + 5);
  });

  it('are served by one read also when the events do not fit into one write', async () => {
    const sources = await Promise.all(from(0, 20).map(() => live()));
    const before = reads();
    await publish(90, { note: 'x'.repeat(2_000) });
    await Promise.all(sources.map((source) => source.waitsFor(90)));
    expect(reads()).toBeLessThan(before + 5); // Pub/Sub may wake the feed several times
  });

  it('get the same events without a gap or a repeat, 200 streams from any seq, also when they open late', async () => {
    await publish(120);
    const early = await Promise.all(from(0, 100).map((after) => live(after)));
    const late = from(0, 100).map(async (after) => {
      const source = await openEventSource(`${address()}?after=${after}`, { authorization: `Bearer ${api.key}` });
      open.push(source);
      return source;
    });
    for (let round = 0; round < 20; round += 1) await publish(9);
    const all = [...early, ...(await Promise.all(late))];
    await Promise.all(all.map((source) => eventually(() => source.seqs.at(-1) === 300)));
    for (const [index, source] of all.entries()) expect(source.seqs).toEqual(from((index % 100) + 1, 300 - (index % 100)));
  });

  it('end their Redis subscription when the last one closes', async () => {
    const channel = `order:channel:${store}`;
    const subscribers = async () => (await api.redis.pubsub('NUMSUB', channel))[1];
    const [one, two] = [await live(), await live()];
    await eventually(async () => (await subscribers()) === 1);
    one.close();
    two.close();
    await eventually(async () => (await subscribers()) === 0);
  });
});

describe('a process with the largest number of streams', () => {
  it('answers 429 to one more, and accepts it after another one has closed', async () => {
    const smallApi = await startApiHarness({ streams: { quotas: { process: 2 } } });
    const storeId = await aStoreOf(smallApi.db, smallApi.tenant, 'JKT-01');
    const openStream = () => openEventSource(`${smallApi.url}/stores/${storeId}/events`, { authorization: `Bearer ${smallApi.key}` });
    const [one, two] = [await openStream(), await openStream()];
    const refused = await openStream();
    expect([one.status, two.status, refused.status, refused.headers['retry-after']]).toEqual([200, 200, 429, '5']);
    one.close();
    await eventually(async () => (await smallApi.metric('gateway_event_streams')) === 1);
    const third = await openStream();
    expect(third.status).toBe(200);
    for (const source of [two, third]) source.close();
    await smallApi.close();
  });
});

describe('a client that does not read', () => {
  const bulk = { note: 'x'.repeat(30_000) };

  it('is dropped without an effect on other streams, and resumes after reconnecting', async () => {
    const [slow, quick] = [await live(), await live()];
    slow.stopReading();
    await publish(250, bulk); // more than the kernel buffers for one socket
    await quick.waitsFor(250);
    await eventually(async () => (await api.metric('gateway_event_streams_dropped_total')) === 1);
    slow.resumeReading();
    await eventually(() => slow.ended === 'cut off');
    const got = slow.seqs;
    expect(got.length).toBeLessThan(250);
    expect(got).toEqual(from(1, got.length));
    const resumed = await live(got.length);
    expect(resumed.seqs).toEqual(from(got.length + 1, 250 - got.length));
  });

  it('is served at its own speed when it reads slowly', async () => {
    const slow = await live();
    const pausing = setInterval(() => {
      slow.stopReading();
      setTimeout(() => slow.resumeReading(), 20);
    }, 40);
    await publish(250, bulk);
    await slow.waitsFor(250);
    clearInterval(pausing);
    expect(slow.seqs).toEqual(from(1, 250));
    expect(slow.ended).toBe('no');
  });
});
