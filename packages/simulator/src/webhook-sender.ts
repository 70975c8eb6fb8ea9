import { randomUUID } from 'node:crypto';
import type { Charge, NoticeRecord } from './charge.ts';
import { type Message, type PostResult, WebhookPost } from './post-webhook.ts';
import { Shuffler } from './shuffler.ts';
import type { SimulatorClock } from './simulator-clock.ts';
import type { Journey, Travel } from './travel.ts';

/** One piece of news about a charge. */
export interface Notice {
  charge: Charge;
  event: string;
  /** Writes it for one attempt. `deliveryId` stays the same when a delivery is tried again. */
  compose(attempt: { sentAt: number; forged: boolean; deliveryId: string }): Message;
}

/** How often a person asked for it to be delivered, and how long after (real milliseconds). */
export interface Delivery {
  copies: number;
  delayMs: number;
}

export const deliveredOnce: Delivery = { copies: 1, delayMs: 0 };

/** How one provider deals with its merchants' answers. */
export interface RetryLadder {
  timeoutMs(): number;
  /** How many 307 or 308 answers it follows. */
  redirectHops: number;
  /** Milliseconds of the simulator's clock until the next attempt; null when it gives up. */
  nextAttemptAfter(result: PostResult, attemptsMade: number): number | null;
}

interface Delivering {
  notice: Notice;
  url: string;
  journey: Journey;
  deliveryId: string;
  record: NoticeRecord;
  generation: number;
}

interface SenderParts {
  clock: SimulatorClock;
  travel: Travel;
  ladder: RetryLadder;
  /** Deliveries that may be on their way or waiting for a retry; beyond it news is lost, and counted. */
  maxUnderway: number;
}

/** Carries one provider's news to its merchants: bad luck on the way, retries by the provider's ladder, everything written down. */
export class WebhookSender {
  readonly #parts: SenderParts;
  readonly #post = new WebhookPost();
  readonly #shuffler = new Shuffler();
  readonly #delays = new Set<NodeJS.Timeout>();
  /** Grows when everything is called off, so that an answer to an older attempt changes nothing. */
  #generation = 0;
  #underway = 0;
  #lost = 0;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  get underway(): number {
    return this.#underway;
  }

  get lost(): number {
    return this.#lost;
  }

  send(notice: Notice, { copies, delayMs }: Delivery = deliveredOnce): void {
    for (const url of notice.charge.notificationUrls) {
      for (let copy = 0; copy < copies; copy++) this.#sendOne(notice, url, delayMs);
    }
  }

  /** Calls off everything that is not delivered yet. */
  clear(): void {
    this.#generation += 1;
    this.#underway = 0;
    this.#lost = 0;
    this.#shuffler.clear();
    for (const delay of this.#delays) clearTimeout(delay);
    this.#delays.clear();
  }

  close(): void {
    this.clear();
    this.#post.close();
  }

  #sendOne(notice: Notice, url: string, delayMs: number): void {
    const journeys = this.#parts.travel.journeys();
    if (journeys.length === 0) this.#record(notice, 'dropped', false);
    for (const journey of journeys) {
      if (this.#underway >= this.#parts.maxUnderway) {
        this.#lost += 1;
        this.#record(notice, 'dropped', false);
        continue;
      }
      this.#underway += 1;
      const record = this.#record(notice, 'sent', journey.forged);
      this.#setOut({ notice, url, journey, deliveryId: randomUUID(), record, generation: this.#generation }, delayMs + journey.delayMs);
    }
  }

  #record(notice: Notice, fate: NoticeRecord['fate'], forged: boolean): NoticeRecord {
    const record: NoticeRecord = { event: notice.event, at: this.#parts.clock.now(), fate, forged, attempts: [] };
    notice.charge.notices.push(record);
    return record;
  }

  #setOut(delivering: Delivering, delayMs: number): void {
    if (delayMs <= 0) {
      this.#depart(delivering);
      return;
    }
    const timer = setTimeout(() => {
      this.#delays.delete(timer);
      this.#depart(delivering);
    }, delayMs).unref();
    this.#delays.add(timer);
  }

  #depart(delivering: Delivering): void {
    const { travel } = this.#parts;
    // A turn later, so that a creation is answered before its first notice leaves.
    const go = () => void setImmediate(() => void this.#attempt(delivering));
    if (travel.rules.shuffle) this.#shuffler.put(go, travel.random);
    else go();
  }

  async #attempt(delivering: Delivering): Promise<void> {
    const { clock, ladder } = this.#parts;
    const { notice, url, journey, deliveryId, record, generation } = delivering;
    if (generation !== this.#generation) return;
    const attempt: NoticeRecord['attempts'][number] = { at: clock.now(), result: null };
    record.attempts.push(attempt);
    const message = notice.compose({ sentAt: attempt.at, forged: journey.forged, deliveryId });
    const result = await this.#post.post(url, message, ladder.timeoutMs(), ladder.redirectHops);
    attempt.result = result;
    if (generation !== this.#generation) return;
    const again = isSuccess(result) ? null : ladder.nextAttemptAfter(result, record.attempts.length);
    if (again === null) this.#underway -= 1;
    else clock.at(clock.now() + again, () => void this.#attempt(delivering));
  }
}

const isSuccess = (result: PostResult): boolean => typeof result === 'number' && result >= 200 && result < 300;
