import type { storeFeed } from '@gateway/shared/store';
import type { EventStream } from './event-stream.ts';

export const pageSize = 100;

/**
 * The events of one store in this process. They are read once and sent to all live streams. A stream is behind when it began at an older
 * `seq`, or when its client reads slowly. It catches up from the database on its own, and becomes live without a gap or a repeat.
 */
export class StoreFeed {
  /** Every live stream has been sent all events up to this `seq`. */
  #lastSeq: number;
  readonly #live = new Set<EventStream>();
  readonly #catchingUp = new Set<EventStream>();
  readonly #read: (after: number) => Promise<storeFeed.StoreEvents | null>;
  #reading: Promise<void> | null = null;
  #readAgain = false;

  /** @param read reads one page of the events after a `seq` */
  constructor(read: (after: number) => Promise<storeFeed.StoreEvents | null>, lastSeq: number) {
    this.#read = read;
    this.#lastSeq = lastSeq;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  get streams(): EventStream[] {
    return [...this.#live, ...this.#catchingUp];
  }

  get isEmpty(): boolean {
    return this.#live.size + this.#catchingUp.size === 0;
  }

  /** Sends a stream the events that it does not have, then makes it live. Ends the stream when the database cannot be read. */
  async join(stream: EventStream): Promise<void> {
    this.#catchingUp.add(stream);
    try {
      await stream.drained();
      while (stream.isOpen && stream.lastSeq < this.#lastSeq) {
        await this.#sendPage(stream);
        await stream.drained();
      }
      if (!stream.isOpen) return;
      stream.sendComment('live');
      this.#live.add(stream);
    } catch {
      stream.end(); // the client reconnects automatically and resumes with Last-Event-ID
    } finally {
      this.#catchingUp.delete(stream);
    }
  }

  async #sendPage(stream: EventStream): Promise<void> {
    const page = await this.#read(stream.lastSeq);
    if (!page || page.isGone)
      stream.end(); // the client reconnects and is answered 410
    else await stream.sendAll(page.events);
  }

  leave(stream: EventStream): void {
    this.#live.delete(stream);
    this.#catchingUp.delete(stream);
  }

  /** Reads the new events. Calls during a read cause one further read. Never throws: a failed read is repeated by the next poll. */
  wake(): Promise<void> {
    this.#readAgain = true;
    this.#reading ??= this.#readNew().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readNew(): Promise<void> {
    try {
      while (this.#readAgain) {
        this.#readAgain = false;
        const page = await this.#read(this.#lastSeq);
        if (page?.isGone) return this.#reset(page.lastSeq);
        if (page) await this.#deliver(page);
      }
    } catch {
      // The streams stay open: LiveFeeds polls, and closes them when the database stays unavailable.
    }
  }

  async #deliver({ events, lastSeq }: storeFeed.StoreEvents): Promise<void> {
    this.#lastSeq = events.at(-1)?.seq ?? this.#lastSeq;
    this.#readAgain ||= this.#lastSeq < lastSeq;
    await Promise.all([...this.#live].map((stream) => this.#sendLive(stream, events)));
  }

  /** A client that does not read the events at once goes back to catching up, so that it delays no other stream. */
  async #sendLive(stream: EventStream, events: storeFeed.StoreEvents['events']): Promise<void> {
    await stream.sendAll(events);
    if (!stream.isOpen || stream.lastSeq >= this.#lastSeq) return;
    this.#live.delete(stream);
    void this.join(stream);
  }

  /** The numbering has changed, because a backup was restored. Clients reconnect, are answered 410, and read the snapshot. */
  #reset(lastSeq: number): void {
    this.#lastSeq = lastSeq;
    for (const stream of this.#live) stream.end();
  }
}
