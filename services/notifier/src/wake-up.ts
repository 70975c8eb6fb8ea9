import { wakeUpChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Wakes whoever waits for it. A ring while nobody waits is not lost: the next wait ends at once. */
export interface WakeUp {
  signal(): void;
  /** @returns true when it rang, false after `ms` of silence. */
  wait(ms: number): Promise<boolean>;
}

export function createWakeUp(): WakeUp {
  let isSignalled = false;
  let wake: (() => void) | null = null;
  return {
    signal: () => {
      isSignalled = true;
      wake?.();
    },
    wait: async (ms) => {
      if (!isSignalled) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
        wake = null;
      }
      const wasSignalled = isSignalled;
      isSignalled = false;
      return wasSignalled;
    },
  };
}

/** Rings a database's bell when a writer says in Redis that it left something to tell. @param wakeUps by the names of their databases */
export function onWakeUp(subscriber: Redis, wakeUps: ReadonlyMap<string, WakeUp>, onError: (error: Error) => void): void {
  const byChannel = new Map([...wakeUps].map(([database, wakeUp]) => [wakeUpChannel(database), wakeUp]));
  subscriber.on('message', (channel: string) => byChannel.get(channel)?.signal());
  subscriber.subscribe(...byChannel.keys()).catch(onError);
}
