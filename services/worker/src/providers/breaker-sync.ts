import { type AccountMisconfigured, accountKey, type BreakerChange, type Breakers, type ProviderAccount } from '@gateway/shared/provider';
import {
  type BreakerUpdate,
  breakerChannel,
  breakerKey,
  breakerUpdateTtlMs,
  type MisconfiguredNote,
  misconfiguredKey,
  misconfiguredTtlMs,
  parseBreakerUpdate,
} from '@gateway/shared/queue';
import { type Clock, type Logger, newUlid } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';

const kinds: readonly BreakerUpdate['kind'][] = ['create', 'other'];

const logEveryMs = 60_000;

interface BreakerSyncDeps {
  breakers: Breakers;
  accounts: readonly ProviderAccount[];
  /** For telling. */
  redis: Redis;
  /** For hearing. */
  subscriber: Redis;
  clock: Clock;
  log: Logger;
}

/**
 * One process's lesson is everyone's: what a breaker has seen here is told to the other workers, and what they have seen opens or
 * closes ours. Each tries for itself when its rest is over. Who starts later hears what is still true. Without Redis each learns alone.
 */
export function syncBreakers({ breakers, accounts, redis, subscriber, clock, log }: BreakerSyncDeps): void {
  const processId = newUlid();
  const keys = accounts.map(accountKey);
  const loggedAt = new Map<string, Date>();

  breakers.onChange((change) => {
    if (change.source === 'local') publish(change);
  });
  breakers.onMisconfigured(reportMisconfigured);
  subscriber.on('message', (channel: string, text: string) => {
    if (channel !== breakerChannel) return;
    try {
      receive(text);
    } catch (error) {
      log.warn({ err: error }, 'invalid breaker update ignored');
    }
  });
  // At the start, and after Redis was away: whichever of the two connections is there last finds the other one ready.
  const listen = () => void subscriber.subscribe(breakerChannel).then(loadCurrent, () => {});
  listen();
  subscriber.on('ready', listen);
  redis.on('ready', () => void loadCurrent());

  function publish({ account, kind, opened, since, until }: BreakerChange): void {
    const update: BreakerUpdate = { account, kind, opened, since, until, by: processId };
    const text = JSON.stringify(update);
    const key = breakerKey({ account, kind });
    const ttlMs = breakerUpdateTtlMs + (until ? until.getTime() - clock.now().getTime() : 0);
    const stored = opened ? redis.set(key, text, 'PX', ttlMs) : redis.del(key);
    Promise.all([stored, redis.publish(breakerChannel, text)]).catch(() => {}); // the others will see for themselves
  }

  /** A breaker does not open for it, so nothing else would say it aloud. */
  function reportMisconfigured({ account, reason, at }: AccountMisconfigured): void {
    const lastLoggedMs = loggedAt.get(account)?.getTime() ?? 0;
    if (at.getTime() < lastLoggedMs + logEveryMs) return;
    loggedAt.set(account, at);
    log.error({ account, reason }, 'provider rejects the credentials or setup of this account: operator action required');
    redis
      .set(misconfiguredKey(account), JSON.stringify({ reason, at } satisfies MisconfiguredNote), 'PX', misconfiguredTtlMs)
      .catch(() => {}); // the log has it
  }

  function receive(text: string): void {
    const { account, kind, opened, since, until, by } = parseBreakerUpdate(text);
    if (by === processId) return;
    const matching = account.endsWith('/*') ? keys.filter((key) => key.startsWith(account.slice(0, -1))) : [account];
    for (const each of matching) breakers.applyRemote({ account: each, kind, opened, since, until: until ?? null });
  }

  /** What is still true of what was told before we listened. */
  async function loadCurrent(): Promise<void> {
    try {
      const redisKeys = keys.flatMap((account) => kinds.map((kind) => breakerKey({ account, kind })));
      for (const update of await Promise.all(redisKeys.map((key) => redis.get(key)))) if (update) receive(update);
    } catch (error) {
      log.debug({ err: error }, 'breaker states not loaded from Redis');
    }
  }
}
