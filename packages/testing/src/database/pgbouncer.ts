import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from '../eventually.ts';

const hasPgBouncer = ((): boolean => {
  try {
    return execFileSync('pgbouncer', ['--version']).length > 0;
  } catch {
    return false;
  }
})();

/** Like `describe`. Without PgBouncer the tests count as skipped, and a line on standard error says so. */
export function describeBehindPgBouncer(name: string, tests: () => void): void {
  if (!hasPgBouncer) process.stderr.write(`SKIPPED, no pgbouncer on the PATH: ${name}. Run \`apt-get install pgbouncer\`.\n`);
  (hasPgBouncer ? describe : describe.skip)(name, tests);
}

export interface PgBouncer {
  /** The URL of the database through PgBouncer. */
  url: string;
  /** SIGKILL, and a start on the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts PgBouncer in front of one database. @param settings lines of its configuration, beside its defaults */
export async function startPgBouncer(databaseUrl: string, settings: Readonly<Record<string, string>> = {}): Promise<PgBouncer> {
  const target = new URL(databaseUrl);
  const port = await freePort();
  const dir = mkdtempSync(path.join(tmpdir(), 'pgbouncer-'));
  chmodSync(dir, 0o755); // PgBouncer will not run as root, and its user must be able to read the file
  const file = path.join(dir, 'pgbouncer.ini');
  const server = `host=${target.hostname} port=${target.port} dbname=${target.pathname.slice(1)} user=${target.username} password=${target.password}`;
  const lines = Object.entries({ listen_addr: '127.0.0.1', listen_port: port, unix_socket_dir: '', auth_type: 'any', ...settings });
  writeFileSync(file, `[databases]\nhost = ${server}\n[pgbouncer]\n${lines.map(([name, value]) => `${name} = ${value}`).join('\n')}\n`);
  const run = async () => {
    const started = spawn('pgbouncer', [file], { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}) });
    await eventually(() => accepts(port));
    return started;
  };
  let program = await run();
  return {
    url: `postgres://gateway@127.0.0.1:${port}/host`,
    restart: async () => {
      await ended(program);
      program = await run();
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
