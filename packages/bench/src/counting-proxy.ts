import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What one process has sent to PostgreSQL. */
export interface CountedQueries {
  /** How often each statement was sent, by the name of the prepared statement, else by its text. */
  statements: Record<string, number>;
  /** How often the process sent something while no answer was pending, by the statement that it sent first. Messages that are sent together are one round trip. */
  roundTrips: Record<string, number>;
  /** Transactions that wrote, with or without `begin`, by the first statement of them that wrote. */
  commits: Record<string, number>;
}

/** A proxy between one process and PostgreSQL. */
export interface CountingProxy {
  /** The URL of the database through the proxy. */
  url: string;
  queries(): CountedQueries;
  close(): void;
}

/** Starts a proxy that forwards every byte and counts queries. It adds latency, so times must not be measured through it. */
export async function startCountingProxy(databaseUrl: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const queries: CountedQueries = { statements: {}, roundTrips: {}, commits: {} };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay();
    const reader = new ConnectionReader(queries);
    client.on('data', (bytes) => {
      reader.onClientBytes(bytes);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      reader.onServerBytes(bytes);
      client.write(bytes);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {}); // `close` follows
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    queries: () => structuredClone(queries),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Reads the messages of one connection. Source: PostgreSQL, "Frontend/Backend Protocol: Message Formats". */
class ConnectionReader {
  readonly #queries: CountedQueries;
  readonly #client: Messages;
  readonly #server = new Messages({ hasStartup: false });
  readonly #writing = new Set<string>(); // the names of prepared statements that write
  readonly #pending: { name: string; isWriting: boolean }[] = []; // what was sent and has no answer yet
  #sending = { name: '', isWriting: false };
  #writtenBy: string | null = null;

  constructor(queries: CountedQueries) {
    this.#queries = queries;
    this.#client = new Messages({ hasStartup: true });
  }

  onClientBytes(bytes: Buffer): void {
    for (const { type, body } of this.#client.read(bytes)) {
      if (type === 'P') this.#onParse(textAt(body, 0), textAt(body, body.indexOf(0) + 1));
      if (type === 'B') this.#onBind(textAt(body, body.indexOf(0) + 1)); // portal, then statement
      if (type === 'Q') this.#onStatement(textAt(body, 0).replace(/^begin .*/s, 'begin')); // with the settings of its session
      if (type !== 'S' && type !== 'Q') continue;
      if (this.#pending.length === 0) count(this.#queries.roundTrips, this.#sending.name);
      this.#pending.push(this.#sending);
    }
  }

  onServerBytes(bytes: Buffer): void {
    for (const { type, body } of this.#server.read(bytes)) {
      if (type === 'C') this.#onCommandTag(textAt(body, 0));
      if (type !== 'Z') continue;
      this.#pending.shift();
      if (String.fromCharCode(body[0] ?? 0) === 'I') this.#onTransactionEnd();
    }
  }

  #onParse(name: string, text: string): void {
    const isWriting = /\b(insert into|update|delete from)\s+\w|\btake_unpublished\(/i;
    if (isWriting.test(text.replace(/for (no key )?update/gi, ''))) this.#writing.add(name);
  }

  #onBind(name: string): void {
    this.#onStatement(name.replace(/:[0-9a-f]{12}$/, ''), this.#writing.has(name));
  }

  #onStatement(statement: string, isWriting = false): void {
    const name = statement || 'unnamed';
    count(this.#queries.statements, name);
    this.#sending = { name, isWriting };
  }

  #onCommandTag(tag: string): void {
    if (tag === 'ROLLBACK') this.#writtenBy = null;
    const [answered] = this.#pending;
    const hasWritten =
      /^(INSERT|UPDATE|DELETE|MERGE) .*[1-9]/.test(tag.replace('INSERT 0', 'INSERT')) || (/^SELECT [1-9]/.test(tag) && answered?.isWriting); // a `with` query that writes and returns a row
    if (hasWritten) this.#writtenBy ??= answered?.name ?? 'unnamed';
  }

  #onTransactionEnd(): void {
    if (this.#writtenBy !== null) count(this.#queries.commits, this.#writtenBy);
    this.#writtenBy = null;
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Splits a stream into messages: a type letter, a length, a body. */
class Messages {
  #unread: Buffer = Buffer.alloc(0);
  #inStartup: boolean;

  constructor({ hasStartup }: { hasStartup: boolean }) {
    this.#inStartup = hasStartup; // a client's first message has no type letter
  }

  *read(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
    this.#unread = this.#unread.length > 0 ? Buffer.concat([this.#unread, bytes]) : bytes;
    for (;;) {
      const typeBytes = this.#inStartup ? 0 : 1;
      if (this.#unread.length < typeBytes + 4) return;
      const end = typeBytes + this.#unread.readUInt32BE(typeBytes);
      if (this.#unread.length < end) return;
      const type = typeBytes === 0 ? '' : String.fromCharCode(this.#unread[0] ?? 0);
      const body = this.#unread.subarray(typeBytes + 4, end);
      this.#unread = this.#unread.subarray(end);
      this.#inStartup = false;
      yield { type, body };
    }
  }
}

function textAt(body: Buffer, start: number): string {
  return body.toString('utf8', start, body.indexOf(0, start));
}
