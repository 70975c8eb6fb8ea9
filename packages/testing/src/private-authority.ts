import { execFileSync } from 'node:child_process';
import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Like `describe`. Without OpenSSL on the PATH the tests count as skipped, and a line on standard error says so. */
export function describeWithOpenssl(name: string, tests: () => void): void {
  let isThere = true;
  try {
    execFileSync('openssl', ['version']);
  } catch {
    isThere = false;
    process.stderr.write(`SKIPPED, no openssl on the PATH: ${name}.\n`);
  }
  (isThere ? describe : describe.skip)(name, tests);
}

/** Files of an authority that no client trusts unless told to, and of a certificate that it gave to the servers at 127.0.0.1. */
export interface PrivateAuthority {
  ca: string;
  cert: string;
  key: string;
}

/** @param dir is created @param owner who may read the key; null: this process */
export function privateAuthority(dir: string, owner: number | null): PrivateAuthority {
  mkdirSync(dir, { recursive: true });
  const inDir = (name: string) => path.join(dir, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-days', '2'];
  writeFileSync(inDir('names'), 'subjectAltName = IP:127.0.0.1\n');
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=private authority');
  openssl('req', ...newKey, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'names'];
  openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...signed);
  if (owner !== null) chownSync(inDir('server.key'), owner, owner);
  return { ca: inDir('ca.pem'), cert: inDir('server.pem'), key: inDir('server.key') };
}
