import { bellChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Wakes whoever waits for it. A ring while nobody waits is not lost: the next wait ends at once. */
export interface Bell {
  ring(): void;
  /** @returns true when it rang, false after `ms` of silence. */
  wait(ms: number): Promise<boolean>;
}

export function createBell(): Bell {
  let hasRung = false;
  let wake: (() => void) | null = null;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: async (ms) => {
      if (!hasRung) {
        await new Promise<void>((awake) => {
          const timer = setTimeout(awake, ms);
          wake = () => {
            clearTimeout(timer);
            awake();
          };
        });
        wake = null;
      }
      const rang = hasRung;
      hasRung = false;
      return rang;
    },
  };
}

/** Rings a database's bell when a writer says in Redis that it left something to tell. @param bells by the names of their databases */
export function listenForRings(subscriber: Redis, bells: ReadonlyMap<string, Bell>, onError: (error: Error) => void): void {
  const byChannel = new Map([...bells].map(([database, bell]) => [bellChannel(database), bell]));
  subscriber.on('message', (channel: string) => byChannel.get(channel)?.ring());
  subscriber.subscribe(...byChannel.keys()).catch(onError);
}
