import type { Clock } from '@gateway/shared/runtime';
import { countedAddress } from '../http/caller-address.ts';

const maxFailures = 10; // wrong passwords in a minute: more than a person mistypes
const minuteMs = 60_000;
const maxAddresses = 10_000; // limits the memory; an attacker with more addresses cannot be stopped by counting addresses

/** Counts wrong passwords by address, and locks an address out for a minute after ten. An IPv6 network of 64 bits is one address. */
export interface LockOut {
  /** Seconds until this address may try again; null when it may now. */
  waitOf(address: string): number | null;
  recordFailure(address: string): void;
}

export function createLockOut(clock: Clock): LockOut {
  const failures = new Map<string, { count: number; until: number }>();
  return {
    waitOf: (address) => {
      const entry = failures.get(countedAddress(address));
      if (!entry || entry.count < maxFailures) return null;
      const left = entry.until - clock.now().getTime();
      return left > 0 ? Math.ceil(left / 1_000) : null;
    },
    recordFailure: (address) => {
      const key = countedAddress(address);
      const now = clock.now().getTime();
      const previous = failures.get(key);
      const isSameMinute = previous !== undefined && previous.until > now;
      const count = isSameMinute ? previous.count + 1 : 1;
      failures.delete(key); // moves the address to the end: the first one in the map has been quiet for the longest time
      // The failure that locks the address out starts a new minute, so that the lock-out lasts a full minute.
      failures.set(key, { count, until: isSameMinute && count < maxFailures ? previous.until : now + minuteMs });
      if (failures.size > maxAddresses) failures.delete(failures.keys().next().value as string);
    },
  };
}
