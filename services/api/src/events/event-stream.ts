import { setImmediate as afterSocketIo } from 'node:timers/promises';
import type { storeFeed } from '@gateway/shared/store';
import type { Response } from 'express';

export interface StreamPace {
  /** How often a comment is sent, so that the client knows the connection is alive. */
  pingMs: number;
  /** How long a client may leave sent data unread before its stream is dropped. */
  slowClientLimitMs: number;
  /** When a client should reconnect after its stream ended. Each client is given a random time between this and three times this. */
  retryMs: number;
}

const chunkLength = 32_768; // characters: few writes while catching up, and little to buffer for a client that stops reading

/**
 * The Server-Sent Events of one client. Sequence numbers only rise: no event is sent twice. A client that does not read is sent nothing
 * more, so it costs at most one chunk and its socket's buffer.
 */
export class EventStream {
  /** The `seq` of the last event that was sent, or that the client had before. */
  lastSeq: number;
  readonly #res: Response;
  readonly #pace: StreamPace;
  readonly #drop: () => void;
  #dropTimer: NodeJS.Timeout | undefined;
  #resolveDrained: () => void = () => {};

  constructor(res: Response, { after, pace, onDrop }: { after: number; pace: StreamPace; onDrop: () => void }) {
    this.lastSeq = after;
    this.#res = res;
    this.#pace = pace;
    this.#drop = () => {
      res.destroy();
      onDrop();
    };
    const pingTimer = setInterval(() => this.sendComment('ping'), pace.pingMs);
    res.on('drain', () => this.#onDrain());
    res.once('close', () => {
      clearInterval(pingTimer);
      this.#onDrain();
    });
    this.#write(`retry: ${this.#retryMs()}\n\n`);
  }

  get isOpen(): boolean {
    return !this.#res.destroyed && !this.#res.writableEnded;
  }

  /** Whether the client has not read what was sent. Nothing more is sent until it has. */
  get isFull(): boolean {
    return this.#dropTimer !== undefined;
  }

  /** Sends the events that the client does not have, until the stream is full. */
  send(events: readonly storeFeed.StoreEvent[]): void {
    let chunk = '';
    for (const { seq, body } of events) {
      if (this.isFull) return;
      if (seq <= this.lastSeq) continue;
      chunk += `id: ${seq}\ndata: ${body}\n\n`;
      this.lastSeq = seq;
      if (chunk.length < chunkLength) continue;
      this.#write(chunk);
      chunk = '';
    }
    if (chunk) this.#write(chunk);
  }

  /** Sends all events that the client does not have, while it reads them at once. Stops when the stream is full: events are not buffered. */
  async sendAll(events: readonly storeFeed.StoreEvent[]): Promise<void> {
    const last = events.at(-1)?.seq ?? this.lastSeq;
    while (this.isOpen && this.lastSeq < last && !this.isFull) {
      this.send(events);
      await afterSocketIo();
    }
  }

  /** An SSE comment. Browsers do not pass comments to the page. */
  sendComment(comment: string): void {
    if (!this.isFull) this.#write(`: ${comment}\n\n`);
  }

  /** Resolves when the client has read everything, or is gone. Only one caller may wait at a time. */
  drained(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
  }

  /** Ends the stream with a time to reconnect after. A client that does not read is disconnected. */
  end(): void {
    if (this.isFull) this.#res.destroy();
    else if (this.isOpen) this.#res.end(`retry: ${this.#retryMs()}\n\n`);
  }

  #write(text: string): void {
    if (!this.isOpen || this.#res.write(text)) return;
    this.#dropTimer ??= this.#startDropTimer();
  }

  /** Checks again after socket I/O, because the process itself may have been blocked while the client was reading. */
  #startDropTimer(): NodeJS.Timeout {
    const timer = setTimeout(() => setImmediate(() => timer === this.#dropTimer && this.#drop()), this.#pace.slowClientLimitMs);
    return timer;
  }

  #onDrain(): void {
    clearTimeout(this.#dropTimer);
    this.#dropTimer = undefined;
    this.#resolveDrained();
  }

  /** Random, so that thousands of screens do not reconnect at the same moment. */
  #retryMs(): number {
    return Math.round(this.#pace.retryMs * (1 + 2 * Math.random()));
  }
}
