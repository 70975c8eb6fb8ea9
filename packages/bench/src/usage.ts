import { readdirSync, readFileSync } from 'node:fs';
import type { RunningProgram } from './program.ts';

/** What a process has used since its start. */
export interface Usage {
  cpuSeconds: number;
  peakRssMb: number;
}

const ticksPerSecond = 100; // the unit of /proc/…/stat in Linux, on every kernel configuration

/** Null when the process has ended, or this machine has no /proc. */
export function usageOf(pid: number): Usage | null {
  try {
    const stat = statOf(pid);
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    return { cpuSeconds: stat.ownTicks / ticksPerSecond, peakRssMb: peakKb / 1024 };
  } catch {
    return null;
  }
}

/** The CPU seconds of a server with its running and ended child processes, such as PostgreSQL. Null as for `usageOf`. */
function treeCpuSeconds(pid: number): number | null {
  const server = statOrNull(pid);
  if (!server) return null;
  const children = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOrNull(Number(name)) ?? []) : []));
  const childTicks = children.reduce((sum, { parent, ownTicks }) => sum + (parent === pid ? ownTicks : 0), 0);
  return (server.ownTicks + server.reapedTicks + childTicks) / ticksPerSecond;
}

/** CPU seconds by process. PostgreSQL includes its child processes. Null: not readable on this machine. */
export type Cpu = Record<string, number | null>;

/** @param pids the servers, whose CPU time is then read too */
export function cpuOf({ programs }: { programs: readonly RunningProgram[] }, pids: { postgres: number; redis: number } | undefined): Cpu {
  return {
    ...Object.fromEntries(programs.map(({ name, pid }) => [name, usageOf(pid)?.cpuSeconds ?? null])),
    ...(pids ? { postgres: treeCpuSeconds(pids.postgres), redis: usageOf(pids.redis)?.cpuSeconds ?? null } : {}),
  };
}

export function cpuBetween(before: Cpu, after: Cpu): Cpu {
  return Object.fromEntries(
    Object.entries(after).map(([name, value]) => [name, value === null || before[name] == null ? null : value - before[name]]),
  );
}

function statOrNull(pid: number): ReturnType<typeof statOf> | null {
  try {
    return statOf(pid);
  } catch {
    return null; // the process has just ended
  }
}

function statOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the process name before the bracket may contain spaces
  const at = (field: number) => Number(fields[field - 3]); // field numbers as in proc(5)
  return { parent: at(4), ownTicks: at(14) + at(15), reapedTicks: at(16) + at(17) };
}
