import { type ChargeReply, replyChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { findPayment, type Payment, type Queryable } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** Waits for one payment's news, from before it can come. */
export interface Waiting {
  /**
   * The payment once `isAnswer` holds for it, else as it is when the time, counted from `expect`, is over. The row is looked at half-way and at the end,
   * and often when `unheard`: nobody promised to tell this process.
   */
  until(
    isAnswer: (payment: Payment) => boolean,
    options: { payment: Payment; db: Queryable; withinMs: number; unheard: boolean },
  ): Promise<Payment>;
  stop(): void;
}

/** This process's reply channel: who waits for which payment. */
export interface Replies {
  /** What workers are told to answer to. */
  readonly name: string;
  /** @param since when the caller began to wait, by `performance.now()`: now, unless it has waited for other things already */
  expect(paymentId: string, since?: number): Waiting;
  close(): void;
}

export async function listenForReplies(subscriber: Redis, name: string, log: Logger): Promise<Replies> {
  const waiters = new Map<string, Set<(reply: ChargeReply) => void>>();
  subscriber.on('message', (_channel, message) => {
    const reply = JSON.parse(message) as ChargeReply;
    for (const hear of waiters.get(reply.paymentId) ?? []) hear(reply);
  });
  // Not awaited: Redis may be away now, and the subscription is made when it comes.
  subscriber.subscribe(replyChannel(name)).catch((error: unknown) => log.warn({ err: error }, 'no replies are heard'));

  function expect(paymentId: string, since = performance.now()): Waiting {
    let last = null as ChargeReply | null; // set by whoever calls `hear`
    let wake: () => void = () => {};
    const hear = (reply: ChargeReply): void => {
      last = reply;
      wake();
    };
    const group = waiters.get(paymentId) ?? new Set();
    waiters.set(paymentId, group.add(hear));

    /** Whether a reply is there, at once or within so many milliseconds. */
    const heardWithin = (ms: number): Promise<boolean> =>
      new Promise((done) => {
        if (last) return done(true);
        const timer = setTimeout(() => done(false), ms);
        wake = () => {
          clearTimeout(timer);
          done(true);
        };
      });

    return {
      until: async (isAnswer, { payment, db, withinMs, unheard }) => {
        let present = payment;
        for (const lookAfterMs of looks(withinMs, unheard)) {
          // A reply says what has changed. One that is not the answer shortens no wait.
          while (!isAnswer(present) && (await heardWithin(Math.max(0, since + lookAfterMs - performance.now())))) {
            present = { ...present, ...changesOf(last as ChargeReply) };
            last = null;
          }
          if (isAnswer(present)) return present;
          present = (await findPayment(db, payment.id).catch(() => null)) ?? present;
        }
        return present;
      },
      stop: () => {
        group.delete(hear);
        if (group.size === 0) waiters.delete(paymentId);
      },
    };
  }

  return { name, expect, close: () => subscriber.disconnect() };
}

/** After how many milliseconds the row is looked at: half-way and at the end, since a reply may be lost; often when none is promised. */
export function looks(withinMs: number, unheard: boolean): number[] {
  if (withinMs <= 0) return [];
  if (!unheard) return [withinMs / 2, withinMs];
  const times: number[] = [];
  for (let at = 100, step = 100; at < withinMs; step = Math.min(step * 1.5, 1_000), at += step) times.push(at);
  return [...times, withinMs];
}

function changesOf({ status, version, qrString, shownAttempt, updatedAt, checkedAt }: ChargeReply) {
  return { status, version, qrString, shownAttempt, updatedAt: new Date(updatedAt), checkedAt: checkedAt ? new Date(checkedAt) : null };
}
