import type pg from 'pg';
import type { Database } from '../packages/shared/src/store/index.ts';

/** Stands between us and a database: sees what is sent in transactions, and may cut the connection before any statement. */
export interface CutOff {
  around(db: Database): Database;
  /** What was sent on one connection from now on, a list for each round trip. */
  watch(): { roundTrips: string[][] };
  /** The process dies before statement number `n` of the next connection, counted from 1. Null: it does not. */
  dieBefore(n: number | null): void;
  /** The next connection is lost before its statement number `n`; the process lives, and may try again. */
  loseBefore(n: number): void;
  /** The next commit is carried out, and its answer never arrives. */
  loseCommit(): void;
  /** Whether it has happened since. */
  readonly died: boolean;
}

export function cutOff(): CutOff {
  let watched: string[][] = [];
  let fatal: number | null = null;
  let death = new Error();
  let commitIsLost = false;
  let died = false;
  const plan = (n: number | null, message: string) => {
    fatal = n;
    death = new Error(message);
    died = false;
  };

  function wrap(client: pg.PoolClient): pg.PoolClient {
    let sent = 0;
    let underWay = 0;
    let broken = false;
    const before: Promise<unknown>[] = [];
    const query = (config: pg.QueryConfig, ...rest: unknown[]) => {
      sent++;
      if (sent === fatal) {
        broken = true;
        died = true;
        fatal = null;
        // What was sent before has been carried out: the crash is between two statements, not before them all.
        void Promise.allSettled(before).then(() =>
          (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy(),
        );
      }
      if (broken) return Promise.reject(death);
      if (underWay === 0) watched.push([]);
      watched.at(-1)?.push(nameOf(config));
      underWay++;
      const answered = (client.query as (...args: unknown[]) => Promise<unknown>)(config, ...rest).finally(() => underWay--);
      const answer = commitIsLost && config.text === 'commit' ? lost(answered) : answered;
      answer.catch(() => {});
      before.push(answer);
      return answer;
    };
    return new Proxy(client, { get: (target, name) => (name === 'query' ? query : bound(target, name)) });
  }

  async function lost(commit: Promise<unknown>): Promise<never> {
    commitIsLost = false;
    died = true;
    await commit;
    throw connectionLost();
  }

  return {
    around: (db) => {
      const connect = async () => wrap(await db.pool.connect());
      const pool = new Proxy(db.pool, { get: (target, name) => (name === 'connect' ? connect : bound(target, name)) });
      return { ...db, pool };
    },
    watch: () => {
      const roundTrips: string[][] = [];
      watched = roundTrips;
      return { roundTrips };
    },
    dieBefore: (n) => plan(n, 'the process died here'),
    loseBefore: (n) => plan(n, connectionLost().message),
    loseCommit: () => {
      commitIsLost = true;
      died = false;
    },
    get died() {
      return died;
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
