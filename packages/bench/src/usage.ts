import { readdirSync, readFileSync } from 'node:fs';

/** What a process has used so far. Null where there is no /proc to read it from. */
export interface Usage {
  cpuSeconds: number;
  peakRssMb: number;
}

const ticksPerSecond = 100; // what Linux tells user space, whatever its own clock does

export function usageOf(pid: number): Usage | null {
  try {
    const stat = statOf(pid);
    const peakKb = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    return { cpuSeconds: stat.ownTicks / ticksPerSecond, peakRssMb: peakKb / 1024 };
  } catch {
    return null;
  }
}

/** CPU of a server with all the processes it has and had, as PostgreSQL's. */
export function familyCpuSeconds(pid: number): number | null {
  const server = statIfThere(pid);
  if (!server) return null;
  const children = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statIfThere(Number(name)) ?? []) : []));
  const childTicks = children.reduce((sum, { parent, ownTicks }) => sum + (parent === pid ? ownTicks : 0), 0);
  return (server.ownTicks + server.reapedTicks + childTicks) / ticksPerSecond;
}

function statIfThere(pid: number): ReturnType<typeof statOf> | null {
  try {
    return statOf(pid);
  } catch {
    return null; // it has just ended
  }
}

function statOf(pid: number) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name before the bracket may hold blanks
  const at = (field: number) => Number(fields[field - 3]); // numbered as in proc(5)
  return { parent: at(4), ownTicks: at(14) + at(15), reapedTicks: at(16) + at(17) };
}
