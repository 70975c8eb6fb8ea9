import type { Logger } from '../runtime/index.ts';
import { formatProblem } from './host-problem.ts';
import type { Hosts } from './hosts.ts';

/** SIGHUP: the folders of the hosts are read and checked again, and taken whole or not at all. What is wrong with them is logged. */
export function reloadOnHangUp(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): void {
  let last = Promise.resolve();
  process.on('SIGHUP', () => {
    last = last.then(() => reload(hosts, directory, log)); // one after the other: the last word counts
  });
}

async function reload(hosts: Pick<Hosts, 'reload'>, directory: string, log: Logger): Promise<void> {
  try {
    const problems = await hosts.reload(directory);
    if (problems.length === 0) log.info({}, 'the hosts were read again');
    else
      log.error({ reason: problems.map(formatProblem).join('; ') }, 'the hosts were read again, and none was taken: all serve as before');
  } catch (error) {
    log.error({ err: error }, 'the hosts could not be read again: all serve as before');
  }
}
