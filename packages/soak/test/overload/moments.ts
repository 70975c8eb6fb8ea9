import { percentile } from '../limits/honest-tills.ts';
import { type Answer, type LoadResult, momentMs } from './load.ts';

const printed = 8; // in the first two seconds of a flood connections are opened, and the gateway learns of its overload

/** A line for each of the first moments: how many of the creates that were sent in it were made and refused, with p99. */
export function momentsOf({ answers, ownDelaysMs }: LoadResult): string {
  return ownDelaysMs
    .slice(0, printed)
    .map((ownMs, n) => {
      const sent = answers.flat().filter(({ atMs }) => Math.floor(atMs / momentMs) === n);
      const made = sent.filter(({ status }) => status === 201);
      const refused = sent.filter(({ status }) => status !== 201);
      return `  from ${n * momentMs} ms: made ${countAndP99(made)}, refused ${countAndP99(refused)}; the load process was busy for ${ownMs.toFixed(0)} ms`;
    })
    .join('\n');
}

function countAndP99(answers: Answer[]): string {
  if (answers.length === 0) return '0';
  const times = answers.map(({ ms }) => ms);
  return `${answers.length} (p99 ${percentile(times, 0.99).toFixed(0)} ms)`;
}
