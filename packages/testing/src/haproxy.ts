import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';

/** Whether HAProxy is on the PATH. When it is not, a line on standard error says what is skipped. */
export function hasHaproxy(skipped: string): boolean {
  try {
    return execFileSync('haproxy', ['-v']).length > 0;
  } catch {
    process.stderr.write(`SKIPPED, no haproxy on the PATH: ${skipped}. Run \`apt-get install haproxy\`.\n`);
    return false;
  }
}

/** A server behind HAProxy, and the port on which its probe is answered. */
export interface Backend {
  port: number;
  probePort: number;
}

export interface Probe {
  path: string;
  periodSeconds: number;
  timeoutSeconds: number;
  failureThreshold: number;
}

export interface Haproxy {
  url: string;
  /** Whether the probe of every server was answered 200. */
  areAllUp(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Starts HAProxy in front of servers on this machine. It sends no request twice, so that whatever goes wrong is seen by the client. */
export async function startHaproxy(backends: readonly Backend[], probe: Probe): Promise<Haproxy> {
  const [port, statsPort] = [await freePort(), await freePort()];
  const dir = mkdtempSync(path.join(tmpdir(), 'haproxy-'));
  const file = path.join(dir, 'haproxy.cfg');
  writeFileSync(file, configuration({ port, statsPort, backends, probe }));
  const program = spawn('haproxy', ['-db', '-f', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const stats = async () => (await fetch(`http://127.0.0.1:${statsPort}/;csv`)).text();
  await eventually(stats);
  return {
    url: `http://127.0.0.1:${port}`,
    areAllUp: async () => {
      const states = (await stats()).split('\n').filter((line) => /^apis,api\d/.test(line));
      return states.length === backends.length && states.every((line) => line.split(',')[17] === 'UP');
    },
    stop: async () => {
      await ended(program);
      rmSync(dir, { recursive: true });
    },
  };
}

const configuration = ({
  port,
  statsPort,
  backends,
  probe,
}: {
  port: number;
  statsPort: number;
  backends: readonly Backend[];
  probe: Probe;
}): string => `defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check ${probe.timeoutSeconds}s
  retries 0
frontend tills
  bind 127.0.0.1:${port}
  default_backend apis
backend apis
  balance roundrobin
  option httpchk GET ${probe.path}
  default-server check inter ${probe.periodSeconds}s fall ${probe.failureThreshold} rise 1
${backends.map(({ port: to, probePort }, n) => `  server api${n} 127.0.0.1:${to} port ${probePort}`).join('\n')}
frontend stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /
`;

async function ended(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  const end = once(program, 'exit');
  program.kill('SIGTERM');
  await end;
}
