import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const nobody = 65_534;

/** How to start a program that refuses to run as root: what to put before it, and who then owns its files. */
export interface Unprivileged {
  prefix: readonly string[];
  uid: number | undefined;
  /** Null when we are nobody special ourselves: files are then ours as they are. */
  owner: number | null;
}

/**
 * As root, `setpriv` gives the program a harmless uid but leaves it the right to pass any folder, so that a checkout under
 * /root (0700 on a stock machine) works. `no_setuid_fixup` is for access(2), by which initdb looks for its server: for a uid
 * that is not root it forgets that right otherwise. Where setpriv is missing or refused, a plain change of uid has to do.
 */
export async function unprivileged(): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return { prefix: [], uid: undefined, owner: null };
  const identity = `--reuid ${nobody} --regid ${nobody} --clear-groups`;
  const rights = '--securebits +no_setuid_fixup --inh-caps +dac_override --ambient-caps +dac_override';
  const prefix = `setpriv ${identity} ${rights}`.split(' ');
  const [setpriv = '', ...options] = prefix;
  const works = await run(setpriv, [...options, 'true']).then(
    () => true,
    () => false,
  );
  return works ? { prefix, uid: undefined, owner: nobody } : { prefix: [], uid: nobody, owner: nobody };
}
