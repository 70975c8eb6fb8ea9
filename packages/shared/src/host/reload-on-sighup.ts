import { announceReload, type Logger } from '../runtime/index.ts';
import { formatProblem } from './host-problem.ts';
import type { Hosts } from './hosts.ts';

/**
 * On SIGHUP, reads and checks the host folders again. A folder with a problem is logged, and its host stays as it was. The parent that
 * started this process with an IPC channel (the local stack) learns of the reload.
 */
export function reloadOnSighup(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): void {
  let lastReload = Promise.resolve();
  process.on('SIGHUP', () => {
    lastReload = lastReload.then(() => reload(hosts, directory, log)); // one reload after the other, so that the last one wins
  });
}

async function reload(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): Promise<void> {
  try {
    const problems = await hosts.reload(directory);
    if (problems.length > 0) log.error({ reason: problems.map(formatProblem).join('; ') }, 'host folder invalid, its host stays as it was');
    log.info({}, 'host folders reloaded');
    announceReload();
  } catch (error) {
    log.error({ err: error }, 'host folders not reloaded: not readable; the previous ones stay in use');
  }
}
