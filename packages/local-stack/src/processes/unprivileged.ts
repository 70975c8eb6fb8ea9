import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const unprivilegedId = 65_534; // the Unix user nobody

/** How to start a program that refuses to run as root: the command before it, and the owner of its files. */
export interface Unprivileged {
  prefix: readonly string[];
  uid: number | undefined;
  /** Null when this process is not root: the files then belong to its own user. */
  owner: number | null;
}

/**
 * As root, `setpriv` runs the program as the Unix user nobody, but with the capability to enter any folder, so that a checkout under /root
 * (mode 0700) works. `no_setuid_fixup` keeps that capability in access(2), which initdb uses to find its server. Where setpriv is
 * missing or not allowed, only the uid is changed.
 */
export async function unprivileged(): Promise<Unprivileged> {
  if (process.getuid?.() !== 0) return { prefix: [], uid: undefined, owner: null };
  const identity = `--reuid ${unprivilegedId} --regid ${unprivilegedId} --clear-groups`;
  const rights = '--securebits +no_setuid_fixup --inh-caps +dac_override --ambient-caps +dac_override';
  const prefix = `setpriv ${identity} ${rights}`.split(' ');
  const [setpriv = '', ...options] = prefix;
  const works = await run(setpriv, [...options, 'true']).then(
    () => true,
    () => false,
  );
  return works ? { prefix, uid: undefined, owner: unprivilegedId } : { prefix: [], uid: unprivilegedId, owner: unprivilegedId };
}
