import { type ChargeReply, replyChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { findPayment, type Payment, type Queryable } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** Waits for one payment's news, from before it can come. */
export interface Waiting {
  /**
   * The payment once `isAnswer` holds for it, else as it is when the time is over. The row is looked at half-way and at the end,
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
  expect(paymentId: string): Waiting;
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

  function expect(paymentId: string): Waiting {
    let last: ChargeReply | null = null;
    let wake: () => void = () => {};
    const hear = (reply: ChargeReply): void => {
      last = reply;
      wake();
    };
    const group = waiters.get(paymentId) ?? new Set();
    waiters.set(paymentId, group.add(hear));

    const heardWithin = (ms: number): Promise<void> =>
      new Promise((done) => {
        const timer = setTimeout(done, ms);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });

    return {
      until: async (isAnswer, { payment, db, withinMs, unheard }) => {
        let present = payment;
        for (const waitMs of pauses(withinMs, unheard)) {
          if (isAnswer(present)) return present;
          if (!last) await heardWithin(waitMs);
          // A reply says what has changed; without one the row is asked.
          present = last ? { ...present, ...changesOf(last) } : ((await findPayment(db, payment.id).catch(() => null)) ?? present);
          last = null;
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

/** How the wait is cut: at its half and its end, since a reply may be lost; in growing steps when none is promised. */
export function pauses(withinMs: number, unheard: boolean): number[] {
  if (withinMs <= 0) return [];
  if (!unheard) return [withinMs / 2, withinMs / 2];
  const steps: number[] = [];
  for (let step = 100, left = withinMs; left > 0; left -= step, step = Math.min(step * 1.5, 1_000)) steps.push(Math.min(step, left));
  return steps;
}

function changesOf({ status, version, qrString, shownAttempt, updatedAt, checkedAt }: ChargeReply) {
  return { status, version, qrString, shownAttempt, updatedAt: new Date(updatedAt), checkedAt: checkedAt ? new Date(checkedAt) : null };
}
