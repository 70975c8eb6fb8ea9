import { setTimeout as delay } from 'node:timers/promises';
import { type Exit, endOf } from './running-process.ts';

export interface Startable {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  lastWords(): string;
  stop(): Promise<unknown>;
}

export interface Supervised<Running extends Startable = Startable> {
  readonly name: string;
  /** Rejects when the first start failed: something is wrong that trying again would not mend. Later starts are repeated. */
  readonly ready: Promise<Running>;
  /** Null between an end and the next start. */
  current(): Running | null;
  /** Also a start that is under way. Nothing is left when this resolves. */
  stop(): Promise<void>;
}

export interface Supervision<Running extends Startable> {
  name: string;
  start(abort: AbortSignal): Promise<Running>;
  /** Called whenever `current()` is another one. */
  changed(): void;
  say(sentence: string): void;
}

const firstPauseMs = 200;
const longestPauseMs = 10_000;
const calmAfterMs = 10_000; // who stayed up that long has recovered: its next end is a first one again

/** Doubles from 0.2 s to 10 s, less up to a half: several that died together do not come back together. */
export function pauseMs(failures: number, random = Math.random): number {
  return Math.round(Math.min(longestPauseMs, firstPauseMs * 2 ** (failures - 1)) * (1 - random() / 2));
}

/** Keeps one process running until it is told to stop, and says what it does. */
export function supervise<Running extends Startable>({ name, start, changed, say }: Supervision<Running>): Supervised<Running> {
  const stopping = new AbortController();
  let starting: AbortController | null = null;
  let running: Running | null = null;
  const ready = begin();
  const life = ready.then(keepAlive, () => {});

  async function begin(): Promise<Running> {
    const attempt = new AbortController();
    starting = attempt;
    try {
      running = await start(attempt.signal);
    } finally {
      starting = null;
    }
    if (attempt.signal.aborted) await running.stop();
    attempt.signal.throwIfAborted();
    changed();
    return running;
  }

  async function keepAlive(first: Running): Promise<void> {
    let failures = 0;
    let upSince = performance.now();
    for (let end = await nextEnd(first); !stopping.signal.aborted; ) {
      failures = performance.now() - upSince > calmAfterMs ? 1 : failures + 1;
      const pause = pauseMs(failures);
      say(
        `${name} ${end.how}; it is started again in ${pause} ms${failures > 1 && end.words ? `. Its last lines:\n${indented(end.words)}` : ''}`,
      );
      await delay(pause, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      upSince = performance.now();
      try {
        const next = await begin();
        say(`${name} is back (process ${next.pid})`);
        end = await nextEnd(next);
      } catch (error) {
        end = { how: 'did not start', words: (error as Error).message };
      }
    }
  }

  async function nextEnd(process: Running): Promise<{ how: string; words: string }> {
    const exit = await process.exited;
    running = null;
    if (!stopping.signal.aborted) changed();
    return { how: endOf(exit), words: process.lastWords() };
  }

  return {
    name,
    ready,
    current: () => running,
    stop: async () => {
      stopping.abort();
      starting?.abort();
      await running?.stop();
      await life;
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
