import { writeFileSync } from 'node:fs';
import { EnvironmentError } from './environment.ts';
import type { Logger } from './logger.ts';

/** One step of the shutdown. */
export interface ShutdownStep {
  name: string;
  close(): Promise<unknown> | unknown;
}

/**
 * Runs the steps in their order on SIGTERM, on SIGINT, and when the parent that started this process with an IPC channel exits. A
 * step that fails does not stop the next one. A second signal is ignored.
 * @param options.limitMs after this time the process exits with 1, because an orchestrator would kill it soon after
 * @param options.parentGoneLimitMs the same limit for the exit of the parent
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

/** Runs `start`. If it fails, prints an EnvironmentError as its message alone, any other error with its stack, and exits with 1. */
export async function startProcess(start: () => Promise<void>): Promise<void> {
  keepInspectorClosed();
  keepSecretsOutOfDumps();
  try {
    await start();
  } catch (error) {
    process.stderr.write(`${error instanceof EnvironmentError ? error.message : ((error as Error).stack ?? String(error))}\n`);
    process.exit(1);
  }
}

/** Node opens its inspector on SIGUSR1, and a program that reaches the inspector reads every secret. A listener replaces Node's own. */
export function keepInspectorClosed(): void {
  process.on('SIGUSR1', () => {});
}

/**
 * A diagnostic report would contain every secret of the environment, and a core file every secret in memory. Node cannot forbid core files.
 * On Linux a process can leave its memory out of them; elsewhere `ulimit -c 0` does more.
 */
export function keepSecretsOutOfDumps(): void {
  if (process.report) process.report.excludeEnv = true;
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch {
    // /proc is not mounted, or it is read-only.
  }
}

/** Reports to the parent that started this process with an IPC channel (the local stack) that it is ready. */
export function announceReady(ports: { metricsPort: number; port?: number }): void {
  process.send?.({ ready: true, pid: process.pid, ...ports });
}

/** Reports to the same parent that this process has read the host folders again. */
export function announceReload(): void {
  process.send?.({ reloaded: true });
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
