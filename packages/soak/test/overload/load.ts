import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setPriority } from '../priority.ts';

/** What the tills of one tenant ask for. */
export interface Demand {
  key: string;
  orderIds: string[];
  /** Creates in a second, whether the last ones were answered or not; or as many tills, each with one create at a time. */
  pace: { perSecond: number } | { tills: number };
}

export interface Answer {
  /** 0: no answer came. */
  status: number;
  /** When the create was sent, since the load began. */
  atMs: number;
  ms: number;
  hasRetryAfter: boolean;
}

/** The length of a moment, in milliseconds. */
export const momentMs = 250;

export interface LoadResult {
  /** Of each demand. */
  answers: Answer[][];
  /** How long the load process was too busy to send or to read, at most, in each moment: that part of a time is its own. */
  ownDelaysMs: number[];
}

/** The tills' machine: a process of its own, so that their work does not delay what is measured. */
export interface Load {
  /** Creates payments for `seconds`. */
  run(api: string, demands: Demand[], seconds: number): Promise<LoadResult>;
  close(): void;
}

export function startLoad(): Load {
  const child = fork(path.join(import.meta.dirname, 'load-process.ts'), { execArgv: ['--conditions=source'], detached: true });
  // Tills have machines of their own: what they wait for a processor is not measured. With -15 Linux left a sixth of the two processors idle.
  if (process.getuid?.() === 0) setPriority(child, -5);
  const ended = once(child, 'exit').then(() => {
    throw new Error('the load process ended');
  });
  ended.catch(() => {}); // it also ends when it is closed
  return {
    run: async (api, demands, seconds) => {
      child.send({ api, demands, seconds });
      const [result] = await Promise.race([once(child, 'message'), ended]);
      return result as LoadResult;
    },
    close: () => void child.kill('SIGKILL'),
  };
}
