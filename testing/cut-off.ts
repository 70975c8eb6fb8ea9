import type pg from 'pg';
import type { Database } from '../packages/shared/src/store/index.ts';

/** Stands between us and a database: sees what is sent in transactions, and may cut the connection before any statement. */
export interface CutOff {
  around(db: Database): Database;
  /** What was sent on one connection from now on, a list for each round trip. */
  watch(): { roundTrips: string[][] };
  /** The next connection is taken, and then dies before its statement number `n`, counted from 1. Null: none does. */
  dieBefore(n: number | null): void;
  /** Whether one has died since. */
  readonly died: boolean;
}

export function cutOff(): CutOff {
  let watched: string[][] = [];
  let fatal: number | null = null;
  let died = false;

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
      if (broken) return Promise.reject(new Error('the process died here'));
      if (underWay === 0) watched.push([]);
      watched.at(-1)?.push(nameOf(config));
      underWay++;
      const answer = (client.query as (...args: unknown[]) => Promise<unknown>)(config, ...rest).finally(() => underWay--);
      answer.catch(() => {});
      before.push(answer);
      return answer;
    };
    return new Proxy(client, { get: (target, name) => (name === 'query' ? query : bound(target, name)) });
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
    dieBefore: (n) => {
      fatal = n;
      died = false;
    },
    get died() {
      return died;
    },
  };
}

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
