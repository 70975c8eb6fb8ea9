import type { Payment } from '@gateway/shared/payment';
import type { Queryable } from '@gateway/shared/postgres';
import { type ChargeReply, parseChargeReply, replyChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** Waits for one payment's news, from before it can come. */
export interface Waiting {
  /**
   * The payment once `isAnswer` holds for it, else as it is when the time, counted from `expect`, is over. The row is looked at half-way and at the end,
   * and often when `unheard`: nobody promised to tell this process.
   */
  until(
    isAnswer: (payment: Payment) => boolean,
    options: { payment: Payment; db: Queryable; withinMs: number; replyExpected: boolean },
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
    try {
      const reply = parseChargeReply(message);
      for (const receive of waiters.get(reply.paymentId) ?? []) receive(reply);
    } catch (error) {
      log.warn({ err: error }, 'invalid charge reply ignored');
    }
  });
  // Not awaited: Redis may be away now, and the subscription is made when it comes.
  subscriber
    .subscribe(replyChannel(name))
    .catch((error: unknown) => log.warn({ err: error }, 'reply subscription failed, polling instead'));

  function expect(paymentId: string, since = performance.now()): Waiting {
    let lastReply = null as ChargeReply | null; // set by whoever calls `hear`
    let wake: () => void = () => {};
    const receive = (reply: ChargeReply): void => {
      lastReply = reply;
      wake();
    };
    const group = waiters.get(paymentId) ?? new Set();
    waiters.set(paymentId, group.add(receive));

    /** Whether a reply is there, at once or within so many milliseconds. */
    const receivedWithin = (ms: number): Promise<boolean> =>
      new Promise((resolve) => {
        if (lastReply) return resolve(true);
        const timer = setTimeout(() => resolve(false), ms);
        wake = () => {
          clearTimeout(timer);
          resolve(true);
        };
      });

    return {
      until: async (isAnswer, { payment, db, withinMs, replyExpected }) => {
        let current = payment;
        for (const pollAfterMs of pollTimes(withinMs, replyExpected)) {
          // A reply says what has changed. One that is not the answer shortens no wait.
          while (!isAnswer(current) && (await receivedWithin(Math.max(0, since + pollAfterMs - performance.now())))) {
            const { paymentId: _, ...changes } = lastReply as ChargeReply;
            current = { ...current, ...changes };
            lastReply = null;
          }
          if (isAnswer(current)) return current;
          current = (await payments.find(db, payment.id).catch(() => null)) ?? current;
        }
        return current;
      },
      stop: () => {
        group.delete(receive);
        if (group.size === 0) waiters.delete(paymentId);
      },
    };
  }

  return { name, expect, close: () => subscriber.disconnect() };
}

/** After how many milliseconds the row is looked at: half-way and at the end, since a reply may be lost; often when none is promised. */
export function pollTimes(withinMs: number, replyExpected: boolean): number[] {
  if (withinMs <= 0) return [];
  if (replyExpected) return [withinMs / 2, withinMs];
  const times: number[] = [];
  for (let at = 100, step = 100; at < withinMs; step = Math.min(step * 1.5, 1_000), at += step) times.push(at);
  return [...times, withinMs];
}
