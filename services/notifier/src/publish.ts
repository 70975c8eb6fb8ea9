import { defineScript, orderChannel } from '@gateway/shared/queue';
import type { outbox, sequences } from '@gateway/shared/store';
import type { Redis } from 'ioredis';

/** Redis runs one script at a time, and other commands wait meanwhile. A script with 50 events takes a tenth of a millisecond. */
export const eventsPerPipeline = 50;

/** Redis hash: store id → sequence number and id of its last published event. It shows whether the database was restored from a backup. */
export const lastPublishedKey = (database: string): string => `gateway:last-seq:${database}`;

export interface Published {
  /** Events that this call published. The others were published before, or are in conflict. */
  count: number;
  /** The last published events of stores whose numbers Redis knows already, with another event or above these. */
  conflicts: sequences.LastPublished[];
}

// Publishes an event only if its number is above the store's last one, and stores that number in the same step. Redis runs a script
// as one command, so subscribers receive a store's events in order from any number of relays. A relay that was frozen between numbering
// and publishing, or that repeats the work of another relay, publishes nothing.
const publishScript = defineScript(`
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
return { count, conflicts }`);

/** Redis did not accept events. They stay in the outbox with their numbers. */
export class PublishFailed extends Error {
  override readonly name = 'PublishFailed';
  constructor(cause: unknown) {
    super('events could not be published', { cause });
  }
}

/**
 * Publishes at most `eventsPerPipeline` events in one command. May run twice: an event that was published is not published again.
 * @throws PublishFailed when Redis does not answer; then all of the events may have been published, or none
 */
export async function publish(redis: Redis, database: string, events: readonly outbox.PendingEvent[]): Promise<Published> {
  const args = events.flatMap(({ storeId, seq, eventId, body }) => [storeId, seq, eventId, orderChannel(storeId), body]);
  try {
    const [count, conflicts] = (await publishScript(redis, [lastPublishedKey(database)], args)) as [number, string[]];
    return { count, conflicts: pairsOf(conflicts) };
  } catch (cause) {
    throw new PublishFailed(cause);
  }
}

/** The last published event of each store of a database. Empty after Redis was flushed: then there is nothing to compare with. */
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
