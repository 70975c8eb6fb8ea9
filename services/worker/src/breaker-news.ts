import { accountKey, type Breakers, type ProviderAccount } from '@gateway/shared/provider';
import { type BreakerNews, breakerChannel, breakerKey, breakerNewsMs } from '@gateway/shared/queue';
import { type Logger, newUlid } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';

const kinds: readonly BreakerNews['kind'][] = ['create', 'rest'];

interface BreakerNewsDeps {
  breakers: Breakers;
  accounts: readonly ProviderAccount[];
  /** For telling. */
  redis: Redis;
  /** For hearing. */
  subscriber: Redis;
  log: Logger;
}

/**
 * One process's lesson is everyone's: what a breaker has seen here is told to the other workers, and what they have seen opens or
 * closes ours. Each tries for itself when its rest is over. Without Redis each learns alone.
 */
export function shareBreakerNews({ breakers, accounts, redis, subscriber, log }: BreakerNewsDeps): void {
  const me = newUlid();
  const keys = accounts.map(accountKey);

  breakers.onChange(({ account, kind, opened, since, from }) => {
    if (from === 'told') return;
    const news = JSON.stringify({ account, kind, opened, since: since?.toISOString() ?? null, by: me } satisfies BreakerNews);
    const key = breakerKey({ account, kind });
    const kept = opened ? redis.set(key, news, 'PX', breakerNewsMs) : redis.del(key);
    Promise.all([kept, redis.publish(breakerChannel, news)]).catch(() => {}); // the others will see for themselves
  });

  subscriber.on('message', (channel: string, text: string) => {
    if (channel === breakerChannel) hear(text);
  });
  subscriber.on('ready', () => void catchUp()); // at the start, and after Redis was away
  subscriber.subscribe(breakerChannel).catch(() => {}); // it subscribes again by itself

  function hear(text: string): void {
    const { account, kind, opened, by } = JSON.parse(text) as BreakerNews;
    if (by === me) return;
    for (const each of account.endsWith('/*') ? keys.filter((key) => key.startsWith(account.slice(0, -1))) : [account])
      breakers.tell({ account: each, kind, opened });
  }

  /** What is still true of what was told before we listened. */
  async function catchUp(): Promise<void> {
    try {
      const named = keys.flatMap((account) => kinds.map((kind) => breakerKey({ account, kind })));
      for (const news of await Promise.all(named.map((key) => redis.get(key)))) if (news) hear(news);
    } catch (error) {
      log.debug({ err: error }, 'what other workers know of providers could not be read');
    }
  }
}
