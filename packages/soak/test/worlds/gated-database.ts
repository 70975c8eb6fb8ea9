import type { Duplex } from 'node:stream';
import type { Database } from '@gateway/shared/postgres';
import type pg from 'pg';
import type { LockingClient, LockRegistry } from './lock-registry.ts';
import { currentTask, hasEnded, nextStepOf, type SimulatedProcess, type Task } from './tasks.ts';

type Query = pg.QueryConfig | string;

interface SentStatement {
  query: Query;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/** Statements that are sent together, in one round trip. */
export interface RoundTrip {
  name: string;
  task: Task;
  statements: SentStatement[];
}

/** The error that pg throws when a connection is lost. */
const connectionLost = () => new Error('Connection terminated unexpectedly');
const usualLockTimeoutMs = 2_000;
/** The code of a task that has ended goes no further. */
const never = <T>(): Promise<T> => new Promise(() => {});
const textOf = (query: Query): string => (typeof query === 'string' ? query : query.text);
const isEndOf = (query: Query): boolean => /^(commit|rollback)$/i.test(textOf(query).trim());

/**
 * Real connections to a real PostgreSQL, for the tasks of one world at a time. A round trip of a task waits until the virtual time
 * reaches it, then runs alone. The connection may be lost before it or after it. A round trip that waits for another transaction's lock stays with
 * PostgreSQL, and other tasks go on; the limit of such a wait is virtual, too.
 */
export class GatedConnections {
  readonly #idle: pg.PoolClient[] = [];
  readonly #taken = new Set<GatedClient>();
  #waiting: { task: Task; resume: (real: pg.PoolClient) => void }[] = [];
  readonly #registry: LockRegistry;

  constructor(real: readonly pg.PoolClient[], registry: LockRegistry) {
    this.#idle.push(...real);
    this.#registry = registry;
    registry.all.push(this);
  }

  /**
   * A database whose statements are gated when a task sends them, and real otherwise. Each process sees a pool of its own, because what
   * the product counts for a pool is in the memory of its process.
   */
  gate(db: Database): Database {
    const connect = async (): Promise<unknown> => {
      const task = currentTask();
      return task ? this.#take(task) : db.pool.connect();
    };
    const query = (config: Query, values?: unknown[]): Promise<unknown> => {
      const task = currentTask();
      if (!task) return db.pool.query(config as string, values);
      return this.#queryOnce(task, values ? { text: textOf(config), values } : config);
    };
    const newPool = () =>
      new Proxy(db.pool, { get: (target, name) => (name === 'connect' ? connect : name === 'query' ? query : bound(target, name)) });
    const realPool = newPool();
    const pools = new WeakMap<SimulatedProcess, pg.Pool>();
    return {
      ...db,
      get pool() {
        const process = currentTask()?.process;
        if (!process) return realPool;
        const pool = pools.get(process) ?? newPool();
        pools.set(process, pool);
        return pool;
      },
    };
  }

  async #queryOnce(task: Task, config: Query): Promise<unknown> {
    const client = await this.#take(task);
    try {
      return await client.query(config);
    } finally {
      client.release();
    }
  }

  /** A task that has ended gets none: it would never give the connection back. */
  async #take(task: Task): Promise<GatedClient> {
    if (hasEnded(task)) return never();
    const idle = this.#idle.pop(); // the connection that was used last has its statements prepared
    const real = idle ?? (await new Promise<pg.PoolClient>((resume) => this.#waiting.push({ task, resume })));
    if (hasEnded(task)) {
      this.#giveBack(real);
      return never();
    }
    const client = new GatedClient(real, task.process, this.#registry, () => this.#free(client, real));
    this.#taken.add(client);
    return client;
  }

  #free(client: GatedClient, real: pg.PoolClient): void {
    if (this.#taken.delete(client)) this.#giveBack(real);
  }

  #giveBack(real: pg.PoolClient): void {
    this.#waiting = this.#waiting.filter(({ task }) => !hasEnded(task));
    const next = this.#waiting.shift();
    if (next) next.resume(real);
    else this.#idle.push(real);
  }

  isAnotherInTransaction(client: LockingClient): boolean {
    return [...this.#taken].some((other) => other !== client && other.isInTransaction);
  }

  /** How many connections tasks hold. */
  get takenCount(): number {
    return this.#taken.size;
  }

  /** Rolls back what is open: of one process, or everything. */
  async abandon(process: SimulatedProcess | null): Promise<void> {
    for (const client of [...this.#taken]) if (!process || client.process === process) await client.abandon();
  }
}

/** One connection, as a task sees it. */
class GatedClient implements LockingClient {
  readonly process: SimulatedProcess;
  readonly #real: pg.PoolClient;
  readonly #registry: LockRegistry;
  readonly #free: () => void;
  #next: RoundTrip | null = null;
  #isBroken = false;
  #lockTimeoutMs = usualLockTimeoutMs;
  isInTransaction = false;

  constructor(real: pg.PoolClient, process: SimulatedProcess, registry: LockRegistry, free: () => void) {
    this.#real = real;
    this.process = process;
    this.#registry = registry;
    this.#free = free;
  }

  get pid(): number {
    return (this.#real as unknown as { processID: number }).processID;
  }
  /** Transaction corks the stream of its connection. */
  get connection(): unknown {
    return (this.#real as unknown as { connection: unknown }).connection;
  }
  on(): void {}
  off(): void {}

  query(config: Query, values?: unknown[]): Promise<unknown> {
    const query = values ? { text: textOf(config), values } : config;
    const task = currentTask();
    if (task && hasEnded(task)) return never();
    if (this.#isBroken || !task) return Promise.reject(connectionLost());
    this.#next ??= this.#plan(task);
    const { statements } = this.#next;
    return new Promise((resolve, reject) => statements.push({ query: this.#withoutRealLimits(query), resolve, reject }));
  }

  /** Real limits would depend on how busy this machine is. */
  #withoutRealLimits(query: Query): Query {
    const text = textOf(query);
    if (!/^begin/i.test(text)) return query;
    this.#lockTimeoutMs = Number(/lock_timeout to (\d+)/.exec(text)?.[1] ?? usualLockTimeoutMs);
    const unlimited = text.replace(/; set local (lock_timeout|statement_timeout) to \d+/g, '');
    return typeof query === 'string' ? unlimited : { ...query, text: unlimited };
  }

  #plan(task: Task): RoundTrip {
    const name = nextStepOf(task);
    const trip: RoundTrip = { name, task, statements: [] };
    const { world } = task;
    world.time.after(world.duration(name, 0.3, 3), name, () => this.#send(trip), { owner: task.process });
    return trip;
  }

  async #send(trip: RoundTrip): Promise<void> {
    this.#next = null;
    const { task, name, statements } = trip;
    const { world } = task;
    if (world.fails(`${name} lost`, 0.002, `The connection to PostgreSQL is lost before ${sentenceOf(trip)}.`)) return this.#lose(trip);
    if (world.fails(`${name} crash before`, 0.0015, `The ${task.process.name} crashes before ${sentenceOf(trip)}.`))
      return world.crash(task.process);
    const { stream } = this.connection as { stream: Duplex };
    stream.cork();
    const results = statements.map(({ query }) => this.#real.query(query as pg.QueryConfig) as Promise<unknown>);
    stream.uncork();
    if (statements.some(({ query }) => /^begin/i.test(textOf(query)))) this.isInTransaction = true;
    if (await this.#registry.isFinished(this, results)) return this.deliver(trip, results);
    const giveUp = () => this.#registry.giveUp(this);
    const timeLimit = world.time.after(this.#lockTimeoutMs, `${name} lock timeout`, giveUp, { owner: task.process });
    this.#registry.wait({ client: this, trip, results, timeLimit });
  }

  /** Hands the results to the task, unless they are lost on their way. */
  async deliver(trip: RoundTrip, results: Promise<unknown>[]): Promise<void> {
    const { task, name, statements } = trip;
    const { world } = task;
    const outcomes = await Promise.allSettled(results);
    const hadTransaction = this.isInTransaction;
    if (statements.some(({ query }) => isEndOf(query))) this.isInTransaction = false;
    const isLost = world.fails(`${name} answer lost`, 0.002, `PostgreSQL's answer to ${sentenceOf(trip)} is lost.`);
    if (isLost) await this.#lose(trip);
    else if (world.fails(`${name} crash after`, 0.0015, `The ${task.process.name} crashes after ${sentenceOf(trip)}.`))
      await world.crash(task.process);
    else
      for (const [index, outcome] of outcomes.entries()) {
        const { resolve, reject } = statements[index] as SentStatement;
        if (outcome.status === 'fulfilled') resolve(outcome.value);
        else reject(asLockTimeout(outcome.reason));
      }
    if (!hadTransaction || !this.isInTransaction) await this.#registry.continueBlocked();
  }

  async #lose({ statements }: RoundTrip): Promise<void> {
    this.#isBroken = true;
    await this.#rollBack();
    for (const { reject } of statements) reject(connectionLost());
    await this.#registry.continueBlocked();
  }

  async #rollBack(): Promise<void> {
    if (!this.isInTransaction) return;
    this.isInTransaction = false;
    await this.#real.query('rollback');
  }

  async abandon(): Promise<void> {
    this.#isBroken = true;
    await this.#registry.forget(this);
    await this.#rollBack();
    this.#free();
    await this.#registry.continueBlocked();
  }

  release(): void {
    this.#free();
  }
}

/** A wait for a lock is ended by cancelling the statement, which PostgreSQL reports in other words. */
function asLockTimeout(error: unknown): unknown {
  if ((error as { code?: string }).code !== '57014') return error;
  return Object.assign(error as Error, { code: '55P03', message: 'canceling statement due to lock timeout' });
}

/** For the story: `statement 3 of charge of payment 1 (commit)`. */
function sentenceOf({ name, statements }: RoundTrip): string {
  const last = statements.at(-1)?.query;
  const text = typeof last === 'string' ? last : (last?.name ?? last?.text ?? '');
  return `"${name}" (${text.slice(0, 40)})`;
}

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
