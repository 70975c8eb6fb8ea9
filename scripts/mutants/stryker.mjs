import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { resolve } = createRequire(import.meta.url);
const report = '.cache/stryker.json';
/** The Jest configuration of the copy for these tests. */
export const jestConfigFile = 'jest.stryker.mjs';

/**
 * Lets Stryker make every mutant it knows of these files, one by one, and run their tests on each. The tests need no server. They are few,
 * because Stryker loads all of their files for each mutant.
 * @returns what Stryker reports: `start` is the place of `text` in the file; `status` is `Killed`, `Timeout`, `Survived`, `NoCoverage`, or
 *   `Ignored` for code that runs when its file is loaded: Stryker would run all tests on each of those
 */
export function generateMutants(copy, files, tests) {
  writeFileSync(path.join(copy, jestConfigFile), jestConfig(tests));
  writeFileSync(path.join(copy, 'stryker.json'), JSON.stringify(strykerConfig(files)));
  const stryker = path.join(path.dirname(resolve('@stryker-mutator/core/package.json')), 'bin/stryker.js');
  const options = { cwd: copy, env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' }, stdio: ['ignore', 2, 2] };
  const { status } = spawnSync(process.execPath, ['--conditions=source', stryker, 'run', 'stryker.json'], options);
  const file = path.join(copy, report);
  if (!existsSync(file)) throw new Error(`Stryker ended with exit code ${status} and no report`);
  return mutantsOf(JSON.parse(readFileSync(file, 'utf8')));
}

// `inPlace`, because in a sandbox of Stryker's own the packages would import each other from the checkout, without the mutant.
const strykerConfig = (mutate) => ({
  testRunner: 'jest',
  plugins: [path.join(path.dirname(resolve('@stryker-mutator/jest-runner/package.json')), 'dist/src/index.js')],
  mutate,
  inPlace: true,
  concurrency: 1,
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  timeoutMS: 15_000, // beside 1.5 times the usual: a busy machine is not a loop
  testRunnerNodeArgs: ['--experimental-vm-modules', '--conditions=source'],
  jest: { projectType: 'custom', configFile: jestConfigFile, enableFindRelatedTests: false },
  reporters: ['json'],
  jsonReporter: { fileName: report },
  allowEmpty: true,
  tempDirName: '.cache/stryker',
});

/** The tests of the rules need no server. Jest itself loads the modules, because Stryker switches mutants in what Jest has loaded. */
const jestConfig = (tests) => `import base from './jest.config.mjs';
const { globalSetup, globalTeardown, testSequencer, testRunner, ...rest } = base;
export default {
  ...rest,
  testMatch: ${JSON.stringify(tests.map((file) => `<rootDir>/${file}`))},
  maxWorkers: 1,
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\\\.ts$': '<rootDir>/scripts/mutants/strip-types.mjs' },
};
`;

function mutantsOf({ files }) {
  return Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.map(({ status, mutatorName, replacement, location }) => {
      const [start, end] = [location.start, location.end].map((place) => offsetOf(source, place));
      const text = source.slice(start, end);
      return { file, line: location.start.line, start, text, replacement: replacement ?? '', status, mutatorName };
    }),
  );
}

/** @param place line and column, both from 1 */
function offsetOf(source, { line, column }) {
  const before = source.split('\n').slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, column - 1);
}
