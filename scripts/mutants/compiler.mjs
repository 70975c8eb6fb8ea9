import { spawnSync } from 'node:child_process';
import path from 'node:path';

/** The package of the payment rules, and those that use the rules most. */
const projects = ['packages/shared', 'services/worker', 'services/api'];

/**
 * Asks the compiler about a mutant that no test noticed, and that stands in the copy. A list of words that lost a word, or a case that the
 * types demand, is refused before any test could run. The types are stripped for the tests, so they do not see it.
 */
export function refusedByCompiler(copy) {
  return projects.some((project) => !compiles(copy, project));
}

function compiles(copy, project) {
  const tsc = path.join(copy, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '--build', project], { cwd: copy });
  if (error) throw error;
  return status === 0;
}
