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

/** The wake-ups of all relays of this process. */
export interface WakeUps {
  /** Signals this relay when a writer publishes that it appended events to the outbox. @param database the name of its database */
  add(database: string, wakeUp: WakeUp): void;
}

export function createWakeUps(subscriber: Redis, onError: (error: Error) => void): WakeUps {
  const byChannel = new Map<string, WakeUp>();
  subscriber.on('message', (channel: string) => byChannel.get(channel)?.signal());
  return {
    add: (database, wakeUp) => {
      byChannel.set(wakeUpChannel(database), wakeUp);
      subscriber.subscribe(wakeUpChannel(database)).catch(onError);
    },
  };
}
