// npm run mutants: puts one small fault at a time into a copy of the checkout, and runs the tests that must notice it. Half an hour.
// npm run mutants -- --only TEXT takes the mutants whose file, text or reason contains TEXT; --list prints them and runs nothing.
// npm run mutants -- --generated lets Stryker make the mutants of the pure rules instead (scripts/mutants/generated.mjs).
// The last line counts killed, survived and equivalent. Exit code 1: a mutant survived, or the list does not fit the code any more.
import { parseArgs } from 'node:util';
import { copyCheckout } from './mutants/checkout-copy.mjs';
import { explanationOf, generatedFiles } from './mutants/generated.mjs';
import { describeMutant, mistakesOf, mutants } from './mutants/list.mjs';
import { runTests, tryMutant } from './mutants/run-tests.mjs';
import { generateMutants } from './mutants/stryker.mjs';
import { startTestServers } from './mutants/test-servers.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    generated: { type: 'boolean', default: false },
  },
});
/** What Stryker reports of a mutant that a test notices. `RuntimeError`: no test file could be loaded any more. */
const noticed = ['Killed', 'Timeout', 'RuntimeError'];
const chosen = mutants.filter(({ file, text, why }) => `${file} ${text} ${why}`.includes(values.only));
if (values.list) list();
else process.exitCode = values.generated ? runGenerated() : await run();

function list() {
  for (const mutant of chosen) console.log(`${describeMutant(mutant)}\n    ${mutant.why}`);
  console.log(`${chosen.length} mutants`);
}

async function run() {
  const misfits = chosen.flatMap((mutant) => mistakesOf(mutant).map((mistake) => `${describeMutant(mutant)}\n    ${mistake}`));
  for (const misfit of misfits) console.error(`does not fit  ${misfit}`);
  if (misfits.length > 0) return 1;
  const copy = copyCheckout('command');
  const servers = await startTestServers();
  try {
    return (await isGreenWithoutMutant(copy, servers)) ? await runAll(copy, servers) : 1;
  } finally {
    await servers.stop();
  }
}

/** A test that fails already would notice every mutant. */
async function isGreenWithoutMutant(copy, servers) {
  const failure = await runTests(copy, [...new Set(chosen.flatMap(({ tests }) => tests))]);
  await servers.dropDatabases();
  if (failure) console.error(`a test fails without any mutant: ${failure.test ?? ''}\n${failure.message}`);
  return failure === null;
}

async function runAll(copy, servers) {
  const counts = newCounts();
  for (const mutant of chosen) {
    const result = await tryMutant(copy, mutant);
    await servers.dropDatabases();
    report(counts, mutant, verdictOf(mutant, result));
  }
  return summary(counts);
}

/** `wrong`: the entry is no valid code, or it is explained as equivalent and a test notices it. */
function verdictOf({ why, equivalent }, { outcome, test, message }) {
  if (outcome === 'invalid') return { count: 'wrong', note: `it is no valid code: ${message}` };
  if (outcome === 'killed' && equivalent) return { count: 'wrong', note: `it is explained as equivalent, but noticed by: ${test}` };
  if (outcome === 'killed') return { count: 'killed', note: `by: ${test}` };
  return equivalent ? { count: 'equivalent', note: equivalent } : { count: 'survived', note: why };
}

function runGenerated() {
  const files = generatedFiles.filter(({ file }) => file.includes(values.only));
  const counts = newCounts();
  for (const mutant of generateMutants(copyCheckout('generated'), files)) report(counts, mutant, verdictOfGenerated(mutant));
  return summary(counts);
}

function verdictOfGenerated({ file, line, text, replacement, status }) {
  if (noticed.includes(status)) return { count: 'killed', note: null };
  const equivalent = explanationOf({ file, text, replacement });
  return equivalent ? { count: 'equivalent', note: equivalent } : { count: 'survived', note: `line ${line}` };
}

function newCounts() {
  return { killed: 0, survived: 0, equivalent: 0, wrong: 0 };
}

/** Generated mutants that are killed are only counted: there are hundreds. */
function report(counts, mutant, { count, note }) {
  counts[count] += 1;
  if (note !== null) console.log(`${count.padEnd(10)}  ${describeMutant(mutant)}\n    ${note}`);
}

/** @returns the exit code */
function summary({ killed, survived, equivalent, wrong }) {
  const total = killed + survived + equivalent + wrong;
  console.log(`${total} mutants: ${killed} killed, ${survived} survived, ${equivalent} equivalent, ${wrong} wrong`);
  return survived + wrong > 0 ? 1 : 0;
}
