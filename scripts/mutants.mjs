// npm run mutants: puts one small fault at a time into a copy of the checkout, and runs the tests that must notice it. About an hour.
// npm run mutants -- --only TEXT takes the mutants whose file, text or reason contains TEXT; --list prints them and runs nothing;
// --part 1/2 takes every second one, so that two commands share the work; --resume goes on with an interrupted run of the same files.
// npm run mutants -- --generated lets Stryker make the mutants of the pure rules instead (scripts/mutants/generated.mjs).
// The last line counts them. killed: a test noticed it. survived: no test did. equivalent: none can, as explained in the list. wrong: the
// mutant is no valid code, or explained and noticed. unclear: the test ran out of time or had no server. Exit code 1: a mutant survived,
// is wrong or unclear, or the list does not fit the code any more.
import { parseArgs } from 'node:util';
import { checkoutState, copyCheckout } from './mutants/checkout-copy.mjs';
import { explanationOf, generatedFiles, generatedTests } from './mutants/generated.mjs';
import { describeMutant, mistakesOf, mutants } from './mutants/list.mjs';
import { runTests, tryMutant } from './mutants/run-tests.mjs';
import { generateMutants } from './mutants/stryker.mjs';
import { startTestServers } from './mutants/test-servers.mjs';
import { openVerdicts, startReport } from './mutants/verdicts.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    list: { type: 'boolean', default: false },
    part: { type: 'string', default: '1/1' },
    resume: { type: 'boolean', default: false },
    generated: { type: 'boolean', default: false },
  },
});
/** What Stryker reports of a mutant that a test notices. `RuntimeError`: no test file could be loaded any more. */
const noticed = ['Killed', 'Timeout', 'RuntimeError'];
const [part, parts] = values.part.split('/').map(Number);
const chosen = mutants
  .filter(({ file, text, why }) => `${file} ${text} ${why}`.includes(values.only))
  .filter((_, index) => index % parts === part - 1);
const state = checkoutState();
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
  const run = `part-${part}-of-${parts}`; // two parts may run at the same time
  const verdicts = openVerdicts(run, state, values.resume);
  const open = chosen.filter((mutant) => !verdicts.of(mutant));
  const copy = copyCheckout(run);
  const servers = await startTestServers();
  try {
    return (await isGreenWithoutMutant(open, copy, servers)) ? await runAll(verdicts, copy, servers) : 1;
  } finally {
    await servers.stop();
  }
}

/** A test that fails already would notice every mutant. */
async function isGreenWithoutMutant(open, copy, servers) {
  const failure = open.length === 0 ? null : await runTests(copy, [...new Set(open.flatMap(({ tests }) => tests))]);
  await servers.dropDatabases();
  if (failure) console.error(`a test fails without any mutant: ${failure.test ?? ''}\n${failure.message}`);
  return failure === null;
}

async function runAll(verdicts, copy, servers) {
  const report = startReport();
  for (const mutant of chosen) {
    const earlier = verdicts.of(mutant);
    const verdict = earlier ?? verdictOf(mutant, await tryMutant(copy, mutant));
    if (!earlier) {
      verdicts.add(mutant, verdict);
      await servers.dropDatabases();
    }
    report.add(describeMutant(mutant), verdict);
  }
  return report.end(state);
}

function verdictOf({ why, equivalent }, { outcome, test, message, isAssertion }) {
  if (outcome === 'invalid') return { count: 'wrong', note: `it is no valid code: ${message}` };
  if (outcome === 'unclear') return { count: 'unclear', note: `${test}: ${message}` };
  if (outcome === 'killed' && equivalent) return { count: 'wrong', note: `it is explained as equivalent, but noticed by: ${test}` };
  if (outcome === 'killed')
    return { count: 'killed', note: isAssertion ? `by: ${test}` : `by an error in: ${test}: ${firstLine(message)}` };
  return equivalent ? { count: 'equivalent', note: equivalent } : { count: 'survived', note: why };
}

function firstLine(message) {
  return message.split('\n', 1)[0];
}

function runGenerated() {
  const files = generatedFiles.filter((file) => file.includes(values.only));
  const report = startReport();
  for (const mutant of generateMutants(copyCheckout('generated'), files, generatedTests))
    report.add(describeMutant(mutant), verdictOfGenerated(mutant));
  return report.end(state);
}

/** Generated mutants that are killed are only counted: there are hundreds. */
function verdictOfGenerated({ file, line, text, replacement, status }) {
  if (noticed.includes(status)) return { count: 'killed', note: null };
  const equivalent = explanationOf({ file, text, replacement });
  return equivalent ? { count: 'equivalent', note: equivalent } : { count: 'survived', note: `line ${line}` };
}
