import type { StoreEvents } from '@gateway/shared/store';
import type { EventStream } from './event-stream.ts';

export const pageSize = 100;

/**
 * One store's events in this process: read once, however many listen. A stream that is behind (it came with an old number, or
 * reads slowly) catches up from the database at its own speed, and then joins the others without a gap or a double.
 */
export class StoreFeed {
  /** The number up to which every level stream has been sent everything. */
  #at: number;
  readonly #level = new Set<EventStream>();
  readonly #behind = new Set<EventStream>();
  readonly #read: (after: number) => Promise<StoreEvents | null>;
  #reading: Promise<void> | null = null;
  #again = false;

  /** @param read one page of what follows `after`; a store that is there stays */
  constructor(read: (after: number) => Promise<StoreEvents | null>, at: number) {
    this.#read = read;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  get streams(): EventStream[] {
    return [...this.#level, ...this.#behind];
  }

  get isEmpty(): boolean {
    return this.#level.size + this.#behind.size === 0;
  }

  /** Sends it what it has not had, until it is level; from then on what comes. */
  async join(stream: EventStream): Promise<void> {
    this.#behind.add(stream);
    try {
      await stream.hasRead();
      while (stream.isOpen && stream.at < this.#at) {
        await this.#sendPage(stream);
        await stream.hasRead();
      }
      if (!stream.isOpen) return;
      stream.say('live');
      this.#level.add(stream);
    } catch {
      stream.end(); // the database is away: the reader comes back by itself, and goes on where it was
    } finally {
      this.#behind.delete(stream);
    }
  }

  async #sendPage(stream: EventStream): Promise<void> {
    const page = await this.#read(stream.at);
    if (!page || page.isGone)
      stream.end(); // it comes back, and is told so: 410
    else await stream.sendAll(page.events);
  }

  leave(stream: EventStream): void {
    this.#level.delete(stream);
    this.#behind.delete(stream);
  }

  /** There may be something new: reads it, once, whoever else says so meanwhile. Never throws: whoever woke it does so again. */
  wake(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        const page = await this.#read(this.#at);
        if (page?.isGone) return this.#beginAnew(page.lastSeq);
        if (page) await this.#deliver(page);
      }
    } catch {
      // The database is away. The streams stay open: LiveFeeds looks again, and ends them when it stays away.
    }
  }

  async #deliver({ events, lastSeq }: StoreEvents): Promise<void> {
    this.#at = events.at(-1)?.seq ?? this.#at;
    this.#again ||= this.#at < lastSeq;
    await Promise.all([...this.#level].map((stream) => this.#keepLevel(stream, events)));
  }

  /** Whoever takes them at once stays level; the others go on at their own speed, and nobody waits for them. */
  async #keepLevel(stream: EventStream, events: StoreEvents['events']): Promise<void> {
    await stream.sendAll(events);
    if (!stream.isOpen || stream.at >= this.#at) return;
    this.#level.delete(stream);
    void this.join(stream);
  }

  /** The numbering has jumped (a backup was restored): everybody comes back, is told 410, and reads the snapshot. */
  #beginAnew(lastSeq: number): void {
    this.#at = lastSeq;
    for (const stream of this.#level) stream.end();
  }
}
