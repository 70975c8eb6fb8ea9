/** What a screen keeps of an event: enough to compare it with the outbox. */
export interface ReceivedEvent {
  seq: number;
  event_id: string;
}

/** A screen that may fall asleep: its tablet is off, its socket is gone, and it hears nothing until it wakes. */
export interface Screen {
  readonly storeId: string;
  /** In the order it was handled; what was heard twice stands here once. */
  readonly received: readonly ReceivedEvent[];
  sleep(): void;
  wake(): void;
  /** For good. */
  close(): void;
}

/** Screens that fall asleep and wake at random. */
export interface Disturbance {
  readonly naps: number;
  /** Wakes all of them, and lets them be. */
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
