import type { Redis } from 'ioredis';
import type { Clock } from '../runtime/index.ts';
import { pollSlotsKey, waitingStoresKey } from './channels.ts';
import { defineScript } from './redis-script.ts';

/** How many calls a second one provider account may make, for all of its charges and callers together. */
export interface AccountBudget {
  /** `{provider}/{account}`. */
  account: string;
  callsPerSecond: number;
}

/** The store for which the provider is asked. Each tenant and each store has its share of an account's slots. */
export interface SlotOwner {
  tenant: string;
  storeId: string;
}

/** When each account is asked. All processes together stay within the account's budget. */
export interface PollSlots {
  /** Reserves the first free slot at or after `earliest` and returns its time. Never throws. */
  reserve(budget: AccountBudget, owner: SlotOwner, earliest: Date): Promise<Date>;
  /** As `reserve`, and also takes the first free slot for a call that is made now without waiting. */
  reserveAfterCall(budget: AccountBudget, owner: SlotOwner, earliest: Date): Promise<Date>;
  /**
   * For a question about money that a webhook has reported: it waits for other such questions only, and not for polls. They have half of
   * the account's calls per second, and each takes a slot as well, so that the polls after it leave room.
   */
  reserveForMoney(budget: AccountBudget, owner: SlotOwner, earliest: Date): Promise<Date>;
}

/** The reserved slots of each account. A slot is a number: the time divided by the interval between two calls. */
interface SlotLedger {
  /** Reserves the first free slot at or after each wish. @returns the slot of the last wish */
  reserve(account: string, owner: SlotOwner, wishes: readonly number[], limits: SlotLimits): Promise<number>;
}

interface SlotLimits {
  /** Slots before it are forgotten. */
  currentSlot: number;
  /** How many slots after its wish a reservation may be, before it waits in a lane. */
  patience: number;
}

const maxSlotsAhead = 10_000; // how many slots are searched: more QRs than any account has on display
const patienceMs = 10_000; // a store that asks for much delays the others hardly longer
const moneyShare = 1 / 2; // of the account's calls per second

/** @param redis shares the slots among all processes; null, or while Redis is unavailable: each process counts its own */
export function createPollSlots(redis: Redis | null, clock: Clock): PollSlots {
  const local = localSlots();
  const slots = redis ? redisSlots(redis, local) : local;

  async function reserve(
    { account, callsPerSecond }: AccountBudget,
    owner: SlotOwner,
    earliest: Date,
    calls: readonly Date[],
  ): Promise<Date> {
    const intervalMs = 1_000 / callsPerSecond;
    const slotAt = (time: Date) => Math.floor(time.getTime() / intervalMs);
    const limits = { currentSlot: slotAt(clock.now()), patience: Math.ceil(patienceMs / intervalMs) };
    const slot = await slots.reserve(account, owner, [...calls, earliest].map(slotAt), limits);
    return new Date(Math.max(earliest.getTime(), slot * intervalMs));
  }

  return {
    reserve: (budget, owner, earliest) => reserve(budget, owner, earliest, []),
    reserveAfterCall: (budget, owner, earliest) => reserve(budget, owner, earliest, [clock.now()]),
    reserveForMoney: async (budget, owner, earliest) => {
      const { account, callsPerSecond } = budget;
      const ofMoney = { account: `${account}/money`, callsPerSecond: callsPerSecond * moneyShare };
      const [slot, moneySlot] = await Promise.all([reserve(budget, owner, earliest, []), reserve(ofMoney, owner, earliest, [])]);
      return new Date(Math.min(moneySlot.getTime(), slot.getTime()));
    },
  };
}

/** First come, first served: without Redis the shares of stores are not kept. */
function localSlots(): SlotLedger {
  const slotsByAccount = new Map<string, Set<number>>();
  return {
    reserve: async (account, _owner, wishes, { currentSlot }) => {
      const reserved = slotsByAccount.get(account) ?? new Set<number>();
      slotsByAccount.set(account, reserved);
      if (reserved.size > maxSlotsAhead) for (const slot of reserved) if (slot < currentSlot) reserved.delete(slot);
      let slot = 0;
      for (const wish of wishes) {
        slot = wish;
        while (reserved.has(slot) && slot < wish + maxSlotsAhead) slot++;
        reserved.add(slot);
      }
      return slot;
    },
  };
}

// `firstFree` is a binary search for the length of the reserved run that starts at `from`: a run of n slots has n entries. Redis runs
// nothing else during a script, and a search slot by slot took 27 ms with a few thousand QRs on display.
//
// A reservation that would wait longer than the patience waits in a lane. Beyond the patience every fourth slot is for tenants, and every
// fourth one for stores, that do not wait already: each has one such slot at a time. The others are common, first come, first served. So
// a store that asks for much delays the others hardly longer than the patience. KEYS[2] holds the slots of those that wait ('t:', 's:'),
// and the last one of the common lane.
const reserveFirstFree = defineScript(`
local current, most, patience, tenant = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), 't:' .. ARGV[4]
local store = 's:' .. ARGV[4] .. '\\n' .. ARGV[5]
for _, key in ipairs(KEYS) do redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. current) end
local function firstFree(from)
  local run, limit = 0, most
  while run < limit do
    local half = math.ceil((run + limit) / 2)
    if redis.call('ZCOUNT', KEYS[1], from, from + half - 1) == half then run = half else limit = half - 1 end
  end
  return from + run
end
local function firstInLane(from, lane, every)
  local slot = from + (lane - from) % every
  while redis.call('ZSCORE', KEYS[1], slot) do slot = slot + every end
  return slot
end
local function wait(from)
  local slot
  if not redis.call('ZSCORE', KEYS[2], tenant) then
    slot = firstInLane(from, 3, 4)
    redis.call('ZADD', KEYS[2], slot, tenant, slot, store)
  elseif not redis.call('ZSCORE', KEYS[2], store) then
    slot = firstInLane(from, 1, 4)
    redis.call('ZADD', KEYS[2], slot, store)
  else
    slot = firstInLane(math.max(from, tonumber(redis.call('ZSCORE', KEYS[2], 'last') or 0) + 1), 0, 2)
    redis.call('ZADD', KEYS[2], slot, 'last')
  end
  return slot
end
local slot
for i = 6, #ARGV do
  local from = tonumber(ARGV[i])
  slot = firstFree(from)
  if slot > from + patience then slot = wait(from + patience + 1) end
  redis.call('ZADD', KEYS[1], slot, slot)
end
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, 86400) end
return slot`);

function redisSlots(redis: Redis, fallback: SlotLedger): SlotLedger {
  return {
    reserve: async (account, owner, wishes, limits) => {
      const { currentSlot, patience } = limits;
      const values = [currentSlot, maxSlotsAhead, patience, owner.tenant, owner.storeId, ...wishes];
      try {
        return (await reserveFirstFree(redis, [pollSlotsKey(account), waitingStoresKey(account)], values)) as number;
      } catch {
        return fallback.reserve(account, owner, wishes, limits);
      }
    },
  };
}
