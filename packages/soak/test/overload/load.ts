import { fork } from 'node:child_process';
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
  ms: number;
  hasRetryAfter: boolean;
}

/** The tills' machine: a process of its own, so that their work does not delay what is measured. */
export interface Load {
  /** Creates payments for `seconds`. @returns the answers of each demand */
  run(api: string, demands: Demand[], seconds: number): Promise<Answer[][]>;
  close(): void;
}

export function startLoad(): Load {
  const child = fork(path.join(import.meta.dirname, 'load-process.ts'), { execArgv: ['--conditions=source'], detached: true });
  if (process.getuid?.() === 0) setPriority(child, -15); // tills have machines of their own: what they wait for a processor is not measured
  return {
    run: (api, demands, seconds) => {
      child.send({ api, demands, seconds });
      return new Promise((done) => child.once('message', (answers) => done(answers as Answer[][])));
    },
    close: () => void child.kill('SIGKILL'),
  };
}
