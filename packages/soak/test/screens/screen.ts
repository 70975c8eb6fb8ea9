/** The fields of an event that are compared with the outbox. */
export interface ReceivedEvent {
  seq: number;
  event_id: string;
}

/** A screen that may sleep like a tablet: its connection is closed, and it receives nothing until it wakes. */
export interface Screen {
  readonly storeId: string;
  /** In the order of handling, without duplicates. */
  readonly received: readonly ReceivedEvent[];
  sleep(): void;
  wake(): void;
  close(): void;
}

/** Makes screens sleep and wake at random. */
export interface Disturbance {
  readonly naps: number;
  /** Wakes all screens, and stops. */
  stop(): void;
}

export function disturb(screens: readonly Screen[], everyMs = 50): Disturbance {
  const asleep = new Set<Screen>();
  let naps = 0;

  const wake = (screen: Screen): void => {
    asleep.delete(screen);
    screen.wake();
  };

  const timer = setInterval(() => {
    for (const screen of asleep) if (Math.random() < 0.1) wake(screen);
    const screen = screens[Math.floor(Math.random() * screens.length)];
    if (!screen || asleep.has(screen)) return;
    screen.sleep();
    asleep.add(screen);
    naps += 1;
  }, everyMs);

  return {
    get naps() {
      return naps;
    },
    stop: () => {
      clearInterval(timer);
      for (const screen of asleep) wake(screen);
    },
  };
}
