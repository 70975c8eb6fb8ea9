import type { Logger } from '../runtime/index.ts';
import { formatProblem } from './host-problem.ts';
import type { Hosts } from './hosts.ts';

/** On SIGHUP, reads and checks the host folders again and installs all of them or none. Problems are logged. */
export function reloadOnSighup(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): void {
  let lastReload = Promise.resolve();
  process.on('SIGHUP', () => {
    lastReload = lastReload.then(() => reload(hosts, directory, log)); // one reload after the other, so that the last one wins
  });
}

async function reload(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): Promise<void> {
  try {
    const problems = await hosts.reload(directory);
    if (problems.length === 0) log.info({}, 'host folders reloaded');
    else log.error({ reason: problems.map(formatProblem).join('; ') }, 'host folders not reloaded: invalid; the previous ones stay in use');
  } catch (error) {
    log.error({ err: error }, 'host folders not reloaded: not readable; the previous ones stay in use');
  }
}
