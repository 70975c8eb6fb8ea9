import { accountKey, type ProviderAccount } from '@gateway/shared/provider';
import { refusedWebhookKey, refusedWebhookTtlMs } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';

const everyMs = 1_000; // per account: a flood of forged webhooks must not become a flood of writes

/** Keeps the time of the last refused webhook of each account in Redis. Never throws. */
export function createNoteRefused(redis: Redis, clock: Clock): (account: ProviderAccount) => void {
  const notedAtMs = new Map<string, number>();
  return (account) => {
    const key = accountKey(account);
    const now = clock.now();
    if (now.getTime() < (notedAtMs.get(key) ?? 0) + everyMs) return;
    notedAtMs.set(key, now.getTime());
    redis.set(refusedWebhookKey(key), now.toISOString(), 'PX', refusedWebhookTtlMs).catch(() => {}); // without Redis only the log has it
  };
}
