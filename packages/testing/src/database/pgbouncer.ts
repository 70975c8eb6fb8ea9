import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { eventually } from '../eventually.ts';

/** The version of the PgBouncer on the PATH, such as 1.18.0. Null: there is none. */
export const pgBouncerVersion = ((): string | null => {
  try {
    return /\d+\.\d+\S*/.exec(execFileSync('pgbouncer', ['--version'], { encoding: 'utf8' }))?.[0] ?? null;
  } catch {
    return null;
  }
})();

const isAtLeast = (version: string): boolean => (pgBouncerVersion ?? '0').localeCompare(version, 'en', { numeric: true }) >= 0;

/** A setting with which PgBouncer leaves a named statement in a session that another client gets, as every version before 1.21 does. */
export const forgetsStatements: Readonly<Record<string, string>> = isAtLeast('1.21') ? { max_prepared_statements: '0' } : {};

/** A setting with which it keeps named statements for each of its clients. Null: this version cannot. */
const keepsStatements: Readonly<Record<string, string>> | null = isAtLeast('1.21') ? { max_prepared_statements: '200' } : null;

/** Whether it does so with its own defaults. */
export const keepsStatementsByDefault = isAtLeast('1.24');

/** Like `describe`. Without PgBouncer the tests count as skipped, and a line on standard error says so. */
export function describeBehindPgBouncer(name: string, tests: () => void): void {
  if (pgBouncerVersion === null) process.stderr.write(`SKIPPED, no pgbouncer on the PATH: ${name}. Run \`apt-get install pgbouncer\`.\n`);
  (pgBouncerVersion === null ? describe.skip : describe)(name, tests);
}

/** Like `it`, with a PgBouncer that keeps named statements. An older one is skipped in the same way. */
export function itWithNamedStatements(name: string, test: (settings: Readonly<Record<string, string>>) => Promise<void>): void {
  if (!keepsStatements) process.stderr.write(`SKIPPED, PgBouncer ${pgBouncerVersion ?? ''} is older than 1.21: ${name}\n`);
  (keepsStatements ? it : it.skip)(name, () => test(keepsStatements ?? {}));
}

export interface PgBouncer {
  /** The URL of the database through PgBouncer. */
  url: string;
  /** SIGKILL, and a start on the same port. */
  restart(): Promise<void>;
  /** How many named statements it keeps in its sessions of the server. */
  keptStatements(): Promise<number>;
  stop(): Promise<void>;
}

const user = 'gateway';

/** Starts PgBouncer in front of one database. @param settings lines of its configuration, beside its defaults */
export async function startPgBouncer(databaseUrl: string, settings: Readonly<Record<string, string>> = {}): Promise<PgBouncer> {
  const target = new URL(databaseUrl);
  const port = await freePort();
  const at = `postgres://${user}@127.0.0.1:${port}`;
  const dir = mkdtempSync(path.join(tmpdir(), 'pgbouncer-'));
  chmodSync(dir, 0o755); // PgBouncer will not run as root, and its user must be able to read the file
  const file = path.join(dir, 'pgbouncer.ini');
  const server = `host=${target.hostname} port=${target.port} dbname=${target.pathname.slice(1)} user=${target.username} password=${target.password}`;
  const lines = Object.entries({
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    stats_users: user,
    ...settings,
  });
  writeFileSync(file, `[databases]\nhost = ${server}\n[pgbouncer]\n${lines.map(([name, value]) => `${name} = ${value}`).join('\n')}\n`);
  const run = async () => {
    const started = spawn('pgbouncer', [file], { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}) });
    await eventually(() => accepts(port));
    return started;
  };
  let program = await run();
  return {
    url: `${at}/host`,
    restart: async () => {
      await ended(program);
      program = await run();
    },
    keptStatements: async () => {
      const console = new Client(`${at}/pgbouncer`);
      await console.connect();
      const { rows } = await console.query<{ prepared_statements?: string }>('show servers');
      await console.end();
      return rows.reduce((sum, { prepared_statements: kept }) => sum + Number(kept ?? 0), 0);
    },
    stop: async () => {
      await ended(program);
      rmSync(dir, { recursive: true });
    },
  };
}

async function ended(program: ChildProcess): Promise<void> {
  const exited = once(program, 'exit');
  program.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
