import { readFileSync } from 'node:fs';

/**
 * When a process started, in the kernel's ticks; null when it has exited or is a zombie. A process id alone identifies nothing: after a
 * reboot, and soon in a small container, another process has it. Without /proc (macOS) every running process gets the same value.
 */
export function startTimeOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the program's name before the bracket may contain spaces
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
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // the process runs and belongs to another user
  }
}
