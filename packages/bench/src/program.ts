import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { checkoutDir } from './checkout.ts';

/** `dist` is the production build, which a shop runs. `source` needs no build, for tests. */
export type Build = 'dist' | 'source';

/** A Node program of this repository to start. */
export interface Program {
  /** `services/api/main`: the file below its package's `src` or `dist`. */
  file: `${'services' | 'packages'}/${string}`;
  environment: NodeJS.ProcessEnv;
  /** Receives the program's output. */
  logFile: string;
  build: Build;
  /** Further arguments for Node itself, such as `--cpu-prof`. */
  nodeOptions?: readonly string[];
  /** Gets what the program sends over IPC after its ready message. */
  onMessage?: (message: unknown) => void;
}

export interface RunningProgram {
  name: string;
  pid: number;
  /** The port that the program listens on; 0 when it listens on none. */
  port: number;
  /** Sends the program a message over IPC. */
  tell(message: string): void;
  stop(): Promise<void>;
}

const compileCache = { NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }; // for the tests, whose programs hardly run longer than they start
const startMs = 30_000;
const stopMs = 10_000;

/** Starts a program, and waits for its ready message over IPC. It exits when this process ends and the IPC channel closes. @throws when it is not ready within 30 s */
export async function startProgram({ file, environment, logFile, build, nodeOptions = [], onMessage }: Program): Promise<RunningProgram> {
  const [folder, name, ...rest] = file.split('/');
  const [condition, entry] = build === 'dist' ? [[], `dist/${rest.join('/')}.js`] : [['--conditions=source'], `src/${rest.join('/')}.ts`];
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...condition, ...nodeOptions, path.join(checkoutDir, folder as string, name as string, entry)], {
    cwd: checkoutDir,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...(build === 'source' && compileCache), ...environment },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const exited = new Promise<void>((gone) => child.once('exit', () => gone()));
  const ready = new Promise<{ port?: number }>((resolve) => child.once('message', (message) => resolve(message as { port?: number })));
  const timeout = delay(startMs, null, { ref: false });
  const readyMessage = await Promise.race([ready, exited.then(() => null), timeout]);
  if (!readyMessage) {
    child.kill('SIGKILL');
    throw new Error(`${file} did not start: see ${logFile}`);
  }
  if (onMessage) child.on('message', onMessage);
  return {
    name: name === 'bench' ? (rest.at(-1)?.replace(/^.*-/, '') ?? file) : (name as string),
    pid: child.pid as number,
    port: readyMessage.port ?? 0,
    tell: (message) => void child.send(message),
    stop: async () => {
      child.kill('SIGTERM');
      const killTimer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await exited;
      clearTimeout(killTimer);
    },
  };
}
