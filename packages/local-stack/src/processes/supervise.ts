import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type Exit } from './running-process.ts';

export interface Startable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  lastOutput(): string;
  stop(): Promise<unknown>;
}

export interface Supervised<Running extends Startable = Startable> {
  readonly name: string;
  /** Rejects when the first start fails, because a second try would not help. Later starts are repeated until one succeeds. */
  readonly ready: Promise<Running>;
  /** Null between an exit and the next start. */
  current(): Running | null;
  /** Stops the process, also one that is starting. No process is left when this resolves. */
  stop(): Promise<void>;
}

export interface Supervision<Running extends Startable> {
  name: string;
  start(abort: AbortSignal): Promise<Running>;
  /** Called when `current()` changes. */
  onChange(): void;
  print(message: string): void;
}

const firstDelayMs = 200;
const maxDelayMs = 10_000;
const stableAfterMs = 10_000; // after that long the next exit counts as the first failure again

/** Doubles from 0.2 s to 10 s, less a random part of up to a half, so that processes that died together restart at different times. */
export function restartDelayMs(failures: number, random = Math.random): number {
  return Math.round(Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1)) * (1 - random() / 2));
}

/** Keeps one process running until it is stopped, and prints every exit and restart. */
export function supervise<Running extends Startable>({ name, start, onChange, print }: Supervision<Running>): Supervised<Running> {
  const stopping = new AbortController();
  let starting: AbortController | null = null;
  let running: Running | null = null;
  const ready = startProcess();
  const finished = ready.then(keepAlive, () => {});

  async function startProcess(): Promise<Running> {
    const attempt = new AbortController();
    starting = attempt;
    try {
      running = await start(attempt.signal);
    } finally {
      starting = null;
    }
    if (attempt.signal.aborted) await running.stop();
    attempt.signal.throwIfAborted();
    onChange();
    return running;
  }

  async function keepAlive(first: Running): Promise<void> {
    let failures = 0;
    let upSince = performance.now();
    for (let exit = await nextEnd(first); !stopping.signal.aborted; ) {
      failures = performance.now() - upSince > stableAfterMs ? 1 : failures + 1;
      const delayMs = restartDelayMs(failures);
      print(
        `${name} ${exit.description}, restarting in ${delayMs} ms${failures > 1 && exit.output ? `. Last output:\n${indented(exit.output)}` : ''}`,
      );
      await delay(delayMs, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      upSince = performance.now();
      try {
        const next = await startProcess();
        print(`${name} restarted (process ${next.pid})`);
        exit = await nextEnd(next);
      } catch (error) {
        exit = { description: 'did not start', output: (error as Error).message };
      }
    }
  }

  async function nextEnd(process: Running): Promise<{ description: string; output: string }> {
    const processExit = await process.exited;
    running = null;
    if (!stopping.signal.aborted) onChange();
    return { description: describeExit(processExit), output: process.lastOutput() };
  }

  return {
    name,
    ready,
    current: () => running,
    stop: async () => {
      stopping.abort();
      starting?.abort();
      await running?.stop();
      await finished;
    },
  };
}

const shownLines = 8;
const indented = (text: string) =>
  text
    .split('\n')
    .slice(-shownLines)
    .map((line) => `    ${line}`)
    .join('\n');
