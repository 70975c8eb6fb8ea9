import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { currentRun } from '@gateway/testing/database/test-run';
import { Client } from 'pg';
import { startTimeOf } from '../src/processes/process-start-time.ts';
import type { StackFile } from '../src/stack-file.ts';

/** A stack as its user sees it: a process, its output, and its data folder. */
export interface StackProcess {
  pid: number;
  dataDir: string;
  printed(): string;
  /** Waits until the text is printed after position `since` of the output. */
  waitForOutput(text: string | RegExp, since?: number): Promise<string>;
  file(): StackFile;
  /** Runs SQL in the pos host's database. */
  query(sql: string): Promise<unknown[]>;
  signal(signal: NodeJS.Signals): void;
  /** The exit code. */
  ended: Promise<number | null>;
  /** The process ids of all its descendants, the watchdog included. */
  family(): number[];
}

const started: StackProcess[] = [];
const folders: string[] = [];

export function freshFolder(): string {
  const folder = mkdtempSync(path.join(currentRun().serversDir, 'stack-'));
  folders.push(folder);
  return folder;
}

/** Runs `npm start` with fixture services on free ports. It may fail to start: see `printed` and `ended`. */
export function runStackProcess(environment: NodeJS.ProcessEnv = {}): StackProcess {
  const dataDir = environment.DATA_DIR ?? path.join(freshFolder(), 'data');
  const child = spawn(process.execPath, ['--conditions=source', path.join(import.meta.dirname, 'fixture/main.ts')], {
    env: { ...process.env, API_PORT: '0', SIMULATOR_PORT: '0', METRICS_PORT: '0', DATA_DIR: dataDir, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const stack: StackProcess = {
    pid: child.pid ?? 0,
    dataDir,
    printed: () => output,
    waitForOutput: (text, since = 0) =>
      until(
        () => output.slice(since).match(text)?.[0],
        () => `${text} in:\n${output}`,
      ),
    file: () => JSON.parse(readFileSync(path.join(dataDir, 'stack.json'), 'utf8')),
    query: async (sql) => {
      const client = new Client(stack.file().databases.pos);
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    },
    signal: (signal) => child.kill(signal),
    ended: exitCodeOf(child),
    family: () => descendantsOf(child.pid ?? 0),
  };
  started.push(stack);
  return stack;
}

export async function startStackProcess(environment: NodeJS.ProcessEnv = {}): Promise<StackProcess> {
  const stack = runStackProcess(environment);
  await Promise.race([
    stack.waitForOutput('ready: '),
    stack.ended.then((code) => Promise.reject(new Error(`exit ${code}: ${stack.printed()}`))),
  ]);
  return stack;
}

/** For `afterAll`: stops what a failed test left running, and removes its folders. */
export async function stopEverything(): Promise<void> {
  for (const stack of started) stack.signal('SIGTERM');
  await Promise.all(started.map(({ ended }) => ended));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Waits until `check` returns a truthy value, and returns it. `description` names what is missing in the error. */
export async function until<Fact>(
  check: () => Fact | undefined | null | false | Promise<Fact | undefined | null | false>,
  description: () => string,
  withinMs = 55_000,
): Promise<Fact> {
  for (const deadline = performance.now() + withinMs; ; await delay(50)) {
    const fact = await check();
    if (fact) return fact;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms for ${description()}`);
  }
}

/** Sends SIGKILL to one process. Without the check, pid 0 would kill the whole process group, Jest included. */
export function kill(pid: number | undefined): void {
  if (!pid) throw new Error('no process to kill');
  process.kill(pid, 'SIGKILL');
}

/** Waits until none of the processes runs. */
export function allGone(pids: readonly number[], withinMs: number): Promise<true> {
  const remaining = () => pids.filter((pid) => startTimeOf(pid) !== null);
  return until(
    () => remaining().length === 0,
    () => `the end of ${remaining().map(commandOf).join(', ')}`,
    withinMs,
  ) as Promise<true>;
}

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  const [code] = await once(child, 'close');
  return code;
}

function descendantsOf(ancestor: number): number[] {
  const parents = new Map(runningPids().map((pid) => [pid, parentOf(pid)]));
  const below = (pid: number): number[] =>
    [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(ancestor);
}

const runningPids = () => readdirSync('/proc').map(Number).filter(Boolean);

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0; // it has exited meanwhile
  }
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has exited meanwhile
  }
}
