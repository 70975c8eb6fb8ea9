import { orderChannel } from '@gateway/shared/queue';
import type { outbox, sequences } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** Redis runs one script at a time, and tills wait meanwhile: fifty events are a tenth of a millisecond. */
export const eventsPerPipeline = 50;

/** Store → the number and the id of its last event that was published: what Redis remembers of a database that may be restored. */
export const lastPublishedKey = (database: string): string => `gateway:last-seq:${database}`;

export interface Published {
  /** How many were published now. The others had been before, or are in doubt. */
  count: number;
  /** What Redis remembers of stores of which nothing was published, because it has seen their numbers and cannot tell whether with these events. */
  conflicts: sequences.LastPublished[];
}

// Publishes an event only if its number is above the store's last one, and remembers it in the same step. Redis runs this as
// one, so a store's events are heard in order whoever publishes: a relay that was frozen between numbering and publishing, or
// one that repeats what another did, changes nothing.
const script = `
local stores, count, conflicts = {}, 0, {}
for i = 1, #ARGV, 5 do
  local store, number, event, channel, body = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]
  local seq, last = tonumber(number), stores[store]
  if not last then
    local known, by = string.match(redis.call('HGET', KEYS[1], store) or '', '^(%d+) (.+)$')
    last = { seq = tonumber(known or '0'), event = by, conflicting = false }
    stores[store] = last
  end
  if seq <= last.seq then
    last.conflicting = seq < last.seq or event ~= last.event
  elseif not last.conflicting then
    redis.call('HSET', KEYS[1], store, number .. ' ' .. event)
    redis.call('PUBLISH', channel, body)
    last.seq, last.event, count = seq, event, count + 1
  end
end
for store, last in pairs(stores) do
  if last.conflicting then
    conflicts[#conflicts + 1] = store
    conflicts[#conflicts + 1] = last.seq .. ' ' .. last.event
  end
end
return { count, conflicts }`;

/**
 * Publishes at most `eventsPerPipeline` events, all in one go. May run twice: what was heard is not published again.
 * @throws when Redis does not answer; then all of them may have been published, or none.
 */
export async function publish(redis: Redis, database: string, events: readonly outbox.PendingEvent[]): Promise<Published> {
  const args = events.flatMap(({ storeId, seq, eventId, body }) => [storeId, seq, eventId, orderChannel(storeId), body]);
  const [count, conflicts] = (await redis.eval(script, 1, lastPublishedKey(database), ...args)) as [number, string[]];
  return { count, conflicts: pairsOf(conflicts) };
}

/** All that Redis remembers of a database. Empty when it has lost its memory: then nothing is known to be wrong. */
export async function readLastPublished(redis: Redis, database: string): Promise<sequences.LastPublished[]> {
  return pairsOf(Object.entries(await redis.hgetall(lastPublishedKey(database))).flat());
}

function pairsOf(flat: readonly string[]): sequences.LastPublished[] {
  return flat.flatMap((storeId, index) => {
    if (index % 2 === 1) return [];
    const [, seq, eventId] = /^(\d+) (.+)$/.exec(flat[index + 1] ?? '') ?? [];
    return seq && eventId ? [{ storeId, seq: Number(seq), eventId }] : [];
  });
}
