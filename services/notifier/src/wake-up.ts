import { wakeUpChannel } from '@gateway/shared/queue';
import type { Redis } from 'ioredis';

/** Wakes the loop of one relay. A signal that arrives between two waits is kept: the next wait ends at once. */
export interface WakeUp {
  signal(): void;
  /** @returns true after a signal, false when none came within `ms` */
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

/** Signals a relay when a writer publishes that it appended events to the outbox. @param wakeUps by the name of their database */
export function onWakeUp(subscriber: Redis, wakeUps: ReadonlyMap<string, WakeUp>, onError: (error: Error) => void): void {
  const byChannel = new Map([...wakeUps].map(([database, wakeUp]) => [wakeUpChannel(database), wakeUp]));
  subscriber.on('message', (channel: string) => byChannel.get(channel)?.signal());
  subscriber.subscribe(...byChannel.keys()).catch(onError);
}
