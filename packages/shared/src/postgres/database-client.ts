import pg from 'pg';
import { ErrorWithoutStack } from '../runtime/error-without-stack.ts';
import { assertTakesWrites, type DatabaseServer, serverOf } from './database-server.ts';
import { DescribedQuery, type NamedConfig } from './described-query.ts';
import { localSettings, poolerParameters, withSessionSettings } from './session-settings.ts';

type ClientConfig = pg.ClientConfig & { server: DatabaseServer };

/**
 * A connection with the session settings of ours. PostgreSQL itself gets them as start-up parameters: no further round trip, and `reset all`
 * cannot remove them. A connection pooler does not keep them, so there they are set by the message that begins each transaction.
 */
export class DatabaseClient extends pg.Client {
  /** Null: the session has its settings from the start. */
  readonly #settings: string | null;
  readonly #server: DatabaseServer;

  constructor({ server, ...config }: ClientConfig) {
    const { statement_timeout, lock_timeout, idle_in_transaction_session_timeout, ...rest } = config;
    super(
      server.isPooled ? { ...rest, connectionString: server.url.href } : { ...config, connectionString: withSessionSettings(server.url) },
    );
    this.#settings = server.isPooled ? localSettings({ statement_timeout, lock_timeout, idle_in_transaction_session_timeout }) : null;
    this.#server = server;
  }

  /** The start-up parameters. pg calls it when it is connected. */
  getStartupConf(): Record<string, string> {
    const { getStartupConf } = pg.Client.prototype as unknown as DatabaseClient;
    return { ...Reflect.apply(getStartupConf, this, []), ...(this.#settings === null ? {} : poolerParameters) };
  }

  /** As the base class has it. `never` stands for the results of all its overloads: what it returns is returned. */
  override query(...args: unknown[]): never {
    const [statement, ...rest] = args;
    if (this.#settings !== null) return Reflect.apply(super.query, this, [this.#forPooler(statement), ...rest]) as never;
    if (this.#server.keepsNames || !hasName(statement)) return Reflect.apply(super.query, this, args) as never;
    return this.#queryNamed(new DescribedQuery(statement, ...rest)) as never;
  }

  /** As the base class has it: with a callback, or with a promise. */
  #queryNamed(query: DescribedQuery): Promise<pg.QueryResult> | undefined {
    if (query.callback) {
      super.query(query);
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    query.callback = (error, result) => (error ? reject(error) : resolve(result as pg.QueryResult));
    super.query(query);
    return promise.catch((error: Error) => {
      Error.captureStackTrace(error); // leads back to the caller, as in the base class
      throw error;
    });
  }

  /** A statement is a text, a config with a text, or an object of pg's that sends itself. */
  #forPooler(statement: unknown): unknown {
    if (typeof statement === 'string') return this.#withSettings(statement);
    const { text, name, ...config } = statement as pg.QueryConfig;
    if (typeof text !== 'string' || 'submit' in config) return statement;
    const sent = this.#withSettings(text);
    return { ...config, text: sent, ...(name !== undefined && this.#server.preparesStatements && sent === text ? { name } : {}) };
  }

  #withSettings(text: string): string {
    return text.replace(/^\s*begin\b[^;]*/i, (begin) => `${begin}; ${this.#settings}`);
  }
}

/** A config with a name, and not an object of pg's that sends itself. */
function hasName(statement: unknown): statement is NamedConfig {
  const { name, submit } = (statement ?? {}) as Partial<pg.QueryConfig & pg.Submittable>;
  return typeof name === 'string' && submit === undefined;
}

/** Connects, with a second try when the first one shows that another server takes writes, or that a pooler is between. The caller ends it. */
export async function connectClient(url: string, config: pg.ClientConfig): Promise<pg.Client> {
  const server = serverOf(url);
  for (let triesLeft = 2; ; triesLeft--) {
    await server.find();
    const client = new DatabaseClient({ ...config, server });
    client.on('error', (error) => void server.learn(error)); // the running query rejects with the same error
    try {
      await client.connect();
      if (server.isChecked) await assertTakesWrites(client);
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (!server.learn(error) || triesLeft === 0) throw error;
    }
  }
}

/** More requests wait for a connection than can be served soon. */
export class PoolFull extends ErrorWithoutStack {
  override readonly name = 'PoolFull';
  /** SQLSTATE `too_many_connections`. */
  readonly code = '53300';
}

const maxWaiting = { ofPool: 200, perConnection: 20 }; // at ten milliseconds a statement, the last one waits for a fifth of a second

type Connected = (error: Error | undefined, client?: pg.PoolClient, release?: () => void) => void;

/** pg has no code for it. */
const isPoolTimeout = ({ message }: Error): boolean => message === 'timeout exceeded when trying to connect';

/** A pool that finds the server that takes writes, and refuses at once what would wait for long. */
export class DatabasePool extends pg.Pool {
  /** When the server last answered one of the connections, by `performance.now()`. */
  answeredAt = Number.NEGATIVE_INFINITY;
  private readonly server: DatabaseServer; // not `#server`: tests wrap a pool in a proxy

  constructor(config: pg.PoolConfig & { server: DatabaseServer }) {
    const { server } = config;
    super({ ...config, ...(server.isChecked ? { onConnect: assertTakesWrites } : {}) } as pg.PoolConfig);
    this.server = server;
    this.on('error', (error) => void server.learn(error));
    // A connection that breaks emits `error` beside rejecting its statement. Knex does not listen, and an event that is not handled ends the process.
    this.on('connect', (client) => client.on('error', (error) => void server.learn(error)));
    this.on('connect', (client) => {
      client.on('drain', () => {
        this.answeredAt = performance.now();
      });
    });
  }

  /** As the base class has it: with a callback, or with a promise. */
  override connect(...args: unknown[]): never {
    const [callback] = args as [Connected?];
    if (callback) return this.connectTo(callback, 2) as never;
    return new Promise((resolve, reject) => {
      this.connectTo((error, client) => (error ? reject(error) : resolve(client)), 2);
    }) as never;
  }

  private connectTo(callback: Connected, triesLeft: number): void {
    if (this.waitingCount >= Math.max(maxWaiting.ofPool, this.options.max * maxWaiting.perConnection)) {
      callback(new PoolFull('too many requests wait for a connection'));
      return;
    }
    const connect = () =>
      super.connect((error: Error | undefined, client, release) => {
        if (error && isPoolTimeout(error)) callback(new PoolFull('every connection was in use for too long'));
        else if (error && triesLeft > 0 && this.server.learn(error)) this.connectTo(callback, triesLeft - 1);
        else callback(error, client, release);
      });
    if (this.server.isFound) connect();
    else this.server.find().then(connect, callback);
  }
}
