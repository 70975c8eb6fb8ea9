import type { ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import os from 'node:os';

/**
 * Sets the niceness of a child that was started `detached`. With autogroups, Linux shares the processors among sessions first, and the
 * niceness of a process counts only within its session. Each process of the stack has a session of its own; so has this one, whose group
 * gets the same niceness. Below 0 it needs the rights of root.
 */
export function setPriority({ pid }: ChildProcess, niceness: number): void {
  if (!pid) return;
  os.setPriority(pid, niceness);
  const autogroup = `/proc/${pid}/autogroup`;
  if (existsSync(autogroup)) writeFileSync(autogroup, String(niceness));
}
