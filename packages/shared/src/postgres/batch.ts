import { isConnectionLoss, isPostgresError } from './errors.ts';
import type { Queryable } from './queryable.ts';

interface Batch<Input, Output> {
  /**
   * One statement for all inputs. @returns the output of each, in the order of the inputs; undefined for one that the statement could not
   * answer beside the others, and is asked for alone
   */
  ask: (db: Queryable, inputs: readonly Input[]) => Promise<readonly (Output | undefined)[]>;
  /** Two inputs with the same key are never in one statement. */
  keyOf: (input: Input) => string | number;
}

interface Call<Input, Output> {
  input: Input;
  resolve: (output: Output | Promise<Output>) => void;
  reject: (error: unknown) => void;
}

const mostTogether = 50; // bounds the size of a statement, and how much is repeated when one row spoils it

/**
 * Sends the calls that are made in one iteration of the event loop as one statement. A busy process reads several answers at once, and so
 * has several calls at once; a single call waits for no other. When the server refuses the statement of several, each call is sent in a
 * statement of its own, so that one row cannot fail the others.
 */
export function batched<Input, Output>({ ask, keyOf }: Batch<Input, Output>): (db: Queryable, input: Input) => Promise<Output> {
  const callsOf = new WeakMap<Queryable, Map<string | number, Call<Input, Output>>>();
  const askAlone = async (db: Queryable, input: Input): Promise<Output> => (await ask(db, [input]))[0] as Output;

  async function send(db: Queryable, calls: readonly Call<Input, Output>[]): Promise<void> {
    try {
      const inputs = calls.map(({ input }) => input);
      const outputs = await ask(db, inputs);
      for (const [n, { input, resolve }] of calls.entries())
        resolve(outputs[n] === undefined && calls.length > 1 ? askAlone(db, input) : (outputs[n] as Output));
    } catch (error) {
      for (const { input, resolve, reject } of calls) {
        if (calls.length > 1 && isRefused(error)) resolve(askAlone(db, input));
        else reject(error);
      }
    }
  }

  function open(db: Queryable): Map<string | number, Call<Input, Output>> {
    const calls = new Map<string | number, Call<Input, Output>>();
    callsOf.set(db, calls);
    setImmediate(() => {
      callsOf.delete(db);
      void send(db, [...calls.values()]);
    });
    return calls;
  }

  return (db, input) => {
    const calls = callsOf.get(db) ?? open(db);
    const key = keyOf(input);
    if (calls.has(key) || calls.size >= mostTogether) return askAlone(db, input);
    const { promise, resolve, reject } = Promise.withResolvers<Output>();
    calls.set(key, { input, resolve, reject });
    return promise;
  };
}

/** The server has refused the statement, and nothing was written. After another error it may have been. */
const isRefused = (error: unknown): boolean => isPostgresError(error) && !isConnectionLoss(error);

/** The values of several inputs as one array for each parameter, for `unnest`. */
export const columnsOf = (rows: readonly (readonly unknown[])[]): unknown[][] => (rows[0] ?? []).map((_, n) => rows.map((row) => row[n]));
