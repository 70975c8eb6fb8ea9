// npm run mutants: puts one small fault at a time into a copy of the checkout, and runs the tests that must notice it. 25 minutes.
// npm run mutants -- --only TEXT takes the mutants whose file, text or reason contains TEXT; --list prints them and runs nothing;
// --part 1/2 takes the first half of them, so that two commands share the work; --resume goes on with an interrupted run of the same files.
// npm run mutants -- --generated lets Stryker make the mutants of the pure rules instead (scripts/mutants/generated.mjs). 20 minutes.
// The last line counts them. killed: a test noticed it. survived: no test did. equivalent: none can, as explained in the list. wrong: the
// mutant is no valid code, or explained and noticed. unclear: its test ran out of time, had no server, or fails without the mutant too.
// refused: the compiler refuses it.
// Exit code 1: a mutant survived, is wrong or unclear, or the list does not fit the code any more.
import { parseArgs } from 'node:util';
import { checkoutState, copyCheckout } from './mutants/checkout-copy.mjs';
import { refusedByCompiler } from './mutants/compiler.mjs';
import { explanationOf, generatedGroups } from './mutants/generated.mjs';
import { describeMutant, mistakesOf, mutants } from './mutants/list.mjs';
import { runTests, tryMutant, withChange } from './mutants/run-tests.mjs';
import { generateMutants, jestConfigFile } from './mutants/stryker.mjs';
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
const noticed = ['Killed', 'RuntimeError'];
const ranOutOfTime = /Exceeded timeout of/;
const loopMs = 120_000; // the tests of a rule take seconds: a mutant with which they do not end by then loops for ever
const [part, parts] = values.part.split('/').map(Number);
const wanted = mutants.filter(({ file, text, why }) => `${file} ${text} ${why}`.includes(values.only));
const chosen = wanted.filter((_, index) => Math.floor((index * parts) / wanted.length) === part - 1);
const state = checkoutState();
if (values.list) list();
else process.exitCode = await (values.generated ? runGenerated() : run());

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
  const copy = copyCheckout(run);
  const servers = await startTestServers();
  try {
    return await runAll(verdicts, copy, servers);
  } finally {
    await servers.stop();
  }
}

async function runAll(verdicts, copy, servers) {
  const report = startReport(['killed', 'survived', 'equivalent', 'wrong', 'unclear']);
  const green = new Set(); // test files that pass without a mutant
  for (const mutant of chosen) {
    const earlier = verdicts.of(mutant);
    const verdict = earlier ?? (await judge(copy, mutant, green));
    if (!earlier) {
      verdicts.add(mutant, verdict);
      await servers.dropDatabases();
    }
    report.add(describeMutant(mutant), verdict);
  }
  return report.end(state);
}

/** A test that fails already would notice every mutant, so each test file runs once without one. */
async function judge(copy, mutant, green) {
  const untried = mutant.tests.filter((file) => !green.has(file));
  const failure = untried.length === 0 ? null : await runTests(copy, untried);
  if (failure) return { count: 'unclear', note: `fails without any mutant: ${failure.test ?? ''}\n${failure.message}` };
  for (const file of untried) green.add(file);
  return verdictOf(mutant, await tryMutant(copy, mutant));
}

function verdictOf({ why, equivalent, hangs }, { outcome, test, message, isAssertion }) {
  if (outcome === 'invalid') return { count: 'wrong', note: `it is no valid code: ${message}` };
  if (hangs && ranOutOfTime.test(message)) return { count: 'killed', note: `because it never ends: ${test}` };
  if (outcome === 'unclear') return { count: 'unclear', note: `${test}: ${message}` };
  if (outcome === 'killed' && equivalent) return { count: 'wrong', note: `it is explained as equivalent, but noticed by: ${test}` };
  if (outcome === 'killed')
    return { count: 'killed', note: isAssertion ? `by: ${test}` : `by an error in: ${test}: ${firstLine(message)}` };
  return equivalent ? { count: 'equivalent', note: equivalent } : { count: 'survived', note: why };
}

function firstLine(message) {
  return message.split('\n', 1)[0];
}

async function runGenerated() {
  const copy = copyCheckout('generated');
  const report = startReport(['killed', 'refused', 'survived', 'equivalent', 'wrong']);
  for (const { files, tests } of generatedGroups) {
    const wanted = files.filter((file) => file.includes(values.only));
    const generated = wanted.length === 0 ? [] : generateMutants(copy, wanted, tests);
    for (const mutant of generated) report.add(describeMutant(mutant), await judgeGenerated(copy, { ...mutant, tests }));
  }
  return report.end(state);
}

/** Generated mutants that are killed or refused are only counted: there are hundreds. */
async function judgeGenerated(copy, mutant) {
  const { file, line, start, text, replacement, status } = mutant;
  const equivalent = explanationOf(mutant);
  const change = (original) => original.slice(0, start) + replacement + original.slice(start + text.length);
  const count = noticed.includes(status) ? 'killed' : await withChange(copy, file, change, () => judgeAgain(copy, mutant));
  if (count !== 'survived')
    return equivalent ? { count: 'wrong', note: `it is explained as equivalent, but ${count}` } : { count, note: null };
  return equivalent ? { count: 'equivalent', note: equivalent } : { count, note: `line ${line}` };
}

/** A mutant that no test of Stryker's noticed, or for which its time was over, or that changes what runs when its file is loaded. */
async function judgeAgain(copy, { status, tests }) {
  const isOpen = status === 'Ignored' || status === 'Timeout';
  if (isOpen && (await runTests(copy, tests, { config: jestConfigFile, limitMs: loopMs }))) return 'killed';
  return refusedByCompiler(copy) ? 'refused' : 'survived';
}
