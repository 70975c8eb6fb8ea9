// `npm test`: lint, types, dead code and licences, then the tests on real servers.
// node scripts/pm.mjs scripts/test.mjs [check…] [-- jest arguments]: everything, or only the named checks.
// The last line is `N passed, N failed, N skipped`; each check counts as one test.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const results = path.join(root, '.cache/jest-results.json');
const environment = { ...process.env, NODE_ENV: 'test' };
const bin = (name) => path.join(root, 'node_modules/.bin', name);
const node = (...args) => [process.execPath, args];

const checks = {
  lint: [bin('biome'), ['check', '--error-on-warnings', '.']],
  types: [bin('tsc'), ['-b']],
  dead: [bin('knip'), ['--no-progress']],
  licences: node('scripts/licences.mjs'),
};
const jest = node('node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`);

const { named, jestArgs } = parseArgs(process.argv.slice(2));
const tally = { passed: 0, failed: 0, skipped: 0 };
// The checks run in parallel. The output of each is printed as one block.
const running = (named ?? Object.keys(checks)).map((name) => [name, check(...checks[name])]);
for (const [name, checked] of running) {
  const { output, passed } = await checked;
  process.stderr.write(output);
  count(name, passed);
}
if (!named) runTests();
process.stderr.write('\n');
console.log(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
process.exit(tally.failed > 0 ? 1 : 0);

function parseArgs(args) {
  const cut = args.indexOf('--');
  const before = cut < 0 ? args : args.slice(0, cut);
  const unknown = before.filter((name) => !(name in checks));
  if (unknown.length > 0) {
    process.stderr.write(`unknown check ${unknown.join(', ')}: expected ${Object.keys(checks).join(', ')}; arguments for Jest follow --\n`);
    process.exit(1);
  }
  return { named: before.length > 0 ? before : null, jestArgs: cut < 0 ? [] : args.slice(cut + 1) };
}

function runTests() {
  mkdirSync(path.dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const [command, args] = jest;
  const green = run(command, [...args, ...jestArgs]);
  const report = read(results);
  if (!report) return count('tests', false); // Jest did not even start
  tally.passed += report.numPassedTests;
  tally.failed += report.numFailedTests + report.numRuntimeErrorTestSuites;
  tally.skipped += report.numPendingTests + report.numTodoTests;
  if (!green && tally.failed === 0) count('tests', false);
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

function check(command, args) {
  const colours = process.stderr.isTTY ? { FORCE_COLOR: '1' } : {};
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...colours } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk) => (output += chunk));
  return new Promise((done) => {
    child.once('error', ({ message }) => done({ output: `${message}\n`, passed: false }));
    child.once('close', (status) => done({ output, passed: status === 0 }));
  });
}

function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], env: environment }).status === 0;
}

function count(name, passed) {
  tally[passed ? 'passed' : 'failed'] += 1;
  process.stderr.write(`${passed ? 'ok' : 'FAILED'}  ${name}\n`);
}
