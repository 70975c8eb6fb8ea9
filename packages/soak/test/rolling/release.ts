import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { checkoutDir } from '@gateway/testing/checkout';

/** The programs of another commit. */
export interface Release {
  commit: string;
  dir: string;
  remove(): void;
}

/** The commit of the last release: `docs/openapi-release.json` is the document of it, and before 1.0.0 the one that was agreed last. */
const lastRelease = (): string =>
  execFileSync('git', ['log', '-1', '--format=%H', '--', 'docs/openapi-release.json'], { cwd: checkoutDir, encoding: 'utf8' }).trim();

/** Writes the files of a commit into a folder, with the dependencies that are installed here. */
export function checkOut(commit = lastRelease()): Release {
  const dir = mkdtempSync(path.join(tmpdir(), 'release-'));
  const archive = execFileSync('git', ['archive', commit], { cwd: checkoutDir, maxBuffer: 2 ** 28 });
  execFileSync('tar', ['-x', '-C', dir], { input: archive });
  symlinkSync(path.join(checkoutDir, 'node_modules'), path.join(dir, 'node_modules'));
  for (const folder of ['packages', 'services'])
    for (const name of readdirSync(path.join(dir, folder))) linkDependencies(path.join(folder, name), dir);
  return { commit, dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** The links of a package are relative, so that those to other packages of the workspace lead to the files of the commit. */
function linkDependencies(folder: string, dir: string): void {
  const from = path.join(checkoutDir, folder, 'node_modules');
  try {
    cpSync(from, path.join(dir, folder, 'node_modules'), { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error; // a package that is not here any more
  }
}
