import { readFileSync } from 'node:fs';

/**
 * When a process began, in the kernel's ticks; null once it has ended (a zombie has, too). A process id alone is no name:
 * after a reboot, and soon in a small container, somebody else has it. Without /proc (macOS) every living process has the same birth.
 */
export function startTimeOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before the bracket may hold blanks
    return fields[0] === 'Z' ? null : (fields[19] ?? 'unknown');
  } catch {
    return isAlive(pid) ? 'unknown' : null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // it lives, and belongs to somebody else
  }
}
