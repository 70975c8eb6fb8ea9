import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { type ChargeReply, replyChannel, wakeUpChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Tells the relay that a database's outbox has new events. Never throws. A lost wake-up costs 250 ms: the relay also polls the outbox. */
export type WakeRelay = (host: Pick<Host, 'database'>) => void;

const pauseMs = 10;
const scheduleUnref = (work: () => void, ms: number) => void setTimeout(work, ms).unref();

/**
 * While other jobs run, events of the next ten milliseconds share one wake-up: on a busy evening the relay then takes several in one run.
 * The events of one till alone wait for nothing.
 * @param runningJobs how many jobs run in this process, with the one that calls
 */
export function createWakeRelay(
  redis: Redis,
  runningJobs: () => number,
  schedule: (work: () => void, ms: number) => void = scheduleUnref,
): WakeRelay {
  /** By database: whether new events came since its last wake-up. Without an entry, the next event wakes the relay at once. */
  const newEvents = new Map<string, boolean>();

  function wake(database: string): void {
    redis.publish(wakeUpChannel(database), '').catch(() => {});
    newEvents.set(database, false);
    schedule(() => {
      if (newEvents.get(database)) wake(database);
      else newEvents.delete(database);
    }, pauseMs);
  }

  return ({ database }) => {
    if (newEvents.has(database) && runningJobs() > 1) newEvents.set(database, true);
    else wake(database);
  };
}

/**
 * Sends a payment to the api process that waits for it, if one does. Never throws. A lost reply costs at most half of the wait: the api
 * also reads the row.
 * @param providerMs what the provider took to make the QR, when only one was asked
 */
export type Reply = (payment: Payment, providerMs?: number) => void;

export const createReply =
  (redis: Redis): Reply =>
  ({ id, replyTo, status, version, qrString, shownAttempt, updatedAt, checkedAt }, providerMs) => {
    if (!replyTo) return;
    const reply: ChargeReply = {
      paymentId: id,
      status,
      version,
      qrString,
      shownAttempt,
      updatedAt,
      checkedAt,
      ...(providerMs === undefined ? {} : { providerMs }),
    };
    redis.publish(replyChannel(replyTo), JSON.stringify(reply)).catch(() => {});
  };
