import { fork } from 'node:child_process';
import path from 'node:path';
import type { WorldsMessage } from './worlds-process.ts';

/** Runs worlds in several processes. @returns how many ran, and a report of each that failed */
export async function runInProcesses(
  processes: number,
  { from, count }: { from: number; count: number },
): Promise<{ count: number; reports: string[] }> {
  const share = Math.ceil(count / processes);
  const results = await Promise.all(
    Array.from({ length: processes }, (_, n) => runInProcess(from + n * share, Math.max(0, Math.min(share, count - n * share)))),
  );
  return { count: results.reduce((sum, each) => sum + each.count, 0), reports: results.flatMap(({ reports }) => reports) };
}

function runInProcess(from: number, count: number): Promise<{ count: number; reports: string[] }> {
  const env = { ...process.env, WORLDS_FROM: String(from), WORLDS_COUNT: String(count) };
  const child = fork(path.join(import.meta.dirname, 'worlds-process.ts'), { execArgv: ['--conditions=source'], env });
  const reports: string[] = [];
  let ran: number | null = null;
  child.on('message', (message: WorldsMessage) => {
    if ('report' in message) reports.push(message.report);
    else ran = message.count;
  });
  return new Promise((resolve, reject) => {
    child.on('exit', (code) =>
      ran === null ? reject(new Error(`a process with worlds ended with code ${code}`)) : resolve({ count: ran, reports }),
    );
  });
}
