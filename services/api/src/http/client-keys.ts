import type { Database } from '@gateway/shared/postgres';
import type { Clock, Logger } from '@gateway/shared/runtime';
import { clients, type settings } from '@gateway/shared/store';

/** The client keys, as the control cache of this process last read them. */
export interface ClientKeys extends Pick<settings.ControlCache, 'current'> {
  /** Whether the secret is still accepted: an expired or replaced one is known and refused, also while the control database is unavailable. */
  isValid(client: Pick<clients.ActiveClient, 'validUntil'>): boolean;
  /** Remembers that the client was used today. Costs no round trip. */
  noteUse(client: Pick<clients.Client, 'id'>): void;
}

const flushMs = 60_000;

/** Writes the day of the last use of each key at most once a day and process, outside any request. */
export function createClientKeys(
  control: Pick<settings.ControlCache, 'current'>,
  { controlDb, clock, log }: { controlDb: Database; clock: Clock; log: Logger },
): ClientKeys & { flush(): Promise<void>; close(): Promise<void> } {
  const notedOn = new Map<string, string>(); // the day that is stored, by client
  const pending = new Map<string, string>();
  const flush = async (): Promise<void> => {
    const byDay = Map.groupBy(pending, ([, day]) => day);
    pending.clear();
    for (const [day, entries] of byDay) {
      const ids = entries.map(([id]) => id);
      try {
        await clients.recordUse(controlDb.pool, ids, day);
      } catch (error) {
        for (const id of ids) notedOn.delete(id); // the next request notes it again
        log.debug({ err: error }, 'last use of keys not stored');
      }
    }
  };
  const timer = setInterval(() => void flush(), flushMs);
  timer.unref();
  return {
    get current() {
      return control.current;
    },
    isValid: ({ validUntil }) => validUntil === null || clock.now() < validUntil,
    noteUse: ({ id }) => {
      const day = clock.now().toISOString().slice(0, 10);
      if (notedOn.get(id) === day) return;
      notedOn.set(id, day);
      pending.set(id, day);
    },
    flush,
    close: () => {
      clearInterval(timer);
      return flush();
    },
  };
}
