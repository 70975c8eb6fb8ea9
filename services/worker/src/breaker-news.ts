import { type AccountRefusal, accountKey, type BreakerChange, type Breakers, type ProviderAccount } from '@gateway/shared/provider';
import { type BreakerNews, breakerChannel, breakerKey, breakerNewsMs, refusalKey, refusalMs } from '@gateway/shared/queue';
import { type Clock, type Logger, newUlid } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';

const kinds: readonly BreakerNews['kind'][] = ['create', 'rest'];

const sayEveryMs = 60_000;

interface BreakerNewsDeps {
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
export function shareBreakerNews({ breakers, accounts, redis, subscriber, clock, log }: BreakerNewsDeps): void {
  const me = newUlid();
  const keys = accounts.map(accountKey);
  const saidAt = new Map<string, Date>();

  breakers.onChange((change) => {
    if (change.from === 'seen') tell(change);
  });
  breakers.onRefusal(tellOperator);
  subscriber.on('message', (channel: string, text: string) => {
    if (channel !== breakerChannel) return;
    try {
      hear(text);
    } catch (error) {
      log.warn({ err: error }, 'news of a breaker could not be read');
    }
  });
  // At the start, and after Redis was away: whichever of the two connections is there last finds the other one ready.
  const listen = () => void subscriber.subscribe(breakerChannel).then(catchUp, () => {});
  listen();
  subscriber.on('ready', listen);
  redis.on('ready', () => void catchUp());

  function tell({ account, kind, opened, since, until }: BreakerChange): void {
    const news: BreakerNews = { account, kind, opened, since: since?.toISOString() ?? null, until: until?.toISOString() ?? null, by: me };
    const text = JSON.stringify(news);
    const key = breakerKey({ account, kind });
    const keepMs = breakerNewsMs + (until ? until.getTime() - clock.now().getTime() : 0);
    const kept = opened ? redis.set(key, text, 'PX', keepMs) : redis.del(key);
    Promise.all([kept, redis.publish(breakerChannel, text)]).catch(() => {}); // the others will see for themselves
  }

  /** A breaker does not open for it, so nothing else would say it aloud. */
  function tellOperator({ account, reason, at }: AccountRefusal): void {
    const before = saidAt.get(account)?.getTime() ?? 0;
    if (at.getTime() < before + sayEveryMs) return;
    saidAt.set(account, at);
    log.error({ account, reason }, 'a provider refuses our credentials or set-up for this account: an operator must act');
    redis.set(refusalKey(account), JSON.stringify({ reason, at: at.toISOString() }), 'PX', refusalMs).catch(() => {}); // the log has it
  }

  function hear(text: string): void {
    const { account, kind, opened, since, until, by } = JSON.parse(text) as BreakerNews;
    if (by === me) return;
    const named = account.endsWith('/*') ? keys.filter((key) => key.startsWith(account.slice(0, -1))) : [account];
    for (const each of named)
      breakers.tell({ account: each, kind, opened, since: since ? new Date(since) : null, until: until ? new Date(until) : null });
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
