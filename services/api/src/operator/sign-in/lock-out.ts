import { createHash } from 'node:crypto';
import { defineScript } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import { countedAddress } from '../../http/caller-address.ts';

const maxFailures = 10; // wrong passwords in a minute: more than a person mistypes
const minuteMs = 60_000;
const knownForMs = 30 * 86_400_000;
const maxEntries = 10_000; // limits the memory

/** One name, tried from one address. An IPv6 network of 64 bits is one address. Null: a name that no operator has. */
export interface Login {
  name: string | null;
  address: string;
}

/**
 * Counts the tries of each name from each address, for all processes, and refuses for a minute after ten. So guesses lock out neither
 * another name at their address, nor the same name elsewhere. All names that no operator has are one name.
 */
export interface LockOut {
  /** Counts one try. `waitSeconds`: null when it is allowed. `isKnown`: this name was admitted from this address in the last month. */
  take(login: Login): Promise<{ waitSeconds: number | null; isKnown: boolean }>;
  /** The password was right: nothing is counted any more. */
  admit(login: Login): Promise<void>;
}

interface Tries {
  count: number;
  until: number;
}

/** @param redis shares the counts among all processes; while it is unavailable, each process counts its own */
export function createLockOut(redis: Redis, clock: Clock): LockOut {
  const local = new Map<string, Tries>();
  const known = new Set<string>();
  return {
    take: async (login) => {
      const key = keyOf(login);
      const now = clock.now().getTime();
      const lockedMs = lockedFor(local.get(key), now);
      if (lockedMs > 0) return { waitSeconds: secondsOf(lockedMs), isKnown: false };
      try {
        const [waitMs, isKnown] = (await takeTry(redis, keysOf(key), [now, maxFailures, minuteMs])) as [number, number];
        if (waitMs > 0) remember(local, key, { count: maxFailures, until: now + waitMs }); // further guesses do not ask Redis
        return { waitSeconds: secondsOf(waitMs), isKnown: isKnown === 1 };
      } catch {
        return { waitSeconds: secondsOf(takeLocally(local, key, now)), isKnown: known.has(key) };
      }
    },
    admit: async (login) => {
      const key = keyOf(login);
      local.delete(key);
      if (known.size < maxEntries) known.add(key);
      const [tries, admitted] = keysOf(key) as [string, string];
      await Promise.all([redis.del(tries), redis.set(admitted, '1', 'PX', knownForMs)]).catch(() => {}); // the next try counts as the first from there
    },
  };
}

const secondsOf = (waitMs: number): number | null => (waitMs > 0 ? Math.ceil(waitMs / 1_000) : null);

/** The password that is typed into the field of the name must not be readable in Redis. */
const keyOf = ({ name, address }: Login): string =>
  createHash('sha256')
    .update(JSON.stringify([name, countedAddress(address)]))
    .digest('base64url');

const keysOf = (key: string): string[] => [`gateway:logins:{${key}}`, `gateway:logins:{${key}}:admitted`];

// The last try that is allowed starts a new minute, so that the lock-out lasts a full one. The clock is the caller's.
const takeTry = defineScript(`
local now, most, minute = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local count, till = unpack(redis.call('HMGET', KEYS[1], 'count', 'until'))
count, till = tonumber(count or 0), tonumber(till or 0)
local known = redis.call('EXISTS', KEYS[2])
if till <= now then count, till = 0, now + minute end
if count >= most then return { till - now, known } end
count = count + 1
if count == most then till = now + minute end
redis.call('HSET', KEYS[1], 'count', count, 'until', till)
redis.call('PEXPIRE', KEYS[1], 2 * minute)
return { 0, known }`);

/** @returns milliseconds to wait; 0: the try is counted and allowed */
function takeLocally(tries: Map<string, Tries>, key: string, now: number): number {
  const previous = tries.get(key);
  const current = previous && previous.until > now ? previous : { count: 0, until: now + minuteMs };
  const lockedMs = lockedFor(current, now);
  if (lockedMs > 0) return lockedMs;
  const count = current.count + 1;
  remember(tries, key, { count, until: count === maxFailures ? now + minuteMs : current.until });
  return 0;
}

const lockedFor = (tries: Tries | undefined, now: number): number =>
  tries && tries.count >= maxFailures ? Math.max(0, tries.until - now) : 0;

function remember(all: Map<string, Tries>, key: string, tries: Tries): void {
  all.delete(key); // moves it to the end: the first one in the map has been quiet for the longest time
  all.set(key, tries);
  if (all.size > maxEntries) all.delete(all.keys().next().value as string);
}
