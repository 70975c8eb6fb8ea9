import { randomUUID } from 'node:crypto';
import type { Charge, NoticeRecord } from './charge.ts';
import type { DeliveryPlan, DeliveryRules } from './delivery-rules.ts';
import { type Message, type PostResult, WebhookPoster } from './post-webhook.ts';
import { ReorderBuffer } from './reorder-buffer.ts';
import type { SimulatorClock } from './simulator-clock.ts';

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
export interface RetrySchedule {
  timeoutMs(): number;
  /** How many 307 or 308 answers it follows. */
  redirectHops: number;
  /** Milliseconds of the simulator's clock until the next attempt; null when it gives up. */
  nextAttemptAfter(result: PostResult, attemptsMade: number): number | null;
}

interface ScheduledDelivery {
  notice: Notice;
  url: string;
  plan: DeliveryPlan;
  deliveryId: string;
  record: NoticeRecord;
  generation: number;
}

interface SenderParts {
  clock: SimulatorClock;
  deliveryRules: DeliveryRules;
  retrySchedule: RetrySchedule;
  /** Deliveries that may be on their way or waiting for a retry; beyond it news is lost, and counted. */
  maxUnderway: number;
}

/** Carries one provider's news to its merchants: bad luck on the way, retries by the provider's ladder, everything written down. */
export class WebhookSender {
  readonly #parts: SenderParts;
  readonly #poster = new WebhookPoster();
  readonly #reorderBuffer = new ReorderBuffer();
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
    this.#reorderBuffer.clear();
    for (const delay of this.#delays) clearTimeout(delay);
    this.#delays.clear();
  }

  close(): void {
    this.clear();
    this.#poster.close();
  }

  #sendOne(notice: Notice, url: string, delayMs: number): void {
    const plans = this.#parts.deliveryRules.plans();
    if (plans.length === 0) this.#record(notice, 'dropped', false);
    for (const plan of plans) {
      if (this.#underway >= this.#parts.maxUnderway) {
        this.#lost += 1;
        this.#record(notice, 'dropped', false);
        continue;
      }
      this.#underway += 1;
      const record = this.#record(notice, 'sent', plan.forged);
      this.#schedule({ notice, url, plan, deliveryId: randomUUID(), record, generation: this.#generation }, delayMs + plan.delayMs);
    }
  }

  #record(notice: Notice, result: NoticeRecord['fate'], forged: boolean): NoticeRecord {
    const record: NoticeRecord = { event: notice.event, at: this.#parts.clock.now(), fate: result, forged, attempts: [] };
    notice.charge.notices.push(record);
    return record;
  }

  #schedule(scheduled: ScheduledDelivery, delayMs: number): void {
    if (delayMs <= 0) {
      this.#post(scheduled);
      return;
    }
    const timer = setTimeout(() => {
      this.#delays.delete(timer);
      this.#post(scheduled);
    }, delayMs).unref();
    this.#delays.add(timer);
  }

  #post(scheduled: ScheduledDelivery): void {
    const { deliveryRules } = this.#parts;
    // A turn later, so that a creation is answered before its first notice leaves.
    const startAttempt = () => void setImmediate(() => void this.#attempt(scheduled));
    if (deliveryRules.settings.shuffle) this.#reorderBuffer.add(startAttempt, deliveryRules.random);
    else startAttempt();
  }

  async #attempt(scheduled: ScheduledDelivery): Promise<void> {
    const { clock, retrySchedule } = this.#parts;
    const { notice, url, plan, deliveryId, record, generation } = scheduled;
    if (generation !== this.#generation) return;
    const attempt: NoticeRecord['attempts'][number] = { at: clock.now(), result: null };
    record.attempts.push(attempt);
    const message = notice.compose({ sentAt: attempt.at, forged: plan.forged, deliveryId });
    const result = await this.#poster.post(url, message, retrySchedule.timeoutMs(), retrySchedule.redirectHops);
    attempt.result = result;
    if (generation !== this.#generation) return;
    const retryDelayMs = isSuccess(result) ? null : retrySchedule.nextAttemptAfter(result, record.attempts.length);
    if (retryDelayMs === null) this.#underway -= 1;
    else clock.at(clock.now() + retryDelayMs, () => void this.#attempt(scheduled));
  }
}

const isSuccess = (result: PostResult): boolean => typeof result === 'number' && result >= 200 && result < 300;
