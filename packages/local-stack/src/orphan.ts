import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { birthOf } from './process-birth.ts';

const leaveMs = 3_000;

/**
 * A server that an earlier run left on this folder, because everything around it was killed: two servers on one folder
 * would destroy it. Asks it to leave, then kills it. A pid file whose process is gone, or is somebody else, is removed.
 */
export async function stopOrphan(pidFile: string, program: RegExp, signal: NodeJS.Signals): Promise<void> {
  const pid = readPid(pidFile);
  if (pid === null) return;
  const birth = birthOf(pid);
  if (birth !== null && program.test(commandOf(pid))) {
    process.kill(pid, signal);
    for (const deadline = performance.now() + leaveMs; birthOf(pid) === birth && performance.now() < deadline; ) await delay(20);
    if (birthOf(pid) === birth) process.kill(pid, 'SIGKILL');
    while (birthOf(pid) === birth) await delay(20);
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
    return ''; // it has just ended
  }
}
