import type { Person } from './person.ts';

const most = 5; // clicks of a task, from the sign-in on

interface Line {
  task: string;
  clicks: number;
  slowest: string;
  load: number;
  paint: number;
}

const lines: Line[] = [];

/** Notes what a task took, and fails when it took too many clicks. Its persons are one after the other: each of them has the limit. */
export function note(task: string, ...persons: readonly Person[]): void {
  for (const { clicks } of persons) expect(clicks).toBeLessThanOrEqual(most);
  const seen = persons.flatMap((person) => person.seen);
  const [slowest] = seen.toSorted((a, b) => b.loadMs - a.loadMs);
  lines.push({
    task,
    clicks: persons.reduce((sum, { clicks }) => sum + clicks, 0),
    slowest: slowest?.path.replace(/pay_\w+/, 'pay_…') ?? '',
    load: Math.max(...seen.map(({ loadMs }) => loadMs)),
    paint: Math.max(...seen.map(({ paintMs }) => paintMs)),
  });
  console.log(
    `${task}: ${persons.map(({ seen: pages }) => pages.map(({ path, loadMs, paintMs }) => `${path} ${Math.round(loadMs)} ms (first paint ${Math.round(paintMs)} ms)`).join(', ')).join(' | ')}`,
  );
}

/** The table at the end. */
export function report(): string {
  const head = `${'task'.padEnd(44)} clicks  longest load  longest first paint  slowest page`;
  const rows = lines.map(
    ({ task, clicks, load, paint, slowest }) =>
      `${task.padEnd(44)} ${String(clicks).padStart(6)}  ${`${Math.round(load)} ms`.padStart(12)}  ${`${Math.round(paint)} ms`.padStart(19)}  ${slowest}`,
  );
  return [head, ...rows].join('\n');
}
