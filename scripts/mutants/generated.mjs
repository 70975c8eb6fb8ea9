import { readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const rules = 'packages/shared/src/payment';
const settling = 'services/worker/src/settling';
const rule = (name) => `${rules}/${name}`;
const ruleFiles = readdirSync(path.join(root, rules)).filter((name) => name.endsWith('.ts'));
const isTest = (name) => name.endsWith('.test.ts');

/** The pure files for which Stryker makes mutants: all of `shared/payment`, and what is pure in `worker/settling`. */
export const generatedFiles = [
  ...ruleFiles.filter((name) => !isTest(name)).map(rule),
  ...['plan-changes', 'late-polling', 'contradictions-of', 'host-write'].map((name) => `${settling}/${name}.ts`),
];

/** Their tests need no server. */
export const generatedTests = [
  ...ruleFiles.filter(isTest).map(rule),
  ...['plan-changes', 'next-late-poll', 'contradictions-of', 'host-write'].map((name) => `${settling}/${name}.test.ts`),
];

/** Generated mutants that no test can notice, because the code behaves the same. */
const equivalents = [
  {
    file: `${rules}/arriving-money.ts`,
    text: 'due !== null',
    replacement: 'true',
    equivalent: 'the comparison that follows is false for null; this one is for the reader and for the compiler',
  },
  {
    file: `${settling}/plan-changes.ts`,
    text: "change.payment !== 'paid'",
    replacement: 'true',
    equivalent: 'only a paid charge makes a payment paid, and that case has returned before; the compiler needs the comparison',
  },
  {
    file: `${settling}/plan-changes.ts`,
    text: "'paid'",
    replacement: '""',
    equivalent: 'only a paid charge makes a payment paid, and that case has returned before; the compiler needs the comparison',
  },
  ...['false', '""'].map((replacement) => ({
    file: `${settling}/plan-changes.ts`,
    text: replacement === 'false' ? "state.due === 'unknown'" : "'unknown'",
    replacement,
    equivalent: 'no amount is below a text, so an unknown amount due is judged like the whole amount; the compiler needs the case',
  })),
];

export const explanationOf = ({ file, text, replacement }) =>
  equivalents.find((each) => each.file === file && each.text === text && each.replacement === replacement)?.equivalent;
