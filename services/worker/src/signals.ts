import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { type ChargeReply, replyChannel, wakeUpChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Tells the relay that a database's outbox has new events. Never throws. A lost wake-up costs 250 ms: the relay also polls the outbox. */
export type WakeRelay = (host: Pick<Host, 'database'>) => void;

export const createWakeRelay =
  (redis: Redis): WakeRelay =>
  ({ database }) => {
    redis.publish(wakeUpChannel(database), '').catch(() => {});
  };

/**
 * Sends a payment to the api process that waits for it, if one does. Never throws. A lost reply costs at most half of the wait: the api
 * also reads the row.
 */
export type Reply = (payment: Payment) => void;

export const createReply =
  (redis: Redis): Reply =>
  ({ id, replyTo, status, version, qrString, shownAttempt, updatedAt, checkedAt }) => {
    if (!replyTo) return;
    const reply: ChargeReply = {
      paymentId: id,
      status,
      version,
      qrString,
      shownAttempt,
      updatedAt,
      checkedAt,
    };
    redis.publish(replyChannel(replyTo), JSON.stringify(reply)).catch(() => {});
  };
