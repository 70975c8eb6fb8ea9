import { TimerQueue } from './timer-queue.ts';

/** An action that is set for a time of the simulator's clock. `cancel` may be called more than once. */
export interface Timer {
  cancel(): void;
}

/** `setTimeout` keeps its delay in 31 bits; a longer wait is divided. */
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * The clock of both providers: expiry, webhook retries and refund confirmations follow it. It starts at the real time, runs
 * `speed` times as fast (0: it stands still) and can jump forward, never backwards. One real timer serves all of its timers
 * and keeps no process alive.
 */
export class SimulatorClock {
  readonly #timers = new TimerQueue();
  #virtualBase: number;
  #realBase: number;
  #speed: number;
  #realTimer: NodeJS.Timeout | null = null;

  constructor(speed = 1) {
    this.#realBase = Date.now();
    this.#virtualBase = this.#realBase;
    this.#speed = speed;
  }

  /** Milliseconds since 1970, a whole number. */
  now(): number {
    // The wall clock: the monotonic clock stops while a laptop sleeps, and the expiry of a new charge would then be in the real past.
    return Math.round(this.#virtualBase + Math.max(0, Date.now() - this.#realBase) * this.#speed);
  }

  get speed(): number {
    return this.#speed;
  }

  setSpeed(speed: number): void {
    this.#rebase(this.now());
    this.#speed = speed;
    this.#scheduleNext();
  }

  /** Jumps forward. The timers on the way fire in order, each at its own time. */
  advance(ms: number): void {
    const target = this.now() + ms;
    this.#runUntil(target);
    if (this.now() < target) this.#rebase(target);
    this.#scheduleNext();
  }

  /** Calls `act` once, when the clock reaches `time`; in the next turn of the event loop if `time` is past. */
  at(time: number, act: () => void): Timer {
    const entry = this.#timers.add(time, act);
    if (this.#timers.first === entry) this.#scheduleNext();
    return { cancel: () => this.#timers.cancel(entry) };
  }

  /** Removes every timer. */
  clear(): void {
    this.#timers.clear();
    if (this.#realTimer) clearTimeout(this.#realTimer);
    this.#realTimer = null;
  }

  #runUntil(target: number): void {
    for (let entry = this.#timers.first; entry && entry.time <= target; entry = this.#timers.first) {
      this.#timers.takeFirst();
      if (this.now() < entry.time) this.#rebase(entry.time);
      entry.act();
    }
  }

  #rebase(virtualNow: number): void {
    this.#virtualBase = virtualNow;
    this.#realBase = Date.now();
  }

  #scheduleNext(): void {
    if (this.#realTimer) clearTimeout(this.#realTimer);
    this.#realTimer = null;
    const next = this.#timers.first;
    if (!next) return;
    const wait = Math.max(0, next.time - this.now());
    if (wait > 0 && this.#speed === 0) return;
    const realWait = wait > 0 ? Math.ceil(wait / this.#speed) : 0;
    this.#realTimer = setTimeout(() => this.#onTimer(), Math.min(realWait, maxTimeoutMs)).unref();
  }

  #onTimer(): void {
    this.#realTimer = null;
    this.#runUntil(this.now());
    this.#scheduleNext();
  }
}
