import type { StoreEvent, StoreSnapshot } from './wire.ts';

export type { EventType, OrderItem, OrderPaid, PaymentStatus, StoreEvent, StoreSnapshot } from './wire.ts';

/** `since`: when the gateway last sent data. `reason`: the last error, for the person who maintains the screen. */
export type DisplayState = { name: 'catching up' } | { name: 'live' } | { name: 'offline'; since: Date; reason: unknown };

export interface DisplayOptions {
  /** Base URL of the gateway: `https://pay.example.id`. */
  url: string;
  storeId: string;
  /** In a browser: gets a stream token from your own server. Called for each request, because a token is valid for 60 s only. */
  token?: () => string | Promise<string>;
  /** In Node, where a key is safe. */
  key?: string;
  /**
   * Called once for each event, in order of `seq`. The event is handled when this returns or its promise resolves. When it throws, the
   * display is offline for a moment and the same event is delivered again, so that no event is lost.
   */
  onEvent: (event: StoreEvent) => void | Promise<void>;
  /** Called at the first start, and when missed events are no longer stored: replace everything that is shown by the snapshot. */
  onSnapshot: (snapshot: StoreSnapshot) => void | Promise<void>;
  /** Called when the name of the state changes. The first state is `catching up`. */
  onState?: (state: DisplayState) => void;
  /**
   * Stores the last `seq`, for example `localStorage`. For pages that store what they show, too: a reload continues after that `seq`.
   * Without it, every start begins with a snapshot.
   */
  storage?: { getItem(name: string): string | null; setItem(name: string, value: string): void };
  /** Delay before a reconnection, first and longest, in milliseconds: doubled each time, less a random part. */
  retryMs?: { first: number; most: number };
  /** A connection without data for so long is closed. The gateway sends a comment every 15 s. */
  silenceMs?: number;
}

export interface Display {
  /** The last event handled; null before the first snapshot. */
  readonly seq: number | null;
  readonly state: DisplayState;
  /** Stops following. No callback is started after it; one that is running finishes. */
  close(): void;
}

/** Follows a store for as long as the page lives: connects, resumes, reads missed events, and drops repeated ones. */
export const followStore = (options: DisplayOptions): Display => new StoreFollower(options);

class StoreFollower implements Display {
  readonly #options: DisplayOptions;
  /** Base URL of the store's routes, and the name under which `storage` holds its last `seq`. */
  readonly #storeUrl: string;
  #seq: number | null;
  #state: DisplayState = { name: 'catching up' };
  #isClosed = false;
  #failures = 0;
  #connection = new AbortController();
  #lastDataAt = new Date();
  #silenceTimer: ReturnType<typeof setTimeout> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: DisplayOptions) {
    this.#options = options;
    this.#storeUrl = `${options.url.replace(/\/+$/, '')}/stores/${options.storeId}/`;
    const storedSeq = Number.parseInt(options.storage?.getItem(this.#storeUrl) ?? '', 10);
    this.#seq = storedSeq >= 0 ? storedSeq : null;
    void this.#connect();
  }

  get seq(): number | null {
    return this.#seq;
  }

  get state(): DisplayState {
    return this.#state;
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retryTimer);
    this.#connection.abort();
  }

  /** Runs one connection to its end, then schedules the next. Never throws. */
  async #connect(): Promise<void> {
    this.#connection = new AbortController();
    this.#restartSilenceTimer();
    try {
      if (this.#seq === null) await this.#readSnapshot();
      await this.#readStream();
    } catch (reason) {
      if ((reason as { status?: number }).status === 410)
        this.#seq = null; // the missed events are no longer stored: the next connection starts with a snapshot
      else if (!this.#isClosed) this.#setState({ name: 'offline', since: this.#lastDataAt, reason });
    } finally {
      clearTimeout(this.#silenceTimer);
      this.#connection.abort();
      this.#scheduleRetry();
    }
  }

  /** The random part keeps two hundred screens from reconnecting at the same moment. */
  #scheduleRetry(): void {
    const { first, most } = this.#options.retryMs ?? { first: 500, most: 10_000 };
    const delay = Math.min(most, first * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    if (!this.#isClosed) this.#retryTimer = setTimeout(() => this.#connect(), delay);
  }

  async #readSnapshot(): Promise<void> {
    const snapshot = (await (await this.#request('snapshot')).json()) as StoreSnapshot;
    await this.#handle(() => this.#options.onSnapshot(snapshot), snapshot.seq);
  }

  async #readStream(): Promise<never> {
    const response = await this.#request('events', { after: String(this.#seq) }, 'text/event-stream');
    this.#setState({ name: 'catching up' });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    for (let partial = ''; ; ) {
      this.#restartSilenceTimer();
      const { done, value } = await reader.read();
      if (done) throw new Error('the gateway ended the stream');
      this.#lastDataAt = new Date();
      const lines = (partial + decoder.decode(value, { stream: true })).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) await this.#handleLine(line);
    }
  }

  async #handleLine(line: string): Promise<void> {
    if (line.startsWith('data:')) await this.#handleEvent(JSON.parse(line.slice(5)) as StoreEvent);
    if (line !== ': live') return;
    this.#failures = 0;
    this.#setState({ name: 'live' });
  }

  async #handleEvent(event: StoreEvent): Promise<void> {
    if (event.seq > this.#nextSeq()) await this.#readMissed(event.seq);
    if (event.seq === this.#nextSeq()) await this.#handle(() => this.#options.onEvent(event), event.seq);
  }

  async #readMissed(before: number): Promise<void> {
    while (this.#nextSeq() < before && !this.#isClosed) {
      const response = await this.#request('events', { after: String(this.#seq) });
      const { events } = (await response.json()) as { events: StoreEvent[] };
      if (events[0]?.seq !== this.#nextSeq()) throw new Error(`event ${this.#nextSeq()} is missing`);
      for (const event of events) await this.#handleEvent(event);
    }
  }

  /** Runs a callback of the page, then stores its `seq`. The silence timer stands still meanwhile: the page may take its time. */
  async #handle(callback: () => void | Promise<void>, seq: number): Promise<void> {
    if (this.#isClosed) return;
    clearTimeout(this.#silenceTimer);
    await callback();
    this.#seq = seq;
    try {
      this.#options.storage?.setItem(this.#storeUrl, String(seq));
    } catch {
      // A full storage must not stop the screen. After a reload it receives some events again.
    }
    this.#restartSilenceTimer();
  }

  #nextSeq(): number {
    return (this.#seq ?? 0) + 1;
  }

  async #request(path: string, query: Record<string, string> = {}, accept = 'application/json'): Promise<Response> {
    const { token, key } = this.#options;
    const { signal } = this.#connection;
    const search = new URLSearchParams(token ? { ...query, token: await Promise.race([token(), whenAborted(signal)]) } : query);
    const headers: Record<string, string> = key ? { accept, authorization: `Bearer ${key}` } : { accept };
    const response = await fetch(`${this.#storeUrl}${path}?${search}`, { headers, cache: 'no-store', signal });
    if (response.ok) return response;
    throw Object.assign(new Error(`the gateway answered ${response.status}`), { status: response.status });
  }

  #setState(state: DisplayState): void {
    const isChange = state.name !== this.#state.name;
    this.#state = state; // also without a change of name: the reason is that of the last error
    if (isChange) this.#options.onState?.(state);
  }

  #restartSilenceTimer(): void {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(
      () => this.#connection.abort(new Error('connection silent for too long')),
      this.#options.silenceMs ?? 40_000,
    );
  }
}

/** Rejects when the connection is closed, so that a token which never comes is not waited for. */
const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
