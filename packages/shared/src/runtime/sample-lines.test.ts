import { createLogger } from './logger.ts';
import { type Sampling, sampleLines } from './sample-lines.ts';

function sampledLog(sampling: Partial<Sampling> = {}) {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const sampled = sampleLines(log, { by: ['route', 'status'], periodMs: 600_000, linesOf: () => 2, maxKinds: 3, ...sampling });
  return { sampled, lines, shown: () => lines.map(({ route, status, count, msg }) => [msg, route, status, count]) };
}

it('of a flood of lines the first ones are written, and the others are one line with their count', () => {
  const { sampled, shown } = sampledLog();
  for (let n = 0; n < 1_000; n++) sampled.info({ request_id: `req_${n}`, route: 'unknown', status: 404 }, 'request');
  sampled.info({ route: '/docs', status: 200 }, 'request');
  sampled.flush();
  expect(shown()).toEqual([
    ['request', 'unknown', 404, undefined],
    ['request', 'unknown', 404, undefined],
    ['request', '/docs', 200, undefined],
    ['request', 'unknown', 404, 998],
  ]);
});

it('in the next period the first lines are written again', () => {
  const { sampled, shown } = sampledLog();
  for (let n = 0; n < 3; n++) sampled.info({ route: 'unknown' }, 'request');
  sampled.flush();
  sampled.info({ route: 'unknown' }, 'request');
  sampled.flush();
  expect(shown().map(([, , , count]) => count)).toEqual([undefined, undefined, 1, undefined]);
});

it('many kinds of lines do not fill the log either', () => {
  const { sampled, shown } = sampledLog();
  for (let n = 0; n < 1_000; n++) sampled.warn({ route: `/${n}` }, 'request');
  sampled.flush();
  expect(shown()).toHaveLength(4);
  expect(shown().at(-1)).toEqual(['request', undefined, undefined, 997]);
});
