import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Copies the files of the checkout, with changes that are not committed, to `.cache/mutants/NAME`. A mutant is applied there and never
 * in the checkout. The packages import each other inside the copy, and share the installed packages of the checkout.
 * @returns the folder of the copy
 */
export function copyCheckout(name) {
  const copy = path.join(root, '.cache/mutants', name);
  rmSync(copy, { recursive: true, force: true });
  for (const file of listFiles()) copyFile(file, copy);
  for (const folder of packageFolders()) copyLinks(path.join(folder, 'node_modules'), copy);
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  mkdirSync(path.join(copy, '.cache'));
  symlinkSync(path.join(root, '.cache/redis'), path.join(copy, '.cache/redis')); // the unpacked Redis program
  return copy;
}

/** What the tests run on: the commit, and a hash of all files with the changes that are not committed. */
export function checkoutState() {
  const hash = createHash('sha256');
  for (const file of listFiles()) hash.update(file).update(readFileSync(path.join(root, file)));
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return { commit: stdout.trim(), hash: hash.digest('hex') };
}

/** Tracked files, and new files that Git does not ignore. */
function listFiles() {
  const { stdout, status, stderr } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1e8,
  });
  if (status !== 0) throw new Error(`git ls-files failed: ${stderr}`);
  return stdout.split('\0').filter((file) => file && existsSync(path.join(root, file))); // a deleted file stays listed until its commit
}

function packageFolders() {
  return [
    ...new Set(
      listFiles()
        .filter((file) => /^(packages|services)\/[^/]+\/package\.json$/.test(file))
        .map(path.dirname),
    ),
  ];
}

function copyFile(file, copy) {
  const target = path.join(copy, file);
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(root, file), target);
}

/** The links of a workspace package are relative, so in the copy they lead to the packages of the copy. */
function copyLinks(folder, copy) {
  const source = path.join(root, folder);
  if (existsSync(source)) cpSync(source, path.join(copy, folder), { recursive: true, verbatimSymlinks: true });
}
