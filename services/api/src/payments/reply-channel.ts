import type { Payment } from '@gateway/shared/payment';
import type { Queryable } from '@gateway/shared/postgres';
import { type ChargeReply, parseChargeReply, replyChannel } from '@gateway/shared/queue';
import type { Logger } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** The replies of workers to this api process. A lost reply costs time only, because the payment's row is read too. */
export interface Replies {
  /** The name of this process's channel: jobs and rows carry it as `replyTo`. */
  readonly name: string;
  /** Begins to collect replies about a payment. @param since when the caller's wait began, by `performance.now()`; default: now */
  expect(paymentId: string, since?: number): Waiting;
  close(): void;
}

/** A wait for one payment. It begins before the job is added, so that no reply comes too early. */
export interface Waiting {
  /**
   * Returns the payment as soon as `isAnswer` holds for it, else as it is when `withinMs` is over. The time counts from `expect`.
   * The row is read at half of the time and at its end; often, when no reply is expected. A failed read is ignored.
   */
  until(isAnswer: (payment: Payment) => boolean, options: WaitOptions): Promise<Payment>;
  /** What the provider took to make the QR, milliseconds, as the last reply says; null when none came that says it. */
  providerMs(): number | null;
  stop(): void;
}

export interface WaitOptions {
  payment: Payment;
  db: Queryable;
  withinMs: number;
  /** Whether a worker was asked to reply to this process. */
  replyExpected: boolean;
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
  // Not awaited: the api starts without Redis, and the subscription is made when Redis connects.
  subscriber
    .subscribe(replyChannel(name))
    .catch((error: unknown) => log.warn({ err: error }, 'reply subscription failed, polling instead'));

  function expect(paymentId: string, since = performance.now()): Waiting {
    const inbox = createReplyInbox();
    const group = waiters.get(paymentId) ?? new Set();
    waiters.set(paymentId, group.add(inbox.receive));
    return {
      until: (isAnswer, options) => waitForAnswer(inbox, since, isAnswer, options),
      providerMs: inbox.providerMs,
      stop: () => {
        group.delete(inbox.receive);
        if (group.size === 0) waiters.delete(paymentId);
      },
    };
  }

  return { name, expect, close: () => subscriber.disconnect() };
}

interface ReplyInbox {
  receive(reply: ChargeReply): void;
  /** The last reply that was not taken yet, at once or within `ms`; null when none came. */
  take(ms: number): Promise<ChargeReply | null>;
  providerMs(): number | null;
}

function createReplyInbox(): ReplyInbox {
  let last: ChargeReply | null = null;
  let providerMs: number | null = null;
  let wake: () => void = () => {};
  return {
    receive: (reply) => {
      last = reply;
      providerMs = reply.providerMs ?? null;
      wake();
    },
    providerMs: () => providerMs,
    take: async (ms) => {
      if (!last) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, ms);
        wake = resolve;
        await promise;
        clearTimeout(timer);
      }
      const taken = last;
      last = null;
      return taken;
    },
  };
}

/** A reply that does not satisfy `isAnswer` does not end the wait: it only updates the payment. */
async function waitForAnswer(
  inbox: ReplyInbox,
  since: number,
  isAnswer: (payment: Payment) => boolean,
  { payment, db, withinMs, replyExpected }: WaitOptions,
): Promise<Payment> {
  let current = payment;
  for (const pollAfterMs of pollTimes(withinMs, replyExpected)) {
    while (!isAnswer(current)) {
      const reply = await inbox.take(Math.max(0, since + pollAfterMs - performance.now()));
      if (!reply) break;
      const { paymentId: _, providerMs: __, ...changes } = reply;
      current = { ...current, ...changes };
    }
    if (isAnswer(current)) return current;
    current = (await payments.find(db, payment.id).catch(() => null)) ?? current;
  }
  return current;
}

/** When the row is read, in milliseconds from the start of the wait. A reply may be lost, so two reads are made even when one is expected. */
export function pollTimes(withinMs: number, replyExpected: boolean): number[] {
  if (withinMs <= 0) return [];
  if (replyExpected) return [withinMs / 2, withinMs];
  const times: number[] = [];
  for (let at = 100, step = 100; at < withinMs; step = Math.min(step * 1.5, 1_000), at += step) times.push(at);
  return [...times, withinMs];
}
