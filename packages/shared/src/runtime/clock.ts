/** The source of the time in every comparison, so that a test can move the time: docs/adr/0007-time-is-an-injected-parameter.md. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

/** A later moment; an earlier one when `ms` is negative. Does not change `at`. */
export const plusMs = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

/** A clock for tests: its time changes only when the test changes it. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  set(at: Date): void;
}

export function manualClock(start: Date = new Date()): ManualClock {
  let at = start.getTime();
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms;
    },
    set: (to) => {
      at = to.getTime();
    },
  };
}
