import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const endlessMs = 15 * 60_000; // a mutant may loop for ever

/** PostgreSQL and Node say this about text that is no valid code. Such a mutant proves nothing, because every test would fail. */
const invalidCode = /syntax error|could not determine data type|SyntaxError|column .* does not exist|is not defined|bind message supplies/;

/** A busy machine or a server that is not available. A test that fails for this has noticed nothing. */
const infrastructure =
  /Exceeded timeout of|ECONNREFUSED|ENOSPC|ENOMEM|too many clients|the database system is|could not fork|test servers are not running/;

/**
 * Runs test files in the copy, up to the first failed test. A run that failed for the machine or its servers is repeated once.
 * @returns null when all are green, else the failure: `test` is the title (null: the file could not be loaded, or the run did not end),
 *   `isAssertion` is true when an expectation failed, and false for any other error
 */
export async function runTests(copy, files, { env = process.env, config = 'jest.config.mjs', limitMs = endlessMs } = {}) {
  const run = () => runOnce(copy, files, { env, config, limitMs });
  const failure = await run();
  return failure && infrastructure.test(failure.message) ? run() : failure;
}

async function runOnce(copy, files, { env, config, limitMs }) {
  const args = [
    '--experimental-vm-modules', // for the tests of Stryker's mutants
    '--disable-warning=ExperimentalWarning',
    'node_modules/jest/bin/jest.js',
    '--runInBand',
    `--config=${config}`,
    `--reporters=${path.join(copy, 'scripts/mutants/first-failure.mjs')}`,
    '--runTestsByPath',
    ...files,
  ];
  const { output, status } = await spawned(copy, args, { env, limitMs });
  if (status === 0) return null;
  const line = output.split('\n').findLast((each) => each.startsWith('{"test"'));
  return line ? JSON.parse(line) : { test: null, message: output, isAssertion: false };
}

/** Not synchronous: this process also reads what its servers print, and a server whose output is not read stands still. */
function spawned(cwd, args, { env, limitMs }) {
  const options = { cwd, env: { ...env, NODE_ENV: 'test' }, timeout: limitMs };
  const child = spawn(process.execPath, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], killSignal: 'SIGKILL' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  return new Promise((done) => child.once('close', (status) => done({ output, status })));
}

/**
 * Applies one mutant in the copy, runs its test files, and takes the mutant back.
 * @returns `outcome`: `survived`, or what the failure of `test` proves
 */
export function tryMutant(copy, { file, text, replacement, tests }) {
  return withChange(
    copy,
    file,
    (original) => original.replace(text, () => replacement),
    async () => {
      const failure = await runTests(copy, tests, { env: environmentFor(file) });
      return failure ? { outcome: outcomeOf(failure), ...failure } : { outcome: 'survived' };
    },
  );
}

/** Changes a file of the copy while `act` runs. */
export async function withChange(copy, file, change, act) {
  const target = path.join(copy, file);
  const original = readFileSync(target, 'utf8');
  writeFileSync(target, change(original));
  try {
    return await act();
  } finally {
    writeFileSync(target, original);
  }
}

/**
 * What a failed test proves. `killed`: it noticed the mutant. `invalid`: the mutant is no valid code. `unclear`: the test ran out of time
 * or had no server, which happens without a mutant too.
 */
export function outcomeOf({ test, message, isAssertion }) {
  if (!isAssertion && infrastructure.test(message)) return 'unclear';
  return test === null || invalidCode.test(message) ? 'invalid' : 'killed';
}

/** The databases of the servers that run already were migrated without the mutant, so a mutant of a migration gets new servers. */
function environmentFor(file) {
  const { TEST_RUN, ...withoutServers } = process.env;
  return file.includes('/migrations/') ? withoutServers : process.env;
}
