import type { Logger } from '../runtime/index.ts';
import { formatProblem } from './host-problem.ts';
import type { Hosts } from './hosts.ts';

/** SIGHUP: the folders of the hosts are read and checked again, and taken whole or not at all. What is wrong with them is logged. */
export function reloadOnSighup(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): void {
  let lastReload = Promise.resolve();
  process.on('SIGHUP', () => {
    lastReload = lastReload.then(() => reload(hosts, directory, log)); // one after the other: the last word counts
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
