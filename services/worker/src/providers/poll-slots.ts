import { accountKey } from '@gateway/shared/provider';
import { defineScript, pollSlotsKey } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import type { Candidate } from './accounts.ts';

/** When each account is polled. All workers together stay within the account's `callsPerSecond`. */
export interface PollSlots {
  /** Reserves the first free slot at or after `earliest` and returns its time. Never throws. */
  reserve(candidate: Candidate, earliest: Date): Promise<Date>;
}

/** The reserved slots of each account. A slot is a number: the time divided by the interval between two calls. */
interface SlotLedger {
  /** Reserves the first free slot at or after `from`. @param currentSlot slots before it are forgotten */
  reserve(account: string, from: number, currentSlot: number): Promise<number>;
}

const maxSlotsAhead = 10_000; // how many slots are searched: more QRs than any account has on display

/** @param redis shares the slots among all workers; null, or while Redis is unavailable: each process counts its own */
export function createPollSlots(redis: Redis | null, clock: Clock): PollSlots {
  const local = localSlots();
  const slots = redis ? redisSlots(redis, local) : local;
  return {
    reserve: async ({ provider: { account }, traits }, earliest) => {
      const intervalMs = 1_000 / traits.callsPerSecond[account.mode];
      const slotAt = (time: Date) => Math.floor(time.getTime() / intervalMs);
      const slot = await slots.reserve(accountKey(account), slotAt(earliest), slotAt(clock.now()));
      return new Date(Math.max(earliest.getTime(), slot * intervalMs));
    },
  };
}

function localSlots(): SlotLedger {
  const slotsByAccount = new Map<string, Set<number>>();
  return {
    reserve: async (account, from, currentSlot) => {
      const reserved = slotsByAccount.get(account) ?? new Set<number>();
      slotsByAccount.set(account, reserved);
      if (reserved.size > maxSlotsAhead) for (const slot of reserved) if (slot < currentSlot) reserved.delete(slot);
      let slot = from;
      while (reserved.has(slot) && slot < from + maxSlotsAhead) slot++;
      reserved.add(slot);
      return slot;
    },
  };
}

// A binary search for the length of the reserved run that starts at `from`: a run of n slots has n entries. Redis runs nothing else
// during a script, and a search slot by slot took 27 ms with a few thousand QRs on display.
const reserveFirstFree = defineScript(`
local from, run, most = tonumber(ARGV[1]), 0, tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
while run < most do
  local half = math.ceil((run + most) / 2)
  if redis.call('ZCOUNT', KEYS[1], from, from + half - 1) == half then run = half else most = half - 1 end
end
redis.call('ZADD', KEYS[1], from + run, from + run)
redis.call('EXPIRE', KEYS[1], 86400)
return from + run`);

function redisSlots(redis: Redis, fallback: SlotLedger): SlotLedger {
  return {
    reserve: async (account, from, currentSlot) => {
      try {
        return (await reserveFirstFree(redis, [pollSlotsKey(account)], [from, currentSlot, maxSlotsAhead])) as number;
      } catch {
        return fallback.reserve(account, from, currentSlot);
      }
    },
  };
}
