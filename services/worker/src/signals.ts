import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import { type ChargeReply, replyChannel, wakeUpChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Rings the notifier's bell. A ring that is lost costs a quarter of a second: the notifier also looks by itself. */
export const createWakeRelay =
  (redis: Redis) =>
  ({ database }: Pick<Host, 'database'>): void => {
    redis.publish(wakeUpChannel(database), '').catch(() => {});
  };

/** Tells the api process that waits for this payment. A reply that is lost costs the till half of its wait: the api also looks by itself. */
export const createReply =
  (redis: Redis) =>
  ({ id, replyTo, status, version, qrString, shownAttempt, updatedAt, checkedAt }: Payment): void => {
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
