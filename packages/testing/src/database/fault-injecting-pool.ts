import type { Database } from '@gateway/shared/postgres';
import type pg from 'pg';

/** Stands between us and a database: sees what is sent in transactions, and may cut the connection before any statement. */
export interface FaultInjectingPool {
  wrapDatabase(db: Database): Database;
  /** What was sent on one connection from now on, a list for each round trip. */
  recordRoundTrips(): { roundTrips: string[][] };
  /** The process dies before statement number `n` of the next connection, counted from 1. Null: it does not. */
  crashBefore(n: number | null): void;
  /** The next connection is lost before its statement number `n`; the process lives, and may try again. */
  disconnectBefore(n: number): void;
  /** The next commit is carried out, and its answer never arrives. */
  loseCommit(): void;
  /** Whether it has happened since. */
  readonly hasFailed: boolean;
}

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
        // What was sent before has been carried out: the crash is between two statements, not before them all.
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
    crashBefore: (n) => plan(n, 'the process died here'),
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

/** As pg says it. */
const connectionLost = () => new Error('Connection terminated unexpectedly');

/** `host:pos:order:1f…:0` is called `pos/order.sql`. */
function nameOf({ name, text }: pg.QueryConfig): string {
  const [, host, statement] = /^host:([a-z0-9]+):([a-z]+):/.exec(name ?? '') ?? [];
  if (statement) return statement === 'session' ? 'set_config of host.yaml' : `${host}/${statement}.sql`;
  return name ?? text;
}

function bound<T extends object>(target: T, name: string | symbol): unknown {
  const value = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}
