import { type AccountDirectory, type AccountMisconfigured, accountKey, type BreakerChange, type Breakers } from '@gateway/shared/provider';
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

const logEveryMs = 60_000; // per account: every call to a misconfigured account fails in the same way

interface BreakerSyncDeps {
  breakers: Breakers;
  /** The accounts as of now. */
  accounts: Pick<AccountDirectory, 'all'>;
  /** Publishes and stores this process's updates. */
  redis: Redis;
  /** Receives the updates of the other processes. */
  subscriber: Redis;
  clock: Clock;
  log: Logger;
}

interface BreakerSync extends BreakerSyncDeps {
  /** Marks this process's own updates, which it receives too. */
  processId: string;
  /** The accounts as of now, as `accountKey` writes them. */
  keys: () => readonly string[];
}

/**
 * Shares circuit breaker states among the workers: one process's failures spare the tills of the others. A breaker that opens or
 * closes here is published; a published update opens or closes ours. A process that starts later loads what is still true.
 * Without Redis each process counts its own failures.
 */
export function syncBreakers(deps: BreakerSyncDeps): void {
  const { breakers, accounts, redis, subscriber, log } = deps;
  const sync: BreakerSync = { ...deps, processId: newUlid(), keys: () => accounts.all().map(accountKey) };
  breakers.onChange((change) => {
    if (change.source === 'local') publish(sync, change);
  });
  breakers.onMisconfigured(reportMisconfigured(deps));
  subscriber.on('message', (channel: string, text: string) => {
    if (channel !== breakerChannel) return;
    try {
      receive(sync, text);
    } catch (error) {
      log.warn({ err: error }, 'invalid breaker update ignored');
    }
  });
  // At the start, and after Redis was unavailable. The connection that becomes ready last finds the other one ready.
  const subscribe = () =>
    void subscriber.subscribe(breakerChannel).then(
      () => loadCurrent(sync),
      () => {},
    );
  subscribe();
  subscriber.on('ready', subscribe);
  redis.on('ready', () => void loadCurrent(sync));
}

/** Never throws: a worker that misses an update counts its own failures. */
function publish({ redis, clock, processId }: BreakerSync, { account, kind, opened, since, until }: BreakerChange): void {
  const update: BreakerUpdate = { account, kind, opened, since, until, by: processId };
  const text = JSON.stringify(update);
  const key = breakerKey({ account, kind });
  const ttlMs = breakerUpdateTtlMs + (until ? until.getTime() - clock.now().getTime() : 0);
  const stored = opened ? redis.set(key, text, 'PX', ttlMs) : redis.del(key);
  Promise.all([stored, redis.publish(breakerChannel, text)]).catch(() => {});
}

/** @throws when the text is no breaker update */
function receive({ breakers, keys, processId }: BreakerSync, text: string): void {
  const { account, kind, opened, since, until = null, by } = parseBreakerUpdate(text);
  if (by === processId) return;
  const matching = account.endsWith('/*')
    ? keys().filter((key) => key.startsWith(account.slice(0, -1)))
    : keys().filter((key) => key === account);
  for (const each of matching) breakers.applyRemote({ account: each, kind, opened, since, until });
}

/** Applies the stored updates: those that were published before this process subscribed. Never throws. */
async function loadCurrent(sync: BreakerSync): Promise<void> {
  try {
    const redisKeys = sync.keys().flatMap((account) => kinds.map((kind) => breakerKey({ account, kind })));
    for (const text of await Promise.all(redisKeys.map((key) => sync.redis.get(key)))) if (text) receive(sync, text);
  } catch (error) {
    sync.log.debug({ err: error }, 'breaker states not loaded from Redis');
  }
}

/** Logs a misconfigured account and stores it for the operators' page. Its breaker stays closed, so no other message reports it. */
function reportMisconfigured({ redis, log }: BreakerSyncDeps): (report: AccountMisconfigured) => void {
  const loggedAt = new Map<string, Date>();
  return ({ account, reason, at }) => {
    const lastLoggedMs = loggedAt.get(account)?.getTime() ?? 0;
    if (at.getTime() < lastLoggedMs + logEveryMs) return;
    loggedAt.set(account, at);
    log.error({ account, reason }, 'provider rejects the credentials or setup of this account: operator action required');
    const note: MisconfiguredNote = { reason, at };
    redis.set(misconfiguredKey(account), JSON.stringify(note), 'PX', misconfiguredTtlMs).catch(() => {});
  };
}
