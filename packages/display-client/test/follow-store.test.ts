import { type FrontDesk, openFrontDesk } from '../../../services/api/test/front-desk.ts';
import { type Cable, layCable } from '../../../testing/cable.ts';
import { eventually } from '../../../testing/eventually.ts';
import { aStoreOf, happen, number, relay } from '../../../testing/telling.ts';
import { type Display, type DisplayOptions, type DisplayState, followStore, type StoreEvent, type StoreSnapshot } from '../src/index.ts';
import { type Faulty, faultyServer } from './faulty-server.ts';

let desk: FrontDesk;
let cable: Cable;
let store: string;
const open: Display[] = [];

beforeAll(async () => {
  desk = await openFrontDesk({ streams: { pace: { pingMs: 100 } } });
  cable = await layCable(desk.port);
});
afterAll(async () => {
  await cable.pull();
  await desk.close();
});
beforeEach(async () => {
  store = await aStoreOf(desk.db, desk.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const display of open.splice(0)) display.close();
});

interface Page {
  display: Display;
  events: StoreEvent[];
  seqs(): number[];
  snapshots: StoreSnapshot[];
  states: DisplayState[];
  is(name: DisplayState['name']): Promise<unknown>;
  has(count: number, withinMs?: number): Promise<unknown>;
}

function openPage(options: Partial<DisplayOptions> = {}): Page {
  const [events, snapshots, states]: [StoreEvent[], StoreSnapshot[], DisplayState[]] = [[], [], []];
  const display = followStore({
    url: `http://127.0.0.1:${cable.port}`,
    storeId: store,
    key: desk.key,
    retryMs: { first: 10, most: 40 },
    onEvent: (event) => void events.push(event),
    onSnapshot: (snapshot) => void snapshots.push(snapshot),
    onState: (state) => states.push(state),
    ...options,
  });
  open.push(display);
  return {
    display,
    events,
    snapshots,
    states,
    seqs: () => events.map(({ seq }) => seq),
    is: (name) => eventually(() => display.state.name === name),
    has: (count, withinMs) => eventually(() => events.length >= count, withinMs),
  };
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
const numbered = async (count = 1) => {
  await happen(desk.db, store, { count });
  await number(desk.db);
};
const told = async (count = 1) => {
  await happen(desk.db, store, { count });
  await relay(desk.db, desk.redis);
};
function memory() {
  const kept = new Map<string, string>();
  return { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
}

describe('a page that follows a store', () => {
  it('begins with what is, and goes on with what happens', async () => {
    await numbered(3);
    const page = openPage();
    await page.is('live');
    await told(2);
    await page.has(2);
    expect([page.snapshots.map(({ seq }) => seq), page.seqs(), page.display.seq]).toEqual([[3], [4, 5], 5]);
  });

  it('says that it is live, and since when it is not', async () => {
    const page = openPage();
    await page.is('live');
    const before = new Date();
    await cable.pull();
    await page.is('offline');
    expect(page.states.at(-1)).toMatchObject({ name: 'offline', since: expect.any(Date), reason: expect.anything() });
    expect(Math.abs((page.states.at(-1) as { since: Date }).since.getTime() - before.getTime())).toBeLessThan(2_000);
    await cable.plugIn();
    await page.is('live');
    expect(page.states.map(({ name }) => name)).toEqual(['live', 'offline', 'catching up', 'live']);
  });

  it('has heard exactly what the outbox holds after 500 events on a line that breaks all the time', async () => {
    const page = openPage();
    await page.is('live');
    const breaking = setInterval(() => Math.random() < 0.3 && cable.cut(), 10);
    for (let round = 0; round < 50; round += 1) await told(10);
    await page.has(500, 15_000);
    clearInterval(breaking);
    const { rows } = await desk.db.pool.query<{ seq: number; event_id: string }>({
      text: 'select seq, event_id from gateway.outbox where store_id = $1 order by seq',
      values: [store],
    });
    expect(page.events.map(({ seq, event_id }) => ({ seq, event_id }))).toEqual(rows);
    expect(page.snapshots).toHaveLength(1);
  });

  it('outlives the gateway: a restart costs it nothing', async () => {
    const page = openPage();
    await page.is('live');
    for (const _ of [1, 2]) {
      await told();
      await desk.restart();
    }
    await told();
    await page.has(3);
    expect(page.seqs()).toEqual([1, 2, 3]);
  });

  it('notices a line that is dead though nobody hung up', async () => {
    const silent = await faultyServer(desk.url, { silent: 1 });
    const page = openPage({ url: silent.url, silenceMs: 150 });
    await page.is('live');
    await told();
    await page.has(1);
    expect(page.states[0]).toMatchObject({ name: 'offline', reason: expect.objectContaining({ message: 'the line is dead' }) });
    await silent.close();
  });
});

describe('a stream that is not what it should be', () => {
  let server: Faulty | undefined;
  afterEach(() => server?.close());

  it('may leave events out: the page reads what it missed, and sees each once, in order', async () => {
    server = await faultyServer(desk.url, { without: [2, 3, 7] });
    const page = openPage({ url: server.url });
    await page.is('live');
    await told(8);
    await page.has(8);
    expect(page.seqs()).toEqual(from(1, 8));
    expect(page.states.map(({ name }) => name)).toEqual(['live']);
  });

  it('may repeat them: the page sees each once', async () => {
    server = await faultyServer(desk.url, { times: 3 });
    const page = openPage({ url: server.url });
    await page.is('live');
    await told(4);
    await page.has(4);
    await told();
    await page.has(5);
    expect(page.seqs()).toEqual(from(1, 5));
  });
});

describe('a reload', () => {
  it('goes on where the page was, without a missed or doubled event', async () => {
    const storage = memory();
    const before = openPage({ storage });
    await before.is('live');
    await told(3);
    await before.has(3);
    before.display.close();
    await told(2);
    const after = openPage({ storage });
    await after.has(2);
    expect([after.snapshots, after.seqs()]).toEqual([[], [4, 5]]);
  });

  it('begins anew when what it missed is kept no longer', async () => {
    const storage = memory();
    const before = openPage({ storage });
    await before.is('live');
    await told(1);
    await before.has(1);
    before.display.close();
    await numbered(4);
    await desk.db.pool.query({ text: 'delete from gateway.outbox where store_id = $1 and seq <= 3', values: [store] });
    const after = openPage({ storage });
    await after.is('live');
    await told();
    await after.has(1);
    expect([after.snapshots.map(({ seq }) => seq), after.seqs()]).toEqual([[5], [6]]);
    expect(after.states.map(({ name }) => name)).not.toContain('offline');
  });

  it('begins anew when a restored backup has moved the numbering', async () => {
    const page = openPage();
    await page.is('live');
    await told(2);
    await page.has(2);
    await desk.db.pool.query({ text: 'update gateway.stores set last_seq = 50, replay_from = 51 where store_id = $1', values: [store] });
    await eventually(() => page.snapshots.length === 2 && page.display.state.name === 'live');
    await told();
    await page.has(3);
    expect([page.snapshots[1]?.seq, page.seqs()]).toEqual([50, [1, 2, 51]]);
  });

  it('works without a memory, or with one that is full or spoiled: it begins with what is', async () => {
    await numbered(2);
    const full = () => {
      throw new Error('QuotaExceededError');
    };
    for (const storage of [
      { getItem: () => null, setItem: full },
      { getItem: () => 'spoiled', setItem: full },
    ]) {
      const page = openPage({ storage });
      await page.is('live');
      expect(page.snapshots.map(({ seq }) => seq)).toEqual([2]);
    }
  });
});

describe('a page that cannot handle an event', () => {
  it('gets the same one again, and those behind it after it', async () => {
    const handled: number[] = [];
    let failing = 2;
    const page = openPage({
      onEvent: async ({ seq }) => {
        if (seq === 2 && failing-- > 0) throw new Error('the printer is out of paper');
        handled.push(seq);
      },
    });
    await page.is('live');
    await told(3);
    await eventually(() => handled.length === 3);
    expect(handled).toEqual([1, 2, 3]);
    expect(page.states.find(({ name }) => name === 'offline')).toMatchObject({ reason: { message: 'the printer is out of paper' } });
  });

  it('may take its time: the line is not dead meanwhile', async () => {
    const silenceMs = 1_000; // ten times what the gateway takes between two signs of life
    let isHandled = false;
    const page = openPage({
      silenceMs,
      onEvent: async () => {
        await new Promise((cooked) => setTimeout(cooked, silenceMs * 1.2));
        isHandled = true;
      },
    });
    await page.is('live');
    await told();
    await eventually(() => isHandled);
    expect(page.states.map(({ name }) => name)).toEqual(['live']);
  });
});

describe('a page in a browser', () => {
  const tokenFrom = (key: string) => async () => {
    const answer = await fetch(`${desk.url}/stores/${store}/stream-token`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
    if (!answer.ok) throw new Error(`the shop's server got ${answer.status}`);
    return ((await answer.json()) as { token: string }).token;
  };
  const inBrowser = (token: () => Promise<string>) => openPage({ token, key: undefined } as unknown as Partial<DisplayOptions>);

  it('needs no key: its own server gives it a token for each request', async () => {
    const page = inBrowser(tokenFrom(desk.key));
    await page.is('live');
    cable.cut();
    await page.is('offline');
    await told();
    await page.has(1);
    expect(page.seqs()).toEqual([1]);
  });

  it('is offline when the key behind its tokens is revoked', async () => {
    const { id, secret } = await desk.keyFor({});
    const page = inBrowser(tokenFrom(secret));
    await page.is('live');
    await desk.revoke(id);
    await page.is('offline');
    await eventually(() => (page.display.state as { reason?: Error }).reason?.message === "the shop's server got 401");
  });

  it('is offline, not stuck, while its own server says nothing', async () => {
    let asked = 0;
    const token = () => (asked++ === 0 ? new Promise<string>(() => {}) : tokenFrom(desk.key)());
    const page = openPage({ token, silenceMs: 100 });
    await page.is('live');
    expect(page.states[0]).toMatchObject({ name: 'offline' });
  });
});
