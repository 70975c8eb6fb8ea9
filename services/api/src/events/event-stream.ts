import { setImmediate as afterSocketIo } from 'node:timers/promises';
import type { storeFeed } from '@gateway/shared/store';
import type { Response } from 'express';

export interface StreamPace {
  /** How often a comment says that the line is alive. */
  pingMs: number;
  /** How long a reader may leave unread what was sent to it, before it is dropped. */
  slowClientLimitMs: number;
  /** When a reader whose stream has ended should come back: each is told a moment between this and three times this. */
  retryMs: number;
}

const chunkLength = 32_768; // few writes while catching up, and little to keep for a reader that stops in the middle

/**
 * One reader's Server-Sent Events. Numbers only rise: what it has had is not sent again. A reader that does not read is sent
 * nothing more, so what is kept for it is its socket's buffer and one chunk, whatever happens in the store.
 */
export class EventStream {
  /** The number of the last event that was sent, or that the reader had before. */
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

  /** It has not read what was sent: nothing more is sent until it has. */
  get isFull(): boolean {
    return this.#dropTimer !== undefined;
  }

  /** Sends those it has not had, or as many of them as it reads. */
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

  /** Sends those it has not had, for as long as it takes them at once: events are not kept for a reader that is waited for. */
  async sendAll(events: readonly storeFeed.StoreEvent[]): Promise<void> {
    const last = events.at(-1)?.seq ?? this.lastSeq;
    while (this.isOpen && this.lastSeq < last && !this.isFull) {
      this.send(events);
      await afterSocketIo();
    }
  }

  /** A comment: it reaches only those who look for it. */
  sendComment(comment: string): void {
    if (!this.isFull) this.#write(`: ${comment}\n\n`);
  }

  /** Resolves when it has read all, or is gone. One waits at a time. */
  drained(): Promise<void> {
    if (!this.isFull) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolveDrained = resolve;
    });
  }

  /** Ends as a stream should, so that the reader comes back and goes on; one that does not read is cut off. */
  end(): void {
    if (this.isFull) this.#res.destroy();
    else if (this.isOpen) this.#res.end(`retry: ${this.#retryMs()}\n\n`);
  }

  #write(text: string): void {
    if (!this.isOpen || this.#res.write(text)) return;
    this.#dropTimer ??= this.#startDropTimer();
  }

  /** Judged only after the sockets had their turn: when it was this process that stood still, its readers have read all the same. */
  #startDropTimer(): NodeJS.Timeout {
    const timer = setTimeout(() => setImmediate(() => timer === this.#dropTimer && this.#drop()), this.#pace.slowClientLimitMs);
    return timer;
  }

  #onDrain(): void {
    clearTimeout(this.#dropTimer);
    this.#dropTimer = undefined;
    this.#resolveDrained();
  }

  /** Two thousand screens must not all come back in the same moment. */
  #retryMs(): number {
    return Math.round(this.#pace.retryMs * (1 + 2 * Math.random()));
  }
}
