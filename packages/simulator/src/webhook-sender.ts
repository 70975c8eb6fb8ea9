import { randomUUID } from 'node:crypto';
import type { Charge, NoticeRecord } from './charge.ts';
import type { DeliveryPlan, DeliveryRules } from './delivery-rules.ts';
import { type Message, type PostResult, WebhookPoster } from './post-webhook.ts';
import { ReorderBuffer } from './reorder-buffer.ts';
import type { SimulatorClock } from './simulator-clock.ts';

/** One webhook about a charge, sent to each of the charge's addresses. */
export interface Notice {
  charge: Charge;
  event: string;
  /** Writes the webhook for one attempt. All attempts of one delivery have the same `deliveryId`. */
  compose(attempt: { sentAt: number; hasInvalidSignature: boolean; deliveryId: string }): Message;
}

/** How often a webhook is delivered, and after how many real milliseconds. */
export interface Delivery {
  copies: number;
  delayMs: number;
}

export const deliveredOnce: Delivery = { copies: 1, delayMs: 0 };

/** How one provider retries a webhook that a merchant did not accept. */
export interface RetrySchedule {
  timeoutMs(): number;
  /** How many 307 or 308 redirects are followed. */
  redirectHops: number;
  /** Milliseconds of the simulator's clock until the next attempt; null: no further attempt. */
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
  /** How many deliveries may be in progress or waiting for a retry. Further ones are dropped, and counted as `lost`. */
  maxUnderway: number;
}

/** Delivers one provider's webhooks to its merchants: by the delivery rules, with the provider's retries. Records every attempt. */
export class WebhookSender {
  readonly #parts: SenderParts;
  readonly #poster = new WebhookPoster();
  readonly #reorderBuffer = new ReorderBuffer();
  readonly #delays = new Set<NodeJS.Timeout>();
  /** Raised by `clear`, so that an answer to an attempt from before it changes nothing. */
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

  /** Cancels every delivery that is in progress or waiting. */
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
      const record = this.#record(notice, 'sent', plan.hasInvalidSignature);
      this.#schedule({ notice, url, plan, deliveryId: randomUUID(), record, generation: this.#generation }, delayMs + plan.delayMs);
    }
  }

  #record(notice: Notice, result: NoticeRecord['result'], hasInvalidSignature: boolean): NoticeRecord {
    const record: NoticeRecord = { event: notice.event, at: this.#parts.clock.now(), result, hasInvalidSignature, attempts: [] };
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
    // In the next turn of the event loop, so that a create call is answered before its first webhook is sent.
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
    const message = notice.compose({ sentAt: attempt.at, hasInvalidSignature: plan.hasInvalidSignature, deliveryId });
    const result = await this.#poster.post(url, message, retrySchedule.timeoutMs(), retrySchedule.redirectHops);
    attempt.result = result;
    if (generation !== this.#generation) return;
    const retryDelayMs = isSuccess(result) ? null : retrySchedule.nextAttemptAfter(result, record.attempts.length);
    if (retryDelayMs === null) this.#underway -= 1;
    else clock.at(clock.now() + retryDelayMs, () => void this.#attempt(scheduled));
  }
}

const isSuccess = (result: PostResult): boolean => typeof result === 'number' && result >= 200 && result < 300;
