import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Watchdog } from './start-watchdog.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** As a part of a sentence: it `was ended by SIGKILL`. */
export const describeExit = ({ code, signal }: Exit): string => (signal ? `exited (${signal})` : `exited (code ${code})`);

/** A process of ours in a session of its own: a terminal's Ctrl-C reaches us alone, and we decide who stops when. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The end of what it wrote, for the sentence that says why it is gone. */
  lastOutput(): string;
  /** Asks with `signal`, and kills what has not left `withinMs` later. Stopping twice is fine. */
  stop(signal: NodeJS.Signals, withinMs: number): Promise<Exit>;
}

export interface LaunchOptions {
  env: NodeJS.ProcessEnv;
  /** Unless told: a folder that every user may stand in. */
  cwd?: string;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Gives up a start: stops the process, also in the instant it begins. */
  abort?: AbortSignal | undefined;
  /** Guards the process from the moment it exists; `signal` as in `Guarded`. */
  watchdog?: Watchdog | undefined;
  signal: NodeJS.Signals | null;
  /** Given an ear, the process gets an IPC channel. */
  onMessage?: (message: unknown) => void;
  onOutput?: ((chunk: Buffer, from: 'stdout' | 'stderr') => void) | undefined;
  /** Where it says why it leaves; standard error unless told. */
  lastOutputFrom?: 'stdout' | 'stderr';
}

const outputTailLength = 4_000;
const outputHeldOpenMs = 500;
const abortTimeoutMs = 3_000;

/** @throws what `spawn` says (ENOENT, EACCES) when the program cannot be run at all. */
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
  child.on('error', () => {}); // a signal or message that came too late: `exited` tells the story
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
      child.once('close', () => resolve({ code, signal })); // by then its last words are here too
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
 * Runs a program that ends by itself.
 * @throws with its last words when it fails, is aborted, or takes longer than `withinMs`.
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
