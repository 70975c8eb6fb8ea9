// The test runner of Jest, with one difference: Node itself loads the test files and what they import, once in each Jest worker. Jest would
// load all modules again for each test file, which took a second of computing time per file, and more than the tests of most files.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import circus from 'jest-circus/runner';
import './load-sources.mjs';

const require = createRequire(import.meta.url);
const testTimeout = Symbol.for('TEST_TIMEOUT_SYMBOL'); // where Jest's own `jest.setTimeout` stores it

export default async function runNatively(globalConfig, config, environment, runtime, testPath, sendMessageToJest) {
  delete globalThis[testTimeout]; // set by the previous test file
  globalThis.jest = {
    /** How long a test of this file, and each of its hooks, may take. */
    setTimeout: (ms) => {
      globalThis[testTimeout] = ms;
    },
    spyOn: (...args) => environment.moduleMocker.spyOn(...args),
  };
  const nativeRuntime = Object.assign(Object.create(runtime), {
    requireInternalModule: requireAgain,
    setGlobalsForRuntime: (globals) => Object.assign(globalThis, globals),
    unstable_shouldLoadAsEsm: () => true,
    unstable_importModule: (file) => import(pathToFileURL(file).href),
  });
  const send = wantsTestCases(globalConfig) ? sendMessageToJest : undefined;
  return circus.default(globalConfig, config, environment, nativeRuntime, testPath, send);
}

/**
 * Whether the command line names a reporter, such as that of scripts/mutants, which hears of each test when it ends. Jest's own reporter makes
 * a new status line from each such message, which took 12 s of computing time in a whole run, and the messages took more.
 */
const wantsTestCases = ({ reporters }) => reporters !== undefined;

/** Loads a module that keeps the tests of one file in its variables. */
function requireAgain(file) {
  delete require.cache[file];
  return require(file);
}
