import type { Duplex } from 'node:stream';
import type pg from 'pg';
import type { Database, Statement } from './database.ts';
import { hasSqlState, isConnectionLoss, sqlState } from './errors.ts';

type Row = Record<string, unknown>;

/**
 * One `read committed` transaction on one connection. `query` sends a statement at once; the caller may await it later. Statements
 * that are sent without awaiting share one round trip. When one statement fails, the later ones fail too and nothing is committed.
 */
export class Transaction {
  readonly client: pg.PoolClient;
  #ended = false;
  #isCorked = false;
  #failure: unknown = null;

  constructor(client: pg.PoolClient, beginning: pg.QueryConfig = begin) {
    this.client = client;
    void this.#send(beginning); // when it fails, every later statement fails too
  }

  query<R extends Row = Row>(statement: Statement | pg.QueryConfig, values?: readonly unknown[]): Promise<pg.QueryResult<R>> {
    return this.#send<R>(values ? { ...statement, values: values as unknown[] } : statement);
  }

  /**
   * Sends the commit after the statements that were sent before.
   * @throws when the server rolled back instead, because an earlier statement had failed
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
    // The caller that awaits the statement sees the error. A statement that is not awaited must not end the process.
    result.catch((error: unknown) => {
      this.#failure ??= error;
    });
    return result;
  }

  /** The error of the first statement that failed. The errors of later ones only state that the transaction is aborted. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Writes the statements of one event-loop turn with one system call: the write is the most expensive part of sending. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    const { stream } = (this.client as unknown as { connection: { stream: Duplex } }).connection; // pg has no public access to it
    stream.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      stream.uncork();
    });
  }
}

export const begin: Statement = { name: 'begin', text: 'begin isolation level read committed' };
const commit: Statement = { name: 'commit', text: 'commit' };
const rollback: Statement = { name: 'rollback', text: 'rollback' };

/**
 * Runs `work` in a transaction and commits, unless `work` has ended the transaction. An error rolls back and is thrown again.
 * @param beginning begins the transaction, with settings of its own; default: a plain begin
 */
export async function inTransaction<T>(
  { pool }: Pick<Database, 'pool'>,
  work: (trx: Transaction) => Promise<T>,
  beginning?: pg.QueryConfig,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined; // set when the state of the connection is unknown: the pool must discard it
  const onBreak = (error: Error): void => {
    broken = error;
  };
  client.on('error', onBreak); // an idle connection that breaks emits `error`; without a listener that ends the process
  const trx = new Transaction(client, beginning);
  try {
    const result = await work(trx);
    if (!trx.ended) await trx.commit();
    return result;
  } catch (error) {
    await trx.rollback().catch(onBreak);
    if (isConnectionLoss(error)) broken ??= error as Error; // also a server that became a standby and still answers
    throw isAbortedTransaction(error) ? trx.failure : error;
  } finally {
    client.off('error', onBreak);
    client.release(broken);
  }
}

const isAbortedTransaction = (error: unknown): boolean => hasSqlState(error, sqlState.inFailedTransaction);

/** Waits for all statements. @throws the error that is the cause, not one that only states "transaction is aborted" */
export async function pipelined<T extends readonly unknown[]>(statements: { [K in keyof T]: Promise<T[K]> | T[K] }): Promise<T> {
  const outcomes = await Promise.allSettled(statements);
  const failures = outcomes.filter((each) => each.status === 'rejected').map((each): unknown => each.reason);
  if (failures.length > 0) throw failures.find((failure) => !isAbortedTransaction(failure)) ?? failures[0];
  return outcomes.map((each) => (each as PromiseFulfilledResult<unknown>).value) as unknown as T;
}
