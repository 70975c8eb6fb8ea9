import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { declaredNames } from './declared-names.mjs';
import { sourceParts } from './source-parts.mjs';
import { allowed, allowedIn, anywhere, exactNames, inNames, inTexts } from './table.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const extensions = ['ts', 'mjs', 'js', 'md', 'sql', 'yml', 'yaml', 'html', 'css'];
// docs/providers.md quotes providers. Migrations are read as long as no release contains them; a shipped one is never edited.
const notRead = [
  'docs/providers.md',
  'docs/glossary.md',
  'pnpm-lock.yaml',
  'scripts/retired-words/table.mjs',
  'scripts/retired-words.test.mjs',
];

/** Every retired word of the checkout, or of the files whose path begins with one of `paths`. Needs no git: a test image may have none. */
export function findInRepository(paths = []) {
  const files = globSync(`**/*.{${extensions}}`, { cwd: root, exclude: isIgnored }).sort();
  return files
    .filter((file) => !notRead.includes(file) && (paths.length === 0 || paths.some((start) => file.startsWith(start))))
    .flatMap((file) => findRetiredWords(file, readFileSync(path.join(root, file), 'utf8')));
}

/** As .gitignore says. */
const isIgnored = (file) => /^(\..+|node_modules|dist)$/.test(path.basename(file)) || file === 'bench';

/** @returns `{ file, line, word, instead }` for each retired word of one file; line 0 is the file's name. */
export function findRetiredWords(file, text) {
  const { comments, strings, code } = sourceParts(file, text);
  const found = [
    ...phrasesIn(text, phrasesAnywhere),
    ...phrasesIn(comments, phrasesInTexts),
    ...phrasesIn(strings, phrasesInTexts),
    ...namesOf(file, code).flatMap(wordsInName),
  ];
  const lines = lineStarts(text);
  const inText = withoutAllowed(file, text, found)
    .sort((a, b) => a.index - b.index)
    .map(({ index, word, instead }) => ({ file, line: lineAt(lines, index), word, instead }));
  return [...wordsInFileName(file), ...inText];
}

function wordsInFileName(file) {
  const name = path.basename(file).replace(/\..*$/, '');
  const found = [...phrasesIn(name, phrasesAnywhere), ...wordsInName({ name, index: 0, form: 'file' })];
  return withoutAllowed(file, name, found).map(({ word, instead }) => ({ file, line: 0, word, instead }));
}

function namesOf(file, code) {
  if (['.ts', '.mjs', '.js'].includes(path.extname(file))) return declaredNames(code);
  if (path.extname(file) !== '.css') return [];
  return [...code.matchAll(/[.#](-?[A-Za-z][\w-]*)(?=[^{};]*\{)/g)].map(({ 1: name, index }) => ({
    name,
    index: index + 1,
    form: 'class',
  }));
}

function wordsInName({ name, index, form }) {
  const exact = exactNames.filter((entry) => entry.name === name && entry.form === form);
  const parts = phrasesIn(name, phrasesInNames).map(({ word, instead, index: within }) => ({ word, instead, index: index + within, name }));
  return [...parts, ...exact.map(({ instead }) => ({ word: name, instead, index }))];
}

function withoutAllowed(file, text, found) {
  const words = allowedIn.filter((entry) => file.startsWith(entry.path)).flatMap((entry) => entry.words);
  const passages = allowed.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ 0: passage, index }) => ({ start: index, end: index + passage.length })),
  );
  return found.filter(({ word, index }) => !words.includes(word) && !passages.some(({ start, end }) => start <= index && index < end));
}

/** The phrases of a table by their first word: `{ words, between, instead }`. */
function byFirstWord(table) {
  const phrases = table.flatMap(([forms, instead]) =>
    forms.split(', ').map((form) => ({ words: wordsOf(form).map(({ text }) => text), between: betweenWordsOf(form), instead })),
  );
  return Map.groupBy(phrases, ({ words }) => words[0]);
}

/** What may stand between the words of a phrase in a text. A line end is followed by what begins the next line of a comment. */
function betweenWordsOf(form) {
  if (/[A-Z]/.test(form)) return /^$/;
  return form.includes('-') ? /^[-_]?$/ : /^[-_]?$|^\s+(?:(?:\*|\/\/|--|#|>)\s*)?$/;
}

const phrasesAnywhere = byFirstWord(anywhere);
const phrasesInNames = byFirstWord(inNames);
const phrasesInTexts = byFirstWord(inTexts);

function phrasesIn(text, phrases) {
  const words = wordsOf(text);
  const isNext = (at, between) => between.test(text.slice(words[at - 1].end, words[at].index));
  return words.flatMap(({ text: first, index }, at) =>
    (phrases.get(first) ?? [])
      .filter((phrase) => phrase.words.every((word, n) => words[at + n]?.text === word && (n === 0 || isNext(at + n, phrase.between))))
      .map((phrase) => ({ index, word: phrase.words.join(' '), instead: phrase.instead })),
  );
}

/** Names are split at capitals, hyphens, underscores and digits. */
function wordsOf(text) {
  return [...text.matchAll(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g)].map(({ 0: word, index }) => ({
    text: word.toLowerCase(),
    index,
    end: index + word.length,
  }));
}

function lineStarts(text) {
  return [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
}

function lineAt(starts, index) {
  return starts.findLastIndex((start) => start <= index) + 1;
}
