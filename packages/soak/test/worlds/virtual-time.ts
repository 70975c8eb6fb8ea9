import type { Clock } from '@gateway/shared/runtime';

/** Something that happens at a virtual time. */
interface PlannedStep {
  atMs: number;
  name: string;
  run: () => unknown;
  /** The process that it belongs to: it does not happen when that process has ended. */
  owner: object | null;
  /** True for a time limit that usually passes unused: it does not keep a world from ending. */
  isWeak: boolean;
}

export interface PlanOptions {
  owner?: object | null;
  isWeak?: boolean;
}

/**
 * The clock and the scheduler of one world. Time passes only from one planned step to the next: the earliest one runs alone, then what it
 * set going runs until it waits again. Steps of the same time run in the order in which they were planned.
 */
export class VirtualTime implements Clock {
  readonly startMs: number;
  #nowMs: number;
  #steps: PlannedStep[] = [];
  /** The name of each step that has run, with its time. */
  readonly trace: string[] = [];

  constructor(startMs: number) {
    this.startMs = startMs;
    this.#nowMs = startMs;
  }

  now(): Date {
    return new Date(this.#nowMs);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** @returns what to give to `cancel` */
  after(ms: number, name: string, run: () => unknown, { owner = null, isWeak = false }: PlanOptions = {}): object {
    const step: PlannedStep = { atMs: this.#nowMs + Math.max(0, ms), name, run, owner, isWeak };
    let place = this.#steps.length;
    while (place > 0 && (this.#steps[place - 1] as PlannedStep).atMs > step.atMs) place--;
    this.#steps.splice(place, 0, step);
    return step;
  }

  cancel(step: unknown): void {
    const place = this.#steps.indexOf(step as PlannedStep);
    if (place >= 0) this.#steps.splice(place, 1);
  }

  cancelOf(owner: object): void {
    this.#steps = this.#steps.filter((step) => step.owner !== owner);
  }

  cancelAll(): void {
    this.#steps = [];
  }

  /** Whether a step is planned that is more than a time limit, until this time. */
  isBusyUntil(untilMs: number): boolean {
    return this.#steps.some(({ isWeak, atMs }) => !isWeak && atMs <= untilMs);
  }

  /** Runs the next step that is planned until `untilMs`. @returns false when there is none */
  async runNext(untilMs: number): Promise<boolean> {
    const [next] = this.#steps;
    if (!next || next.atMs > untilMs) return false;
    this.#steps.shift();
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    this.trace.push(`${this.#nowMs - this.startMs} ${next.name}`);
    await next.run();
    await allHaveStopped();
    return true;
  }

  /** Lets time pass without a step. */
  setTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms);
  }
}

const realSetImmediate = setImmediate;

/** Resolves when no code of this process has anything to do: it waits for a planned step, or for PostgreSQL. */
export const allHaveStopped = (): Promise<void> => new Promise((resolve) => realSetImmediate(resolve));
