import path from 'node:path';
import { z } from 'zod';
import { CannotStart } from './cannot-start.ts';
import type { LogFile } from './log-file.ts';
import { endOf, launch } from './running-process.ts';
import type { Warden } from './start-warden.ts';
import type { Startable } from './supervise.ts';

/** One of our own Node processes. It announces over IPC that it serves, and leaves when that channel ends. */
export interface ServiceOptions {
  name: string;
  /** A TypeScript file. */
  program: string;
  root: string;
  environment: NodeJS.ProcessEnv;
  log: LogFile;
  /** Hears what it writes to its standard error once it serves; before that, its last lines are in the error. */
  onComplaint(text: string): void;
  warden: Warden;
  abort: AbortSignal;
}

const startMs = 30_000;
const stopMs = 10_000;
const announcement = z.object({ ready: z.literal(true) });

// Types are stripped and modules compiled once, not at every start: a third of what a start takes.
const compileCache = path.resolve(import.meta.dirname, '../../../.cache/compile');

/** @throws CannotStart with its last lines when it ends, or says nothing for 30 s. */
export async function startService({
  name,
  program,
  root,
  environment,
  log,
  onComplaint,
  warden,
  abort,
}: ServiceOptions): Promise<Startable> {
  const { promise: ready, resolve: announce } = Promise.withResolvers<true>();
  let serving = false;
  const running = await launch(process.execPath, ['--conditions=source', program], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: compileCache, ...environment },
    warden,
    signal: null,
    abort,
    onMessage: (message) => {
      if (announcement.safeParse(message).success) announce(true);
    },
    onOutput: (chunk, from) => {
      log.write(chunk);
      if (serving && from === 'stderr') onComplaint(chunk.toString());
    },
  });
  let why = '';
  const patience = setTimeout(() => {
    why = `it did not say that it serves within ${startMs / 1_000} s`;
    void running.stop('SIGTERM', stopMs);
  }, startMs);
  const outcome = await Promise.race([ready, running.exited]);
  clearTimeout(patience);
  if (outcome !== true) {
    abort.throwIfAborted();
    why ||= `it ${endOf(outcome)}`;
    throw new CannotStart(`${name} did not start: ${why}\n${running.lastWords()}`.trim());
  }
  serving = true;
  return { pid: running.pid, exited: running.exited, lastWords: running.lastWords, stop: () => running.stop('SIGTERM', stopMs) };
}
