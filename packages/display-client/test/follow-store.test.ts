import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, assignSequence, runRelay } from '@gateway/testing/relay/event-fixtures';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import { type Display, type DisplayOptions, type DisplayState, followStore, type StoreEvent, type StoreSnapshot } from '../src/index.ts';
import { type FaultyServer, faultyServer } from './faulty-server.ts';

let api: ApiHarness;
let proxy: TcpProxy;
let store: string;
const openDisplays: Display[] = [];

beforeAll(async () => {
  api = await startApiHarness({ streams: { pace: { pingMs: 100 } } });
  proxy = await startTcpProxy(api.port);
});
afterAll(async () => {
  await proxy.disconnect();
  await api.close();
});
beforeEach(async () => {
  store = await aStoreOf(api.db, api.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});
afterEach(() => {
  for (const display of openDisplays.splice(0)) display.close();
});

interface Page {
  display: Display;
  events: StoreEvent[];
  seqs(): number[];
  snapshots: StoreSnapshot[];
  states: DisplayState[];
  waitsForState(name: DisplayState['name']): Promise<unknown>;
  waitsForEvents(count: number, withinMs?: number): Promise<unknown>;
}

function openPage(options: Partial<DisplayOptions> = {}): Page {
  const [events, snapshots, states]: [StoreEvent[], StoreSnapshot[], DisplayState[]] = [[], [], []];
  const display = followStore({
    url: `http://127.0.0.1:${proxy.port}`,
    storeId: store,
    key: api.key,
    retryMs: { first: 10, most: 40 },
    onEvent: (event) => void events.push(event),
    onSnapshot: (snapshot) => void snapshots.push(snapshot),
    onState: (state) => states.push(state),
    ...options,
  });
  openDisplays.push(display);
  return {
    display,
    events,
    snapshots,
    states,
    seqs: () => events.map(({ seq }) => seq),
    waitsForState: (name) => eventually(() => display.state.name === name),
    waitsForEvents: (count, withinMs) => eventually(() => events.length >= count, withinMs),
  };
}

const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
const appendNumbered = async (count = 1) => {
  await appendEvents(api.db, store, { count });
  await assignSequence(api.db);
};
const publish = async (count = 1) => {
  await appendEvents(api.db, store, { count });
  await runRelay(api.db, api.redis);
};
function memory() {
  const stored = new Map<string, string>();
  return { getItem: (name: string) => stored.get(name) ?? null, setItem: (name: string, value: string) => void stored.set(name, value) };
}

describe('a page that follows a store', () => {
  it('starts with a snapshot and continues with the events after it', async () => {
    await appendNumbered(3);
    const page = openPage();
    await page.waitsForState('live');
    await publish(2);
    await page.waitsForEvents(2);
    expect([page.snapshots.map(({ seq }) => seq), page.seqs(), page.display.seq]).toEqual([[3], [4, 5], 5]);
  });

  it('reports that it is live, and since when it is offline', async () => {
    const page = openPage();
    await page.waitsForState('live');
    const before = new Date();
    await proxy.disconnect();
    await page.waitsForState('offline');
    expect(page.states.at(-1)).toMatchObject({ name: 'offline', since: expect.any(Date), reason: expect.anything() });
    expect(Math.abs((page.states.at(-1) as { since: Date }).since.getTime() - before.getTime())).toBeLessThan(2_000);
    await proxy.reconnect();
    await page.waitsForState('live');
    expect(page.states.map(({ name }) => name)).toEqual(['live', 'offline', 'catching up', 'live']);
  });

  it('has received exactly the events of the outbox after 500 events over a connection that drops all the time', async () => {
    const page = openPage();
    await page.waitsForState('live');
    const breaking = setInterval(() => Math.random() < 0.3 && proxy.dropConnections(), 10);
    for (let round = 0; round < 50; round += 1) await publish(10);
    await page.waitsForEvents(500);
    clearInterval(breaking);
    const { rows } = await api.db.pool.query<{ seq: number; event_id: string }>({
      text: 'select seq, event_id from gateway.outbox where store_id = $1 order by seq',
      values: [store],
    });
    expect(page.events.map(({ seq, event_id }) => ({ seq, event_id }))).toEqual(rows);
    expect(page.snapshots).toHaveLength(1);
  });

  it('misses nothing when the gateway restarts', async () => {
    const page = openPage();
    await page.waitsForState('live');
    for (const _ of [1, 2]) {
      await publish();
      await api.restart();
    }
    await publish();
    await page.waitsForEvents(3);
    expect(page.seqs()).toEqual([1, 2, 3]);
  });

  it('notices a connection that is open but silent', async () => {
    const silent = await faultyServer(api.url, { silentStreams: 1 });
    const page = openPage({ url: silent.url, silenceMs: 150 });
    await page.waitsForState('live');
    await publish();
    await page.waitsForEvents(1);
    expect(page.states[0]).toMatchObject({
      name: 'offline',
      reason: expect.objectContaining({ message: 'connection silent for too long' }),
    });
    await silent.close();
  });
});

describe('a faulty stream', () => {
  let server: FaultyServer | undefined;
  afterEach(() => server?.close());

  it('may leave events out: the page reads the missed ones and receives each once, in order', async () => {
    server = await faultyServer(api.url, { without: [2, 3, 7] });
    const page = openPage({ url: server.url });
    await page.waitsForState('live');
    await publish(8);
    await page.waitsForEvents(8);
    expect(page.seqs()).toEqual(from(1, 8));
    expect(page.states.map(({ name }) => name)).toEqual(['live']);
  });

  it('may repeat events: the page receives each once', async () => {
    server = await faultyServer(api.url, { times: 3 });
    const page = openPage({ url: server.url });
    await page.waitsForState('live');
    await publish(4);
    await page.waitsForEvents(4);
    await publish();
    await page.waitsForEvents(5);
    expect(page.seqs()).toEqual(from(1, 5));
  });
});

describe('a reload', () => {
  it('continues after the stored seq, without a missed or repeated event', async () => {
    const storage = memory();
    const before = openPage({ storage });
    await before.waitsForState('live');
    await publish(3);
    await before.waitsForEvents(3);
    before.display.close();
    await publish(2);
    const after = openPage({ storage });
    await after.waitsForEvents(2);
    expect([after.snapshots, after.seqs()]).toEqual([[], [4, 5]]);
  });

  it('starts with a snapshot when the missed events are no longer stored', async () => {
    const storage = memory();
    const before = openPage({ storage });
    await before.waitsForState('live');
    await publish(1);
    await before.waitsForEvents(1);
    before.display.close();
    await appendNumbered(4);
    await api.db.pool.query({ text: 'delete from gateway.outbox where store_id = $1 and seq <= 3', values: [store] });
    const after = openPage({ storage });
    await after.waitsForState('live');
    await publish();
    await after.waitsForEvents(1);
    expect([after.snapshots.map(({ seq }) => seq), after.seqs()]).toEqual([[5], [6]]);
    expect(after.states.map(({ name }) => name)).not.toContain('offline');
  });

  it('starts with a snapshot when a restored backup has moved the numbering', async () => {
    const page = openPage();
    await page.waitsForState('live');
    await publish(2);
    await page.waitsForEvents(2);
    await api.db.pool.query({ text: 'update gateway.stores set last_seq = 50, replay_from = 51 where store_id = $1', values: [store] });
    await eventually(() => page.snapshots.length === 2 && page.display.state.name === 'live');
    await publish();
    await page.waitsForEvents(3);
    expect([page.snapshots[1]?.seq, page.seqs()]).toEqual([50, [1, 2, 51]]);
  });

  it('starts with a snapshot when the storage is empty, full or corrupt', async () => {
    await appendNumbered(2);
    const full = () => {
      throw new Error('QuotaExceededError');
    };
    for (const storage of [
      { getItem: () => null, setItem: full },
      { getItem: () => 'corrupt', setItem: full },
    ]) {
      const page = openPage({ storage });
      await page.waitsForState('live');
      expect(page.snapshots.map(({ seq }) => seq)).toEqual([2]);
    }
  });
});

describe('a page that cannot handle an event', () => {
  it('receives the same event again, and the later ones after it', async () => {
    const handled: number[] = [];
    let failing = 2;
    const page = openPage({
      onEvent: async ({ seq }) => {
        if (seq === 2 && failing-- > 0) throw new Error('the printer is out of paper');
        handled.push(seq);
      },
    });
    await page.waitsForState('live');
    await publish(3);
    await eventually(() => handled.length === 3);
    expect(handled).toEqual([1, 2, 3]);
    expect(page.states.find(({ name }) => name === 'offline')).toMatchObject({ reason: { message: 'the printer is out of paper' } });
  });

  it('may take longer than the silence limit to handle one', async () => {
    const silenceMs = 1_000; // ten times the interval of the gateway's comments
    let isHandled = false;
    const page = openPage({
      silenceMs,
      onEvent: async () => {
        await new Promise((cooked) => setTimeout(cooked, silenceMs * 1.2));
        isHandled = true;
      },
    });
    await page.waitsForState('live');
    await publish();
    await eventually(() => isHandled);
    expect(page.states.map(({ name }) => name)).toEqual(['live']);
  });
});

describe('a page in a browser', () => {
  const tokenFrom = (key: string) => async () => {
    const response = await fetch(`${api.url}/stores/${store}/stream-token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    });
    if (!response.ok) throw new Error(`the shop's server got ${response.status}`);
    return ((await response.json()) as { token: string }).token;
  };
  const inBrowser = (token: () => Promise<string>) => openPage({ token, key: undefined } as unknown as Partial<DisplayOptions>);

  it('needs no key: its own server issues a token for each request', async () => {
    const page = inBrowser(tokenFrom(api.key));
    await page.waitsForState('live');
    proxy.dropConnections();
    await page.waitsForState('offline');
    await publish();
    await page.waitsForEvents(1);
    expect(page.seqs()).toEqual([1]);
  });

  it('is offline when the key behind its tokens is revoked', async () => {
    const { id, secret } = await api.keyFor({});
    const page = inBrowser(tokenFrom(secret));
    await page.waitsForState('live');
    await api.revoke(id);
    await page.waitsForState('offline');
    await eventually(() => (page.display.state as { reason?: Error }).reason?.message === "the shop's server got 401");
  });

  it('is offline, not stuck, while its own server does not answer', async () => {
    let calls = 0;
    const token = () => (calls++ === 0 ? new Promise<string>(() => {}) : tokenFrom(api.key)());
    const page = openPage({ token, silenceMs: 100 });
    await page.waitsForState('live');
    expect(page.states[0]).toMatchObject({ name: 'offline' });
  });
});
