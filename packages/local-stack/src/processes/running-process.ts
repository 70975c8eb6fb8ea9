import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Watchdog } from './start-watchdog.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A part of a sentence: `exited (SIGKILL)`. */
export const describeExit = ({ code, signal }: Exit): string => (signal ? `exited (${signal})` : `exited (code ${code})`);

/** A child process in its own session. A terminal's Ctrl-C does not reach it, so that this process decides the order of stopping. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The end of its output, which usually says why it exited. */
  lastOutput(): string;
  /** Sends `signal`, and SIGKILL after `withinMs`. May be called twice. */
  stop(signal: NodeJS.Signals, withinMs: number): Promise<Exit>;
}

export interface LaunchOptions {
  env: NodeJS.ProcessEnv;
  /** Default: `/`, which every user may enter. */
  cwd?: string;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Stops the process when aborted, also when it was aborted before the start. */
  abort?: AbortSignal | undefined;
  /** Registers the process as soon as it exists, with `signal` as in `WatchedProcess`. */
  watchdog?: Watchdog | undefined;
  signal: NodeJS.Signals | null;
  /** With a listener, the process gets an IPC channel. */
  onMessage?: (message: unknown) => void;
  onOutput?: ((chunk: Buffer, from: 'stdout' | 'stderr') => void) | undefined;
  /** The stream that `lastOutput` reads; standard error by default. */
  lastOutputFrom?: 'stdout' | 'stderr';
}

const outputTailLength = 4_000;
const outputHeldOpenMs = 500;
const abortTimeoutMs = 3_000;

/** @throws the error of `spawn` (ENOENT, EACCES) when the program cannot be run */
export async function launch(program: string, args: readonly string[], options: LaunchOptions): Promise<RunningProcess> {
  const { env, cwd = '/', uid, gid, abort, watchdog, signal, onMessage, onOutput, lastOutputFrom = 'stderr' } = options;
  const child = spawn(program, args, {
    cwd,
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const { pid } = child;
  if (pid === undefined) throw (await once(child, 'error'))[0];
  watchdog?.register(pid, signal);

  let output = '';
  for (const from of ['stdout', 'stderr'] as const) {
    child[from]?.on('data', (chunk: Buffer) => {
      if (from === lastOutputFrom) output = (output + chunk).slice(-outputTailLength);
      onOutput?.(chunk, from);
    });
  }
  if (onMessage) child.on('message', onMessage);
  child.on('error', () => {}); // a signal or message that comes after the exit; `exited` reports that
  const exited = exitOf(child);
  void exited.then(() => watchdog?.unregister(pid));

  const running: RunningProcess = {
    pid,
    exited,
    lastOutput: () => output.trim(),
    stop: (stopSignal, withinMs) => {
      child.kill(stopSignal);
      const timeout = setTimeout(() => child.kill('SIGKILL'), withinMs);
      return exited.finally(() => clearTimeout(timeout));
    },
  };
  if (abort) stopWhenAborted(running, abort, signal ?? 'SIGTERM');
  return running;
}

function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      child.once('close', () => resolve({ code, signal })); // after this event its whole output has been read
      setTimeout(() => resolve({ code, signal }), outputHeldOpenMs).unref(); // its own children may hold the pipe open
    });
  });
}

function stopWhenAborted(running: RunningProcess, abort: AbortSignal, signal: NodeJS.Signals): void {
  const stop = () => void running.stop(signal, abortTimeoutMs);
  if (abort.aborted) stop();
  else abort.addEventListener('abort', stop);
  void running.exited.then(() => abort.removeEventListener('abort', stop));
}

/**
 * Runs a program to its end.
 * @throws Error with its last output when it fails, is aborted, or takes longer than `withinMs`
 */
export async function runToEnd(
  program: string,
  args: readonly string[],
  { withinMs, ...options }: Omit<LaunchOptions, 'signal' | 'onMessage'> & { withinMs: number },
): Promise<void> {
  const running = await launch(program, args, { ...options, signal: 'SIGTERM' });
  const timeout = setTimeout(() => running.stop('SIGTERM', abortTimeoutMs), withinMs);
  const exit = await running.exited;
  clearTimeout(timeout);
  if (exit.code !== 0) throw new Error(running.lastOutput() || `${program} ${describeExit(exit)}`);
}
