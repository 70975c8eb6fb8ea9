import type { Database } from '@gateway/shared/postgres';
import type pg from 'pg';

/** Wraps a database: records the statements of transactions, and can break the connection before any of them. */
export interface FaultInjectingPool {
  wrapDatabase(db: Database): Database;
  /** Records the statements from now on, one list for each round trip. */
  recordRoundTrips(): { roundTrips: string[][] };
  /** Simulates a crash before statement number `n` of the next connection, counted from 1. Null: no crash. */
  crashBefore(n: number | null): void;
  /** The next connection is lost before its statement number `n`. The process lives, and may retry. */
  disconnectBefore(n: number): void;
  /** The next commit is carried out, but the connection is lost before its answer. */
  loseCommit(): void;
  /** Whether the planned failure has happened. */
  readonly hasFailed: boolean;
}

/** A wrapper without a planned failure. Failures are planned by its methods, one at a time. */
export function faultInjectingPool(): FaultInjectingPool {
  let recorded: string[][] = [];
  let failAt: number | null = null;
  let failure = new Error();
  let isCommitLost = false;
  let hasFailed = false;
  const plan = (n: number | null, message: string) => {
    failAt = n;
    failure = new Error(message);
    hasFailed = false;
  };

  function wrap(client: pg.PoolClient): pg.PoolClient {
    let sent = 0;
    let inFlight = 0;
    let isBroken = false;
    const earlier: Promise<unknown>[] = [];
    const query = (config: pg.QueryConfig, ...rest: unknown[]) => {
      sent++;
      if (sent === failAt) {
        isBroken = true;
        hasFailed = true;
        failAt = null;
        // Earlier statements are carried out first: the crash is between two statements, not before all of them.
        void Promise.allSettled(earlier).then(() =>
          (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy(),
        );
      }
      if (isBroken) return Promise.reject(failure);
      if (inFlight === 0) recorded.push([]);
      recorded.at(-1)?.push(nameOf(config));
      inFlight++;
      const result = (client.query as (...args: unknown[]) => Promise<unknown>)(config, ...rest).finally(() => inFlight--);
      const outcome = isCommitLost && config.text === 'commit' ? loseAnswer(result) : result;
      outcome.catch(() => {});
      earlier.push(outcome);
      return outcome;
    };
    return new Proxy(client, { get: (target, name) => (name === 'query' ? query : bound(target, name)) });
  }

  async function loseAnswer(commit: Promise<unknown>): Promise<never> {
    isCommitLost = false;
    hasFailed = true;
    await commit;
    throw connectionLost();
  }

  return {
    wrapDatabase: (db) => {
      const connect = async () => wrap(await db.pool.connect());
      const pool = new Proxy(db.pool, { get: (target, name) => (name === 'connect' ? connect : bound(target, name)) });
      return { ...db, pool };
    },
    recordRoundTrips: () => {
      const roundTrips: string[][] = [];
      recorded = roundTrips;
      return { roundTrips };
    },
    crashBefore: (n) => plan(n, 'simulated crash'),
    disconnectBefore: (n) => plan(n, connectionLost().message),
    loseCommit: () => {
      isCommitLost = true;
      hasFailed = false;
    },
    get hasFailed() {
      return hasFailed;
    },
  };
}

/** The error that pg throws when a connection is lost. */
const connectionLost = () => new Error('Connection terminated unexpectedly');

/**
 * A statement's name in the recorded lists: `host:pos:order:1f…:0` becomes `pos/order.sql`, a composed statement has its name without the
 * hash, and `begin` stands for the settings that are sent with it, too.
 */
function nameOf(query: pg.QueryConfig | string): string {
  const { name, text } = typeof query === 'string' ? ({ text: query } as pg.QueryConfig) : query;
  const [, host, statement] = /^host:([a-z0-9]+):([a-z]+):/.exec(name ?? '') ?? [];
  if (statement) return `${host}/${statement}.sql`;
  return name?.replace(/:[0-9a-f]{12}$/, '') ?? text.replace(/^begin .*/s, 'begin');
}

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
