import type { StoreEvent, StoreSnapshot } from './wire.ts';

export type { EventType, OrderItem, OrderPaid, StoreEvent, StoreSnapshot } from './wire.ts';

/** `since`: when the gateway was last heard. `reason`: for whoever looks after the screen. */
export type DisplayState = { name: 'catching up' } | { name: 'live' } | { name: 'offline'; since: Date; reason: unknown };

export interface DisplayOptions {
  /** Of the gateway: `https://pay.example.id`. */
  url: string;
  storeId: string;
  /** In a browser: asks your own server for a stream token. Called for each request, since a token opens things for 60 s only. */
  token?: () => string | Promise<string>;
  /** In Node, where a key is safe. */
  key?: string;
  /**
   * Called once for each event, in order. It is handled when this returns, or its promise resolves. When it throws, the display
   * is offline for a moment and the same event comes again: better a late dish than a lost one.
   */
  onEvent: (event: StoreEvent) => void | Promise<void>;
  /** Called at the first start, and when what was missed is not kept any more: throw away what is shown, and show this. */
  onSnapshot: (snapshot: StoreSnapshot) => void | Promise<void>;
  /** Called when the name of the state changes; it begins as `catching up`. */
  onState?: (state: DisplayState) => void;
  /**
   * Where the last `seq` is remembered (`localStorage`), for a page that remembers its tickets too: a reload goes on after it.
   * Without, every start begins with a snapshot.
   */
  storage?: { getItem(name: string): string | null; setItem(name: string, value: string): void };
  /** How long to wait before connecting again, at first and at most; each time twice as long, less a random part. */
  retryMs?: { first: number; most: number };
  /** After how long without a sign of life the line is taken for dead. The gateway gives one every 15 s. */
  silenceMs?: number;
}

export interface Display {
  /** The last event handled; null before the first snapshot. */
  readonly seq: number | null;
  readonly state: DisplayState;
  /** Nothing is called any more, but for what is being handled now. */
  close(): void;
}

/** Follows a store for as long as the page lives: connects, resumes, reads what it missed, drops what it has seen. */
export function followStore(options: DisplayOptions): Display {
  const { storeId, token, key, onEvent, onSnapshot, onState, storage, silenceMs = 40_000 } = options;
  const { first, most } = options.retryMs ?? { first: 500, most: 10_000 };
  const store = `${options.url.replace(/\/+$/, '')}/stores/${storeId}/`;
  const storedSeq = Number.parseInt(storage?.getItem(store) ?? '', 10);
  let seq = storedSeq >= 0 ? storedSeq : null;
  let state: DisplayState = { name: 'catching up' };
  let isClosed = false;
  let failures = 0;
  let connection = new AbortController();
  let lastDataAt = new Date();
  let silenceTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const setState = (newState: DisplayState): void => {
    const isChange = newState.name !== state.name;
    state = newState; // the reason of today, not that of the first try
    if (isChange) onState?.(newState);
  };

  const restartSilenceTimer = (): void => {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(() => connection.abort(new Error('the line is dead')), silenceMs);
  };

  const request = async (path: string, query: Record<string, string> = {}, accept = 'application/json'): Promise<Response> => {
    const { signal } = connection;
    const search = new URLSearchParams(token ? { ...query, token: await Promise.race([token(), abortedBy(signal)]) } : query);
    const headers: Record<string, string> = key ? { accept, authorization: `Bearer ${key}` } : { accept };
    const response = await fetch(`${store}${path}?${search}`, { headers, cache: 'no-store', signal });
    if (response.ok) return response;
    throw Object.assign(new Error(`the gateway answered ${response.status}`), { status: response.status });
  };

  /** What the page does with it takes its time: the line is not dead meanwhile. */
  const handle = async (callback: () => void | Promise<void>, newSeq: number): Promise<void> => {
    if (isClosed) return;
    clearTimeout(silenceTimer);
    await callback();
    seq = newSeq;
    try {
      storage?.setItem(store, String(newSeq));
    } catch {
      // A full storage must not stop the kitchen. After a reload it sees some events again.
    }
    restartSilenceTimer();
  };

  const nextSeq = (): number => (seq ?? 0) + 1;

  const handleEvent = async (event: StoreEvent): Promise<void> => {
    if (event.seq > nextSeq()) await readMissed(event.seq);
    if (event.seq === nextSeq()) await handle(() => onEvent(event), event.seq);
  };

  const readMissed = async (before: number): Promise<void> => {
    while (nextSeq() < before && !isClosed) {
      const { events } = (await (await request('events', { after: String(seq) })).json()) as { events: StoreEvent[] };
      if (events[0]?.seq !== nextSeq()) throw new Error(`event ${nextSeq()} is missing`);
      for (const event of events) await handleEvent(event);
    }
  };

  const handleLine = async (text: string): Promise<void> => {
    if (text.startsWith('data:')) await handleEvent(JSON.parse(text.slice(5)) as StoreEvent);
    if (text !== ': live') return;
    failures = 0;
    setState({ name: 'live' });
  };

  const readStream = async (): Promise<never> => {
    const response = await request('events', { after: String(seq) }, 'text/event-stream');
    setState({ name: 'catching up' });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    for (let partial = ''; ; ) {
      restartSilenceTimer();
      const { done, value } = await reader.read();
      if (done) throw new Error('the gateway ended the stream');
      lastDataAt = new Date();
      const lines = (partial + decoder.decode(value, { stream: true })).split('\n');
      partial = lines.pop() ?? '';
      for (const each of lines) await handleLine(each);
    }
  };

  const run = async (): Promise<void> => {
    connection = new AbortController();
    restartSilenceTimer();
    try {
      if (seq === null) {
        const snapshot = (await (await request('snapshot')).json()) as StoreSnapshot;
        await handle(() => onSnapshot(snapshot), snapshot.seq);
      }
      await readStream();
    } catch (reason) {
      if ((reason as { status?: number }).status === 410)
        seq = null; // what follows is not kept: begin anew
      else if (!isClosed) setState({ name: 'offline', since: lastDataAt, reason });
    } finally {
      clearTimeout(silenceTimer);
      connection.abort();
      const delay = Math.min(most, first * 2 ** failures++) * (0.5 + Math.random() / 2); // two hundred screens must not come back at once
      if (!isClosed) retryTimer = setTimeout(run, delay);
    }
  };

  void run();
  return {
    get seq() {
      return seq;
    },
    get state() {
      return state;
    },
    close: () => {
      isClosed = true;
      clearTimeout(retryTimer);
      connection.abort();
    },
  };
}

/** Rejects when the line is given up: whoever does not answer must not be waited for. */
const abortedBy = (signal: AbortSignal): Promise<never> =>
  new Promise((_, fail) => signal.addEventListener('abort', () => fail(signal.reason)));
