import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What one process has asked of PostgreSQL. */
export interface Asked {
  /** By the name of the prepared statement, else by its text. */
  statements: Record<string, number>;
  /** How often it sent something while nothing was under way: what it sends together is one. */
  roundTrips: number;
  /** Transactions that wrote, whether they said `begin` or not. */
  commits: number;
}

export interface CountingProxy {
  /** The same database, through the proxy. */
  url: string;
  asked(): Asked;
  close(): void;
}

/** Stands between one process and PostgreSQL, passes every byte on, and counts. Costs time: never measure time through it. */
export async function startCountingProxy(databaseUrl: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(databaseUrl);
  const asked: Asked = { statements: {}, roundTrips: 0, commits: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ host: hostname, port: Number(port), noDelay: true });
    client.setNoDelay();
    const conversation = new Conversation(asked);
    client.on('data', (bytes) => {
      conversation.heardClient(bytes);
      upstream.write(bytes);
    });
    upstream.on('data', (bytes) => {
      conversation.heardServer(bytes);
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
    asked: () => structuredClone(asked),
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** One connection, read along. Source: PostgreSQL, "Frontend/Backend Protocol: Message Formats". */
class Conversation {
  readonly #asked: Asked;
  readonly #client: Messages;
  readonly #server = new Messages({ hasStartup: false });
  #awaited = 0; // answers to Sync
  #hasWritten = false;

  constructor(asked: Asked) {
    this.#asked = asked;
    this.#client = new Messages({ hasStartup: true });
  }

  heardClient(bytes: Buffer): void {
    for (const { type, body } of this.#client.read(bytes)) {
      if (type === 'B') this.#count(textAt(body, body.indexOf(0) + 1)); // portal, then statement
      if (type === 'Q') this.#count(textAt(body, 0));
      if (type !== 'S' && type !== 'Q') continue;
      if (this.#awaited === 0) this.#asked.roundTrips++;
      this.#awaited++;
    }
  }

  heardServer(bytes: Buffer): void {
    for (const { type, body } of this.#server.read(bytes)) {
      if (type === 'C') this.#done(textAt(body, 0));
      if (type !== 'Z') continue;
      this.#awaited = Math.max(0, this.#awaited - 1);
      if (String.fromCharCode(body[0] ?? 0) === 'I') this.#ended();
    }
  }

  #count(statement: string): void {
    const name = statement || 'unnamed';
    this.#asked.statements[name] = (this.#asked.statements[name] ?? 0) + 1;
  }

  #done(tag: string): void {
    if (tag === 'ROLLBACK') this.#hasWritten = false;
    if (/^(INSERT|UPDATE|DELETE|MERGE) .*[1-9]/.test(tag.replace('INSERT 0', 'INSERT'))) this.#hasWritten = true;
  }

  #ended(): void {
    if (this.#hasWritten) this.#asked.commits++;
    this.#hasWritten = false;
  }
}

/** Cuts a stream into messages: a letter, a length, a body. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  #inStartup: boolean;

  constructor({ hasStartup }: { hasStartup: boolean }) {
    this.#inStartup = hasStartup; // a client's first message has no letter
  }

  *read(bytes: Buffer): Generator<{ type: string; body: Buffer }> {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    for (;;) {
      const letter = this.#inStartup ? 0 : 1;
      if (this.#rest.length < letter + 4) return;
      const end = letter + this.#rest.readUInt32BE(letter);
      if (this.#rest.length < end) return;
      const type = letter === 0 ? '' : String.fromCharCode(this.#rest[0] ?? 0);
      const body = this.#rest.subarray(letter + 4, end);
      this.#rest = this.#rest.subarray(end);
      this.#inStartup = false;
      yield { type, body };
    }
  }
}

function textAt(body: Buffer, start: number): string {
  return body.toString('utf8', start, body.indexOf(0, start));
}
