import pg from 'pg';
import { hostsOf, serverUrls } from '../runtime/index.ts';
import { isConnectionLoss, isPostgresError } from './errors.ts';

const searchTimeoutMs = 1_500; // shorter than a pool waits for a connection
const searchPauseMs = 100; // many requests ask at once while no server takes writes

/** None of the servers of a URL takes writes: the next one is being promoted, or none answers. */
export class NoWritableServer extends Error {
  override readonly name = 'NoWritableServer';
  /** SQLSTATE `cannot_connect_now`. */
  readonly code = '57P03';
}

/**
 * What this process knows of the servers of one URL. The gateway writes, so of several hosts it uses the one that takes writes, and looks
 * for it again when a connection breaks. All connections with the same URL share this knowledge.
 */
export class DatabaseServer {
  readonly #urls: readonly URL[];
  readonly #hosts: string;
  #current: URL | null;
  #search: Promise<URL> | null = null;
  #failedAt = Number.NEGATIVE_INFINITY;
  /** Whether each connection is checked for taking writes: the URL names several hosts, or has `target_session_attrs`. */
  readonly isChecked: boolean;
  /** Whether a connection pooler is between: it refuses or drops start-up parameters, so each transaction begins with its settings. */
  isPooled: boolean;
  /** Whether `checkSession` may find that the pooler keeps named statements. False with `?pgbouncer=true`. */
  readonly mayKeepNames: boolean;
  /** Whether the pooler keeps a named statement for its client. It gives each transaction another session, and a name stays with one. */
  keepsNames = false;

  constructor(text: string) {
    const urls = serverUrls(text);
    const [first] = urls;
    if (!first) throw new TypeError('the URL of the database is invalid');
    this.isChecked = urls.length > 1 || first.searchParams.has('target_session_attrs');
    this.isPooled = first.searchParams.get('pgbouncer') === 'true';
    this.mayKeepNames = !this.isPooled;
    for (const { searchParams } of urls) {
      searchParams.delete('target_session_attrs');
      searchParams.delete('pgbouncer');
    }
    this.#urls = urls;
    this.#hosts = hostsOf(text);
    this.#current = this.isChecked ? null : first;
  }

  /** Whether a statement is sent with its name, so that it is parsed once. */
  get preparesStatements(): boolean {
    return !this.isPooled || this.keepsNames;
  }

  /** Whether `url` is the server to connect to, as far as is known. */
  get isFound(): boolean {
    return this.#current !== null;
  }

  /** The server for the next connection. */
  get url(): URL {
    return this.#current ?? (this.#urls[0] as URL);
  }

  /** Looks for the server that takes writes, unless it is known. @throws NoWritableServer */
  async find(): Promise<void> {
    if (this.#current) return;
    this.#search ??= this.#searchAll().finally(() => {
      this.#search = null;
    });
    this.#current = await this.#search;
  }

  /** A connection failed or broke. @returns whether a further try may succeed at once */
  learn(error: unknown): boolean {
    if (isPostgresError(error) && /startup parameter/.test(error.message)) {
      this.isPooled = true; // PgBouncer names one parameter at a time: `unsupported startup parameter: statement_timeout`
      return true;
    }
    if (!this.isChecked || !isConnectionLoss(error)) return false;
    this.#current = null;
    return !(error instanceof NoWritableServer);
  }

  async #searchAll(): Promise<URL> {
    if (performance.now() - this.#failedAt < searchPauseMs) throw this.#noServer('none was found a moment ago');
    try {
      return await Promise.any(this.#urls.map(takesWrites));
    } catch (error) {
      this.#failedAt = performance.now();
      throw this.#noServer((error as AggregateError).errors.map(({ message, code }) => message || code).join('; '));
    }
  }

  #noServer(reasons: string): NoWritableServer {
    return new NoWritableServer(`no server of ${this.#hosts} takes writes: ${reasons}`);
  }
}

const servers = new Map<string, DatabaseServer>();

/** What this process knows of the servers of this URL. */
export function serverOf(url: string): DatabaseServer {
  const server = servers.get(url) ?? new DatabaseServer(url);
  servers.set(url, server);
  return server;
}

async function takesWrites(url: URL): Promise<URL> {
  const client = new pg.Client({
    connectionString: url.href,
    application_name: 'gateway server search',
    connectionTimeoutMillis: searchTimeoutMs,
    query_timeout: searchTimeoutMs,
  });
  client.on('error', () => {}); // the query rejects with the same error
  try {
    await client.connect();
    await assertTakesWrites(client);
    return url;
  } finally {
    client.end().catch(() => {});
  }
}

/** @throws NoWritableServer when the server is a standby, or its transactions are read-only */
export async function assertTakesWrites(client: Pick<pg.ClientBase, 'query'>): Promise<void> {
  const { rows } = await client.query<{ transaction_read_only: string }>('show transaction_read_only');
  if (rows[0]?.transaction_read_only === 'on') throw new NoWritableServer('the server is a standby');
}
