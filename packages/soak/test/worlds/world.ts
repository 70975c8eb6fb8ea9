import { createDraws, type Draws } from './draws.ts';
import { runAs, type SimulatedProcess, type Task } from './tasks.ts';
import { VirtualTime } from './virtual-time.ts';

export interface WorldOptions {
  seed: number;
  /** Names of disturbances that do not happen, though the seed has them: shrinking leaves them out one after the other. */
  without?: ReadonlySet<string>;
  /** Every step takes the shortest time: nothing overtakes anything. */
  isEven?: boolean;
}

/** Something that the seed made happen, and that a shorter story may do without. */
export interface Disturbance {
  name: string;
  sentence: string;
}

/** One small world: a till, a guest, a kitchen, two providers and the gateway, until everything has ended. */
export class World {
  readonly options: WorldOptions;
  readonly draws: Draws;
  readonly time: VirtualTime;
  readonly disturbances: Disturbance[] = [];
  /** What happened, in sentences, each with its time in seconds. */
  readonly story: string[] = [];
  /** Errors that no rule of the gateway expects. */
  readonly errors: string[] = [];
  /** From then on nothing more is disturbed. */
  isCalm = false;
  /** From then on no task goes on. */
  isOver = false;
  /** How often a step is disturbed, relative to the usual. */
  readonly faultRate: number;
  readonly #slowness: number;
  /** A few moments at which everything happens at once: only then do steps meet within milliseconds. */
  readonly #moments: readonly number[];
  readonly #names = new Map<string, number>();
  readonly #aliases = new Map<string, string>();
  /** What a crash of a process ends besides its tasks. */
  onCrash: (process: SimulatedProcess) => Promise<void> = async () => {};

  constructor(options: WorldOptions, startMs: number) {
    this.options = options;
    this.draws = createDraws(options.seed);
    this.time = new VirtualTime(startMs);
    this.faultRate = this.draws.pick('fault rate', [0, 0.5, 1, 1, 2, 4]);
    this.#slowness = this.draws.pick('slowness', [1, 1, 4, 30]);
    this.#moments = [1, 2, 3, 4].map((n) => this.draws.between(`moment ${n}`, 500, 80_000)).concat(60_000);
  }

  /** Adds a sentence to the story. */
  note(sentence: string): void {
    const seconds = (this.time.nowMs - this.time.startMs) / 1_000;
    this.story.push(`${seconds.toFixed(3).padStart(9)} s  ${sentence}`);
  }

  /** Whether something happens that the story can do without: an act of a person, or a fault. */
  happens(name: string, probability: number, sentence: string): boolean {
    if (this.isCalm || this.options.without?.has(name) || this.draws.fraction(name) >= probability) return false;
    this.disturbances.push({ name, sentence });
    this.note(sentence);
    return true;
  }

  fails(name: string, probability: number, sentence: string): boolean {
    return this.happens(name, probability * this.faultRate, sentence);
  }

  /** How long a step takes, milliseconds. Most take near the lowest. */
  duration(name: string, low: number, high: number): number {
    if (this.options.isEven) return low;
    const isSlow = !this.isCalm && this.draws.fraction(`${name} slow`) < 0.1;
    const spread = low * (high / low) ** this.draws.fraction(`${name} takes`);
    return spread * (isSlow ? this.#slowness : 1);
  }

  /** How long until one of the few moments of this world, milliseconds; with a difference of some milliseconds. */
  untilMoment(name: string): number {
    const nowMs = this.time.nowMs - this.time.startMs;
    const later = this.#moments.filter((ms) => ms > nowMs);
    const moment = later.length > 0 ? this.draws.pick(name, later) : nowMs + 5_000;
    return moment - nowMs + (this.options.isEven ? 0 : this.draws.between(`${name} differs`, 0, 12));
  }

  /** A name for an id: ids are random, and a story is the same each time. */
  alias(kind: string, id: unknown): string {
    const key = `${kind} ${String(id)}`;
    const known = this.#aliases.get(key);
    if (known) return known;
    const alias = this.unique(kind);
    this.#aliases.set(key, alias);
    return alias;
  }

  /** `name 1`, `name 2` … */
  unique(name: string): string {
    const n = (this.#names.get(name) ?? 0) + 1;
    this.#names.set(name, n);
    return `${name} ${n}`;
  }

  /** Starts a task of a process. It ends silently when its process crashes. */
  start<T>(name: string, process: SimulatedProcess, work: () => Promise<T>): Promise<T> {
    const task: Task = { name, process, world: this, steps: 0 };
    return runAs(task, work);
  }

  async crash(process: SimulatedProcess): Promise<void> {
    if (process.isDead) return;
    process.isDead = true;
    this.time.cancelOf(process);
    await this.onCrash(process);
  }
}
