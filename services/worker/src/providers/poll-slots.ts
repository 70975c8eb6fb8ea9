import { accountKey } from '@gateway/shared/provider';
import { pollSlotsKey } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import type { Candidate } from '../charging/routing.ts';

/** When each account is asked: so many questions a second, whoever asks, and each at its own moment. */
export interface PollSlots {
  /** The first moment from `earliest` on that nobody else was given; by that it is taken. Never throws. */
  reserve(candidate: Candidate, earliest: Date): Promise<Date>;
}

/** Which turns are taken: a turn is a number, the time divided by what one call may take of it. */
interface SlotLedger {
  firstFree(account: string, from: number, currentSlot: number): Promise<number>;
}

const maxSlotsAhead = 10_000; // turns that are looked through: more live QRs than any account has

/** With Redis, all workers keep one book; when it is away each keeps its own. @param redis null: only this process */
export function createPollSlots(redis: Redis | null, clock: Clock): PollSlots {
  const local = localSlots();
  const slots: SlotLedger = redis ? redisSlots(redis, local) : local;
  return {
    reserve: async ({ provider: { account }, traits }, earliest) => {
      const everyMs = 1_000 / traits.callsPerSecond[account.mode];
      const slotAt = (time: Date) => Math.floor(time.getTime() / everyMs);
      const slot = await slots.firstFree(accountKey(account), slotAt(earliest), slotAt(clock.now()));
      return new Date(Math.max(earliest.getTime(), slot * everyMs));
    },
  };
}

function localSlots(): SlotLedger {
  const slotsOf = new Map<string, Set<number>>();
  return {
    firstFree: async (account, from, currentSlot) => {
      const slots = slotsOf.get(account) ?? new Set<number>();
      slotsOf.set(account, slots);
      if (slots.size > maxSlotsAhead) for (const slot of slots) if (slot < currentSlot) slots.delete(slot);
      let slot = from;
      while (slots.has(slot) && slot < from + maxSlotsAhead) slot++;
      slots.add(slot);
      return slot;
    },
  };
}

// As many turns are taken from the first one on as there are entries among them. Halving finds how many: looking at one after the
// other took 27 ms with a few thousand live QRs, and Redis does nothing else meanwhile.
const firstFree = `
local from, run, most = tonumber(ARGV[1]), 0, tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
while run < most do
  local half = math.ceil((run + most) / 2)
  if redis.call('ZCOUNT', KEYS[1], from, from + half - 1) == half then run = half else most = half - 1 end
end
redis.call('ZADD', KEYS[1], from + run, from + run)
redis.call('EXPIRE', KEYS[1], 86400)
return from + run`;

function redisSlots(redis: Redis, local: SlotLedger): SlotLedger {
  return {
    firstFree: async (account, from, currentSlot) => {
      try {
        return (await redis.eval(firstFree, 1, pollSlotsKey(account), from, currentSlot, maxSlotsAhead)) as number;
      } catch {
        return local.firstFree(account, from, currentSlot);
      }
    },
  };
}
