import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { startTimeOf } from './process-start-time.ts';

const exitTimeoutMs = 3_000;

/**
 * Stops a server that an earlier, killed run left running on a folder, because two servers on one folder would destroy it. Sends
 * `signal`, then SIGKILL after 3 s. Removes a pid file whose process has exited or runs another program.
 */
export async function stopStaleProcess(pidFile: string, program: RegExp, signal: NodeJS.Signals): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === null) return;
  const startTime = startTimeOf(pid);
  if (startTime !== null && program.test(commandOf(pid))) {
    process.kill(pid, signal);
    for (const deadline = performance.now() + exitTimeoutMs; startTimeOf(pid) === startTime && performance.now() < deadline; )
      await delay(20);
    if (startTimeOf(pid) === startTime) process.kill(pid, 'SIGKILL');
    while (startTimeOf(pid) === startTime) await delay(20);
  }
  rmSync(pidFile, { force: true });
}

function readPid(pidFile: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
    return pid > 1 ? pid : null;
  } catch {
    return null;
  }
}

function commandOf(pid: number): string {
  try {
    return existsSync('/proc/self')
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      : execFileSync('ps', ['-o', 'command=', '-p', `${pid}`]).toString();
  } catch {
    return ''; // it has just exited
  }
}
