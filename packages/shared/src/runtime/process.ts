import { EnvironmentError } from './environment.ts';
import type { Logger } from './logger.ts';

/** One thing to let go of, and how long it may take. */
export interface ShutdownStep {
  name: string;
  close(): Promise<unknown> | unknown;
}

/**
 * Runs the steps in their order (take no more, finish what is in hand, let go) on SIGTERM, SIGINT, or when the parent that
 * started us with an IPC channel is gone. A step that fails does not stop the next. A second signal is ignored; after
 * `limitMs` the process leaves with 1, since an orchestrator would kill it soon anyway.
 */
export function onShutdown(log: Logger, steps: readonly ShutdownStep[], { limitMs = 8_000, parentGoneLimitMs = 1_500 } = {}): void {
  let isShuttingDown = false;
  const shutDown = async (reason: string, withinMs: number): Promise<void> => {
    if (isShuttingDown) return;
    isShuttingDown = true;
    log.info({ reason }, 'shutting down');
    setTimeout(() => exitNow(log, 1), withinMs).unref();
    for (const step of steps) await closeStep(log, step);
    log.info({}, 'stopped');
    exitNow(log, 0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void shutDown(signal, limitMs));
  if (process.connected) process.once('disconnect', () => void shutDown('parent process exited', parentGoneLimitMs));
}

/** Starts a process: what is wrong with the environment is said plainly, anything else with its stack; either way exit 1. */
export async function startProcess(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${error instanceof EnvironmentError ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(1);
  }
}

/** Tells the parent that started us with an IPC channel (the local stack) that we serve. */
export function announceReady(ports: { metricsPort: number; port?: number }): void {
  process.send?.({ ready: true, pid: process.pid, ...ports });
}

async function closeStep(log: Logger, { name, close }: ShutdownStep): Promise<void> {
  try {
    await close();
  } catch (error) {
    log.warn({ err: error, process_name: name }, 'shutdown step failed');
  }
}

function exitNow(log: Logger, code: number): never {
  log.flush();
  process.exit(code);
}
