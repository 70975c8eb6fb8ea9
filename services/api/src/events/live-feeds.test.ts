import { type EventSource, openEventSource } from '../../../../testing/event-source.ts';
import { eventually } from '../../../../testing/eventually.ts';
import { aStoreOf, happen, relay } from '../../../../testing/telling.ts';
import { type FrontDesk, openFrontDesk } from '../../test/front-desk.ts';

let desk: FrontDesk;
let store: string;
const open: EventSource[] = [];

beforeAll(async () => {
  desk = await openFrontDesk({ streams: { lookMs: 600_000, pace: { unreadMs: 500 } } });
});
afterAll(() => desk.close());
beforeEach(async () => {
  store = await aStoreOf(desk.db, desk.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const source of open.splice(0)) source.close();
});

const address = () => `${desk.url}/stores/${store}/events`;
async function live(after: number | null = null, key = desk.key): Promise<EventSource> {
  const source = await openEventSource(`${address()}${after === null ? '' : `?after=${after}`}`, { authorization: `Bearer ${key}` });
  open.push(source);
  await source.says('live');
  return source;
}
const told = async (count = 1, data = {}) => {
  await happen(desk.db, store, { count, data });
  await relay(desk.db, desk.redis);
};
const reads = () => desk.statements.get('store-events') ?? 0;
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

describe('everybody who listens to a store', () => {
  it('is served by one read', async () => {
    const before = reads();
    const sources = await Promise.all([live(), live(), live()]);
    await eventually(() => reads() === before + 4); // each looked once where to begin, and the subscription once more
    await told();
    await Promise.all(sources.map((source) => source.hears(1)));
    expect(reads()).toBe(before + 5);
  });

  it('is served by one read also when more happens at once than fits into one write', async () => {
    const sources = await Promise.all(from(0, 20).map(() => live()));
    const before = reads();
    await told(90, { note: 'x'.repeat(2_000) });
    await Promise.all(sources.map((source) => source.hears(90)));
    expect(reads()).toBeLessThan(before + 5); // Pub/Sub may wake it again meanwhile
  });

  it('hears the same, 200 of them, whoever comes late and from wherever, without a gap or a double', async () => {
    await told(120);
    const early = await Promise.all(from(0, 100).map((after) => live(after)));
    const late = from(0, 100).map(async (after) => {
      const source = await openEventSource(`${address()}?after=${after}`, { authorization: `Bearer ${desk.key}` });
      open.push(source);
      return source;
    });
    for (let round = 0; round < 20; round += 1) await told(9);
    const all = [...early, ...(await Promise.all(late))];
    await Promise.all(all.map((source) => eventually(() => source.seqs.at(-1) === 300, 10_000)));
    for (const [index, source] of all.entries()) expect(source.seqs).toEqual(from((index % 100) + 1, 300 - (index % 100)));
  });

  it('leaves nothing behind: no subscription without a listener', async () => {
    const channel = `order:channel:${store}`;
    const subscribers = async () => (await desk.redis.pubsub('NUMSUB', channel))[1];
    const [one, two] = [await live(), await live()];
    await eventually(async () => (await subscribers()) === 1);
    one.close();
    two.close();
    await eventually(async () => (await subscribers()) === 0);
  });
});

describe('a process that serves as many screens as it may', () => {
  it('asks one more to come again, and takes it when another one has gone', async () => {
    const small = await openFrontDesk({ streams: { mostStreams: 2 } });
    const storeId = await aStoreOf(small.db, small.tenant, 'JKT-01');
    const listen = () => openEventSource(`${small.url}/stores/${storeId}/events`, { authorization: `Bearer ${small.key}` });
    const [one, two] = [await listen(), await listen()];
    const refused = await listen();
    expect([one.status, two.status, refused.status, refused.headers['retry-after']]).toEqual([200, 200, 429, '5']);
    one.close();
    await eventually(async () => (await small.metric('gateway_event_streams')) === 1);
    const third = await listen();
    expect(third.status).toBe(200);
    for (const source of [two, third]) source.close();
    await small.close();
  });
});

describe('a reader that does not read', () => {
  const bulk = { note: 'x'.repeat(30_000) };

  it('is dropped, and takes nobody with it; it comes back and goes on where it was', async () => {
    const [slow, quick] = [await live(), await live()];
    slow.stopReading();
    await told(250, bulk); // more than the kernel keeps for it
    await quick.hears(250);
    await eventually(async () => (await desk.metric('gateway_event_streams_dropped_total')) === 1);
    slow.readOn();
    await eventually(() => slow.ended === 'cut off');
    const got = slow.seqs;
    expect(got.length).toBeLessThan(250);
    expect(got).toEqual(from(1, got.length));
    const back = await live(got.length);
    expect(back.seqs).toEqual(from(got.length + 1, 250 - got.length));
  });

  it('is served at its own speed when it only reads slowly', async () => {
    const slow = await live();
    const pausing = setInterval(() => {
      slow.stopReading();
      setTimeout(() => slow.readOn(), 20);
    }, 40);
    await told(250, bulk);
    await slow.hears(250);
    clearInterval(pausing);
    expect(slow.seqs).toEqual(from(1, 250));
    expect(slow.ended).toBe('no');
  });
});
