import path from 'node:path';
import { z } from 'zod';
import { StartError } from '../start-error.ts';
import type { LogFile } from './log-file.ts';
import { describeExit, launch } from './running-process.ts';
import type { Watchdog } from './start-watchdog.ts';
import type { Startable } from './supervise.ts';

/** One of our own Node processes. It announces over IPC that it is ready, and exits when that channel closes. */
export interface ServiceOptions {
  name: string;
  /** A TypeScript file. */
  program: string;
  root: string;
  environment: NodeJS.ProcessEnv;
  log: LogFile;
  /** Called with its standard error after it is ready. Before that, its last lines are in the error that is thrown. */
  onStderr(text: string): void;
  /** Called when it has read the host folders again. */
  onReload(): void;
  watchdog: Watchdog;
  abort: AbortSignal;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 10_000;
const announcement = z.object({ ready: z.literal(true) });
const reloadAnnouncement = z.object({ reloaded: z.literal(true) });

// Caches compiled modules between starts, which saves a third of a start's time.
const compileCache = path.resolve(import.meta.dirname, '../../../../.cache/compile');

/** Starts a service and waits until it is ready. @throws StartError with its last lines when it exits, or is not ready within 30 s */
export async function startService({
  name,
  program,
  root,
  environment,
  log,
  onStderr,
  onReload,
  watchdog,
  abort,
}: ServiceOptions): Promise<Startable> {
  const { promise: ready, resolve: markReady } = Promise.withResolvers<true>();
  let isReady = false;
  const running = await launch(process.execPath, ['--conditions=source', program], {
    cwd: root,
    env: { NODE_COMPILE_CACHE: compileCache, ...environment },
    watchdog,
    signal: null,
    abort,
    onMessage: (message) => {
      if (announcement.safeParse(message).success) markReady(true);
      if (reloadAnnouncement.safeParse(message).success) onReload();
    },
    onOutput: (chunk, from) => {
      log.write(chunk);
      if (isReady && from === 'stderr') onStderr(chunk.toString());
    },
  });
  let reason = '';
  const timeout = setTimeout(() => {
    reason = `not ready within ${startTimeoutMs / 1_000} s`;
    void running.stop('SIGTERM', stopTimeoutMs);
  }, startTimeoutMs);
  const outcome = await Promise.race([ready, running.exited]);
  clearTimeout(timeout);
  if (outcome !== true) {
    abort.throwIfAborted();
    reason ||= describeExit(outcome);
    throw new StartError(`${name} did not start: ${reason}\n${running.lastOutput()}`.trim());
  }
  isReady = true;
  return { pid: running.pid, exited: running.exited, lastOutput: running.lastOutput, stop: () => running.stop('SIGTERM', stopTimeoutMs) };
}
