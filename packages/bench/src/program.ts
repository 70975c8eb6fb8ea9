import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const root = path.resolve(import.meta.dirname, '../../..');

/** `dist` is what a shop runs. `source` needs no build: for tests. */
export type Build = 'dist' | 'source';

export interface Program {
  /** `services/api/main`: the file below its package's `src` or `dist`. */
  file: `${'services' | 'packages'}/${string}`;
  environment: NodeJS.ProcessEnv;
  /** What it writes goes there, as a container's runtime would have it. */
  logFile: string;
  build: Build;
  /** Further arguments for Node itself, such as `--cpu-prof`. */
  nodeOptions?: readonly string[];
}

export interface RunningProgram {
  name: string;
  pid: number;
  /** Where it listens; 0 when it does not. */
  port: number;
  stop(): Promise<void>;
}

const startMs = 30_000;
const stopMs = 10_000;

/** One Node process that says over IPC when it serves. It leaves with us: its channel ends. @throws when it does not come up */
export async function startProgram({ file, environment, logFile, build, nodeOptions = [] }: Program): Promise<RunningProgram> {
  const [folder, name, ...rest] = file.split('/');
  const [condition, entry] = build === 'dist' ? [[], `dist/${rest.join('/')}.js`] : [['--conditions=source'], `src/${rest.join('/')}.ts`];
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...condition, ...nodeOptions, path.join(root, folder as string, name as string, entry)], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', log, log, 'ipc'],
  });
  closeSync(log);
  const exited = new Promise<void>((gone) => child.once('exit', () => gone()));
  const ready = new Promise<{ port?: number }>((resolve) => child.once('message', (message) => resolve(message as { port?: number })));
  const timeout = delay(startMs, null, { ref: false });
  const readyMessage = await Promise.race([ready, exited.then(() => null), timeout]);
  if (!readyMessage) {
    child.kill('SIGKILL');
    throw new Error(`${file} did not start: its words are in ${logFile}`);
  }
  return {
    name: name === 'bench' ? (rest.at(-1)?.replace(/^.*-/, '') ?? file) : (name as string),
    pid: child.pid as number,
    port: readyMessage.port ?? 0,
    stop: async () => {
      child.kill('SIGTERM');
      const killTimer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await exited;
      clearTimeout(killTimer);
    },
  };
}
