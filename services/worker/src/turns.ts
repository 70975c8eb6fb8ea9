import { accountKey } from '@gateway/shared/provider';
import { turnsKey } from '@gateway/shared/queue';
import type { Clock } from '@gateway/shared/runtime';
import type { Redis } from 'ioredis';
import type { Candidate } from './route.ts';

/** When each account is asked: so many questions a second, whoever asks, and each at its own moment. */
export interface Turns {
  /** The first moment from `earliest` on that nobody else was given; by that it is taken. Never throws. */
  take(candidate: Candidate, earliest: Date): Promise<Date>;
}

/** Which turns are taken: a turn is a number, the time divided by what one call may take of it. */
interface Book {
  firstFree(account: string, from: number, present: number): Promise<number>;
}

const farthest = 10_000; // turns that are looked through: more live QRs than any account has

/** With Redis, all workers keep one book; when it is away each keeps its own. @param redis null: only this process */
export function createTurns(redis: Redis | null, clock: Clock): Turns {
  const own = ownBook();
  const book: Book = redis ? sharedBook(redis, own) : own;
  return {
    take: async ({ provider: { account }, traits }, earliest) => {
      const everyMs = 1_000 / traits.callsPerSecond[account.mode];
      const turnAt = (time: Date) => Math.floor(time.getTime() / everyMs);
      const turn = await book.firstFree(accountKey(account), turnAt(earliest), turnAt(clock.now()));
      return new Date(Math.max(earliest.getTime(), turn * everyMs));
    },
  };
}

function ownBook(): Book {
  const taken = new Map<string, Set<number>>();
  return {
    firstFree: async (account, from, present) => {
      const turns = taken.get(account) ?? new Set<number>();
      taken.set(account, turns);
      if (turns.size > farthest) for (const turn of turns) if (turn < present) turns.delete(turn);
      let turn = from;
      while (turns.has(turn) && turn < from + farthest) turn++;
      turns.add(turn);
      return turn;
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

function sharedBook(redis: Redis, own: Book): Book {
  return {
    firstFree: async (account, from, present) => {
      try {
        return (await redis.eval(firstFree, 1, turnsKey(account), from, present, farthest)) as number;
      } catch {
        return own.firstFree(account, from, present);
      }
    },
  };
}
