import type { storeFeed } from '@gateway/shared/store';
import type { EventStream } from './event-stream.ts';

export const pageSize = 100;

/**
 * One store's events in this process: read once, however many listen. A stream that is behind (it came with an old number, or
 * reads slowly) catches up from the database at its own speed, and then joins the others without a gap or a double.
 */
export class StoreFeed {
  /** The number up to which every level stream has been sent everything. */
  #lastSeq: number;
  readonly #live = new Set<EventStream>();
  readonly #catchingUp = new Set<EventStream>();
  readonly #read: (after: number) => Promise<storeFeed.StoreEvents | null>;
  #reading: Promise<void> | null = null;
  #readAgain = false;

  /** @param read one page of what follows `after`; a store that is there stays */
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

  /** Sends it what it has not had, until it is level; from then on what comes. */
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
      stream.end(); // the database is away: the reader comes back by itself, and goes on where it was
    } finally {
      this.#catchingUp.delete(stream);
    }
  }

  async #sendPage(stream: EventStream): Promise<void> {
    const page = await this.#read(stream.lastSeq);
    if (!page || page.isGone)
      stream.end(); // it comes back, and is told so: 410
    else await stream.sendAll(page.events);
  }

  leave(stream: EventStream): void {
    this.#live.delete(stream);
    this.#catchingUp.delete(stream);
  }

  /** There may be something new: reads it, once, whoever else says so meanwhile. Never throws: whoever woke it does so again. */
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
      // The database is away. The streams stay open: LiveFeeds looks again, and ends them when it stays away.
    }
  }

  async #deliver({ events, lastSeq }: storeFeed.StoreEvents): Promise<void> {
    this.#lastSeq = events.at(-1)?.seq ?? this.#lastSeq;
    this.#readAgain ||= this.#lastSeq < lastSeq;
    await Promise.all([...this.#live].map((stream) => this.#sendLive(stream, events)));
  }

  /** Whoever takes them at once stays level; the others go on at their own speed, and nobody waits for them. */
  async #sendLive(stream: EventStream, events: storeFeed.StoreEvents['events']): Promise<void> {
    await stream.sendAll(events);
    if (!stream.isOpen || stream.lastSeq >= this.#lastSeq) return;
    this.#live.delete(stream);
    void this.join(stream);
  }

  /** The numbering has jumped (a backup was restored): everybody comes back, is told 410, and reads the snapshot. */
  #reset(lastSeq: number): void {
    this.#lastSeq = lastSeq;
    for (const stream of this.#live) stream.end();
  }
}
