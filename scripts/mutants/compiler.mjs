import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The package of the payment rules, and those that use the rules most. */
const projects = ['packages/shared', 'services/worker', 'services/api'];

/**
 * Asks the compiler about mutants that no test noticed: a list of words that lost a word, or a case that the types demand, is refused
 * before any test could run. The types are stripped for the tests, so they do not see it.
 * @returns whether the compiler refuses the mutant
 */
export function refusedByCompiler(copy, { file, start, text, replacement }) {
  const target = path.join(copy, file);
  const original = readFileSync(target, 'utf8');
  writeFileSync(target, original.slice(0, start) + replacement + original.slice(start + text.length));
  try {
    return projects.some((project) => !compiles(copy, project));
  } finally {
    writeFileSync(target, original);
  }
}

function compiles(copy, project) {
  const tsc = path.join(copy, 'node_modules/typescript/bin/tsc');
  const { status, error } = spawnSync(process.execPath, [tsc, '--build', project], { cwd: copy });
  if (error) throw error;
  return status === 0;
}
