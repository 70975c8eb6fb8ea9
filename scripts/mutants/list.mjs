import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { eventMutants } from './events.mjs';
import { jobMutants } from './jobs.mjs';
import { paymentStoreMutants } from './payment-store.mjs';
import { planMutants } from './plan.mjs';
import { refundStoreMutants } from './refund-store.mjs';
import { requestMutants } from './requests.mjs';
import { ruleMutants } from './rules.mjs';
import { settlingMutants } from './settling.mjs';
import { workMutants } from './work.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Every fault of the list. A group names a file and the tests that must notice its mutants; a mutant may name tests of its own.
 * `text` stands exactly once in the file and becomes `replacement`; `why` is the harm that the fault would do. `equivalent` explains why
 * no test can notice the mutant: the code behaves the same. With a mutant that `hangs`, work never ends, so a test that runs out of time
 * notices it.
 */
export const mutants = [
  ...ruleMutants,
  ...planMutants,
  ...settlingMutants,
  ...paymentStoreMutants,
  ...refundStoreMutants,
  ...workMutants,
  ...eventMutants,
  ...jobMutants,
  ...requestMutants,
].flatMap(({ file, tests, mutants: entries }) => entries.map((entry) => ({ file, tests, ...entry })));

/** What does not fit the code any more, one line each: a text that is not found exactly once, a file or a test that does not exist. */
export function mistakesOf(mutant) {
  const { file, text, replacement, why, tests } = mutant;
  const mistakes = [file, ...tests].filter((name) => !existsSync(path.join(root, name))).map((name) => `${name} does not exist`);
  if (mistakes.length > 0) return mistakes;
  const times = readFileSync(path.join(root, file), 'utf8').split(text).length - 1;
  if (typeof replacement !== 'string') mistakes.push('its replacement is not a text');
  if (times !== 1) mistakes.push(`its text is found ${times} times, not once`);
  if (text === replacement) mistakes.push('it changes nothing');
  if (!why || tests.length === 0) mistakes.push('it does not say why it must be noticed, or by which tests');
  return mistakes;
}

/** One line for people: the file, what is replaced and by what. */
export const describeMutant = ({ file, text, replacement }) => `${file}: ${oneLine(text)} → ${oneLine(replacement) || '(nothing)'}`;

const oneLine = (text) => text.replace(/\s+/g, ' ').trim();
