import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const limitMs = 15 * 60_000; // a mutant may loop for ever

/** PostgreSQL and Node say this about text that is no valid code. Such a mutant proves nothing, because every test would fail. */
const invalidCode = /syntax error|could not determine data type|SyntaxError|column .* does not exist|is not defined|bind message supplies/;

/**
 * Runs test files in the copy, up to the first failed test. A test that ran out of time runs again, because a busy machine does that too.
 * @returns null when all are green, else the failure: `test` is the title (null: the file could not be loaded, or the run did not end)
 */
export async function runTests(copy, files) {
  const failure = await runOnce(copy, files);
  return failure?.message.includes('Exceeded timeout of') ? runOnce(copy, files) : failure;
}

async function runOnce(copy, files) {
  const { output, status } = await spawned(copy, [
    '--conditions=source',
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    `--reporters=${path.join(copy, 'scripts/mutants/first-failure.mjs')}`,
    '--runTestsByPath',
    ...files,
  ]);
  if (status === 0) return null;
  const line = output.split('\n').findLast((each) => each.startsWith('{"test"'));
  return line ? JSON.parse(line) : { test: null, message: output };
}

/** Not synchronous: this process also reads what its servers print, and a server whose output is not read stands still. */
function spawned(cwd, args) {
  const env = { ...process.env, NODE_ENV: 'test' };
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: limitMs, killSignal: 'SIGKILL' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.once('close', (status) => done({ output, status })));
}

/**
 * Applies one mutant in the copy, runs its test files, and takes the mutant back.
 * @returns `survived`; `killed` with the title of the test that failed; `invalid` with the message when the mutant is no valid code
 */
export async function tryMutant(copy, { file, text, replacement, tests }) {
  const target = path.join(copy, file);
  const original = readFileSync(target, 'utf8');
  const mutated = original.replace(text, () => replacement);
  writeFileSync(target, mutated);
  try {
    const failure = await runTests(copy, tests);
    if (!failure) return { outcome: 'survived' };
    const isInvalid = failure.test === null || invalidCode.test(failure.message);
    return isInvalid ? { outcome: 'invalid', message: failure.message } : { outcome: 'killed', test: failure.test };
  } finally {
    writeFileSync(target, original);
  }
}
