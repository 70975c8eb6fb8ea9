import { readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const rules = 'packages/shared/src/payment';
const settling = 'services/worker/src/settling';
const filesOf = (folder) => readdirSync(path.join(root, folder)).map((name) => `${folder}/${name}`);
const isTest = (file) => file.endsWith('.test.ts');

/** What is pure in `worker/settling`, with its tests. Its other files need PostgreSQL. */
const pureSettling = {
  'plan-changes': 'plan-changes',
  'late-polling': 'next-late-poll',
  'contradictions-of': 'contradictions-of',
  'host-write': 'host-write',
};

/**
 * The pure files for which Stryker makes mutants: all of `shared/payment`, and what is pure in `worker/settling`. Each file has a test of
 * its own that needs no server. Files without one hold words and types; the tests of all rules run for them.
 */
export const generatedGroups = [...groupsOf(filesOf(rules)), ...Object.entries(pureSettling).map(settlingGroup)];

function groupsOf(files) {
  const tests = files.filter(isTest);
  const sources = files.filter((file) => !isTest(file));
  const testOf = (file) => file.replace(/\.ts$/, '.test.ts');
  const tested = sources.filter((file) => tests.includes(testOf(file)));
  return [
    ...tested.map((file) => ({ files: [file], tests: [testOf(file)] })),
    { files: sources.filter((file) => !tested.includes(file)), tests },
  ];
}

function settlingGroup([name, test]) {
  return { files: [`${settling}/${name}.ts`], tests: [`${settling}/${test}.test.ts`] };
}

/** Generated mutants that no test can notice and the compiler accepts, because the code behaves the same: `equivalent` says why. */
const fourCharacters = 'the text has at most four characters, so four digits are all of it';
const equalTimes = 'of two equal times either is right';
const equivalents = [
  {
    file: `${rules}/qris.ts`,
    text: 'text.length > maxBytes',
    replacement: 'false',
    equivalent: 'a text with more characters has more bytes too, which are counted next: the check only saves the copy of a long text',
  },
  { file: `${rules}/qris.ts`, text: '/^(\\d\\d)(\\d\\d)$/', replacement: '/(\\d\\d)(\\d\\d)$/', equivalent: fourCharacters },
  { file: `${rules}/qris.ts`, text: '/^(\\d\\d)(\\d\\d)$/', replacement: '/^(\\d\\d)(\\d\\d)/', equivalent: fourCharacters },
  { file: `${settling}/late-polling.ts`, text: 'a > b', replacement: 'a >= b', equivalent: equalTimes },
  { file: `${settling}/late-polling.ts`, text: 'a < b', replacement: 'a <= b', equivalent: equalTimes },
];

export const explanationOf = ({ file, text, replacement }) =>
  equivalents.find((each) => each.file === file && each.text === text && each.replacement === replacement)?.equivalent;
