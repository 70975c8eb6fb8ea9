import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Warden } from './start-warden.ts';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** A process of ours in a session of its own: a terminal's Ctrl-C reaches us alone, and we decide who stops when. */
export interface RunningProcess {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** The end of what it wrote, for the sentence that says why it is gone. */
  lastWords(): string;
  /** Asks with `signal`, and kills what has not left `withinMs` later. Stopping twice is fine. */
  stop(signal: NodeJS.Signals, withinMs: number): Promise<Exit>;
}

export interface LaunchOptions {
  env: NodeJS.ProcessEnv;
  uid?: number | undefined;
  gid?: number | undefined;
  /** Guards the process from the moment it exists; `signal` as in `Guarded`. */
  warden?: Warden | undefined;
  signal: NodeJS.Signals | null;
  /** Given an ear, the process gets an IPC channel. */
  onMessage?: (message: unknown) => void;
  onOutput?: ((chunk: Buffer, from: 'stdout' | 'stderr') => void) | undefined;
  /** Where it says why it leaves; standard error unless told. */
  lastWordsFrom?: 'stdout' | 'stderr';
}

const rememberedCharacters = 4_000;
const outputHeldOpenMs = 500;

/** @throws what `spawn` says (ENOENT, EACCES) when the program cannot be run at all. */
export async function launch(program: string, args: readonly string[], options: LaunchOptions): Promise<RunningProcess> {
  const { env, uid, gid, warden, signal, onMessage, onOutput, lastWordsFrom = 'stderr' } = options;
  const child = spawn(program, args, {
    cwd: '/', // a folder that every user may stand in
    detached: true,
    env,
    stdio: ['ignore', 'pipe', 'pipe', ...(onMessage ? (['ipc'] as const) : [])],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const { pid } = child;
  if (pid === undefined) throw (await once(child, 'error'))[0];
  warden?.guard(pid, signal);

  let words = '';
  const exited = new Promise<Exit>((left) => {
    child.once('exit', (code, endedBy) => {
      warden?.release(pid);
      child.once('close', () => left({ code, signal: endedBy })); // by then its last words are here too
      setTimeout(() => left({ code, signal: endedBy }), outputHeldOpenMs).unref(); // its own children may hold the pipe open
    });
  });
  child.on('error', () => {}); // a signal or message that came too late: `exited` tells the story
  for (const from of ['stdout', 'stderr'] as const) {
    child[from]?.on('data', (chunk: Buffer) => {
      if (from === lastWordsFrom) words = (words + chunk).slice(-rememberedCharacters);
      onOutput?.(chunk, from);
    });
  }
  if (onMessage) child.on('message', onMessage);

  return {
    pid,
    exited,
    lastWords: () => words.trim(),
    stop: async (with_, withinMs) => {
      child.kill(with_);
      const patience = setTimeout(() => child.kill('SIGKILL'), withinMs);
      return exited.finally(() => clearTimeout(patience));
    },
  };
}
