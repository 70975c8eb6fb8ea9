import { TimerQueue } from './timer-queue.ts';

/** Something that will happen at a time of the simulator's clock, unless it is called off. */
export interface Timer {
  cancel(): void;
}

/** `setTimeout` keeps its delay in 31 bits; a longer wait is made of several. */
const maxTimeoutMs = 2 ** 31 - 1;

/**
 * The time that the providers live by: expiry, retry ladders and refund confirmations follow it. It starts as the real
 * time, runs `speed` times as fast (0: it stands still), and can be moved forward; never back. One real timer serves all
 * appointments and keeps no process alive.
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
    // The wall clock, not the monotonic one, which stands still while a laptop sleeps: expiry times would be past when made.
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

  /** Jumps forward; what fell due on the way happens in its order, each at its own time. */
  advance(ms: number): void {
    const target = this.now() + ms;
    this.#runUntil(target);
    if (this.now() < target) this.#rebase(target);
    this.#scheduleNext();
  }

  /** Calls `act` once, when the clock shows `time`; at the next turn of the event loop if that is past. */
  at(time: number, act: () => void): Timer {
    const entry = this.#timers.add(time, act);
    if (this.#timers.first === entry) this.#scheduleNext();
    return { cancel: () => this.#timers.cancel(entry) };
  }

  /** Forgets every appointment. */
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
