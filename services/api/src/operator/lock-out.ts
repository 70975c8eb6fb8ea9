import type { Clock } from '@gateway/shared/runtime';

const maxFailures = 10; // guesses in a minute: a person who mistypes stops sooner
const minuteMs = 60_000;
const maxAddresses = 10_000; // addresses; whoever owns more than that is not stopped by counting addresses

/** Counts wrong passwords by address, and says who has to wait. */
export interface LockOut {
  /** Seconds until this address may try again; null when it may now. */
  waitOf(address: string): number | null;
  recordFailure(address: string): void;
}

export function createLockOut(clock: Clock): LockOut {
  const failures = new Map<string, { count: number; until: number }>();
  return {
    waitOf: (address) => {
      const entry = failures.get(keyOf(address));
      if (!entry || entry.count < maxFailures) return null;
      const left = entry.until - clock.now().getTime();
      return left > 0 ? Math.ceil(left / 1_000) : null;
    },
    recordFailure: (address) => {
      const key = keyOf(address);
      const now = clock.now().getTime();
      const previous = failures.get(key);
      const isSameMinute = previous !== undefined && previous.until > now;
      const count = isSameMinute ? previous.count + 1 : 1;
      failures.delete(key); // to the end of the line: the first in it has been quiet the longest
      // The last one begins a minute of its own: so long the door stays shut.
      failures.set(key, { count, until: isSameMinute && count < maxFailures ? previous.until : now + minuteMs });
      if (failures.size > maxAddresses) failures.delete(failures.keys().next().value as string);
    },
  };
}

/** Whoever has one IPv6 address has all of its /64. */
const keyOf = (address: string): string => (address.includes(':') && !address.includes('.') ? networkOf(address) : address);

function networkOf(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const zeros = address.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : [];
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
