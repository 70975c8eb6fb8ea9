import type { Duplex } from 'node:stream';
import type pg from 'pg';
import type { Database, Statement } from './database.ts';
import { hasSqlState, sqlState } from './errors.ts';

type Row = Record<string, unknown>;

/**
 * One `read committed` transaction on one connection. Statements are *sent* by `query` and may be awaited later:
 * what is sent without awaiting travels in one round trip. When one fails, those behind it fail too and nothing is kept.
 */
export class Transaction {
  readonly client: pg.PoolClient;
  #ended = false;
  #isCorked = false;
  #failure: unknown = null;

  constructor(client: pg.PoolClient) {
    this.client = client;
    void this.#send(begin); // its failure shows in every statement behind it
  }

  query<R extends Row = Row>(statement: Statement | pg.QueryConfig, values?: readonly unknown[]): Promise<pg.QueryResult<R>> {
    return this.#send<R>(values ? { ...statement, values: values as unknown[] } : statement);
  }

  /**
   * Sends the commit behind what was sent before.
   * @throws when the server rolled back instead, because a statement before it had failed.
   */
  async commit(): Promise<void> {
    this.#ended = true;
    const { command } = await this.#send(commit);
    if (command !== 'COMMIT') throw new Error('the transaction was rolled back: a statement before the commit failed');
  }

  async rollback(): Promise<void> {
    this.#ended = true;
    await this.#send(rollback);
  }

  get ended(): boolean {
    return this.#ended;
  }

  #send<R extends Row = Row>(config: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    this.#cork();
    const result = this.client.query<R>(config);
    // Whoever awaits it sees the error; nobody awaits the ones behind a failed one, and they must not end the process.
    result.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return result;
  }

  /** Of all that failed, the first: those behind it only say that the transaction is aborted. */
  get failure(): unknown {
    return this.#failure;
  }

  /** What is sent in one turn of the event loop goes out in one system call, not one for each statement: writing is what costs most. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = (this.client as unknown as { connection: { stream: Duplex } }).connection; // the driver has no door to it
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}

const begin: Statement = { name: 'begin', text: 'begin isolation level read committed' };
const commit: Statement = { name: 'commit', text: 'commit' };
const rollback: Statement = { name: 'rollback', text: 'rollback' };

/** Runs `work` in a transaction and commits it, unless `work` has ended it itself. Any error rolls back and is thrown on. */
export async function inTransaction<T>({ pool }: Pick<Database, 'pool'>, work: (trx: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined; // then its connection is in no known state: the pool must not hand it on
  const onBreak = (error: Error): void => {
    broken = error;
  };
  client.on('error', onBreak); // one that breaks while nothing is under way has nobody else to tell, and would end the process
  const trx = new Transaction(client);
  try {
    const result = await work(trx);
    if (!trx.ended) await trx.commit();
    return result;
  } catch (error) {
    await trx.rollback().catch(onBreak);
    throw isAbortedTransaction(error) ? trx.failure : error;
  } finally {
    client.off('error', onBreak);
    client.release(broken);
  }
}

const isAbortedTransaction = (error: unknown): boolean => hasSqlState(error, sqlState.inFailedTransaction);

/** Waits for all that was sent, then throws the first error that is the cause: not one that only says "transaction is aborted". */
export async function pipelined<T extends readonly unknown[]>(statements: { [K in keyof T]: Promise<T[K]> | T[K] }): Promise<T> {
  const outcomes = await Promise.allSettled(statements);
  const failures = outcomes.filter((each) => each.status === 'rejected').map((each): unknown => each.reason);
  if (failures.length > 0) throw failures.find((failure) => !isAbortedTransaction(failure)) ?? failures[0];
  return outcomes.map((each) => (each as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
