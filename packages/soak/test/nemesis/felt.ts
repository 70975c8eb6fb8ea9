import { logs } from '../failover/outputs.ts';

/** What the processes write when a fault reaches them. */
const signs: Readonly<Record<string, RegExp>> = {
  'Redis refuses writes, its disk is full': /MISCONF/,
  'a replica refuses writes': /READONLY|UNBLOCKED/,
  'Redis cannot be reached': /Redis connection error|queue connection error|queue worker error/,
  'no primary': /no server of/,
  'sessions ended': /57P01/,
  'provider calls failed': /provider call failed/,
  'breakers opened': /circuit breaker open/,
  'hosts ready, after a start or an outage': /host ready/,
};
const steppedByMs = 400;

/** How many lines of the logs show that the faults reached the processes. */
export function faultsFelt(dataDir: string): string {
  const texts = logs(dataDir);
  const lines = texts.flatMap((text) => text.split('\n'));
  const counts = Object.entries(signs).map(([sign, pattern]) => `${sign} ${lines.filter((line) => pattern.test(line)).length}`);
  return [...counts, `clocks set back ${texts.reduce((sum, text) => sum + stepsBack(text), 0)}`].join(', ');
}

/** How often a line is older than the one before it in the same log. */
function stepsBack(log: string): number {
  const times = [...log.matchAll(/"time":"?(\d{13}|[^",]+)/g)].map(([, time]) =>
    /^\d+$/.test(time ?? '') ? Number(time) : Date.parse(time ?? ''),
  );
  return times.filter((time, n) => n > 0 && time < (times[n - 1] as number) - steppedByMs).length;
}
