// Every regular expression of the product is tried with texts of 64 kB that are made from its own parts, because a pattern that is
// quadratic lets one request stop a process for seconds.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { sourceParts } from './retired-words/source-parts.mjs';

const root = path.resolve(import.meta.dirname, '..');
const folders = ['packages/shared/src', 'services/api/src', 'services/worker/src', 'services/notifier/src'];
const lengths = [4_096, 65_536]; // a quadratic pattern exceeds the limit with the short text already, and would take seconds with the long one
const limitMs = 5;

/** `redact` cuts a text before it is searched; packages/shared/src/runtime/redact.test.ts measures it as a whole. */
const cutBefore = ['packages/shared/src/runtime/redact.ts'];

const literal = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|\/(?<source>(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/(?<flags>[dgimsuvy]*)/g;

function patternsOf(file) {
  const { strings } = sourceParts(file, readFileSync(path.join(root, file), 'utf8'));
  return [...strings.matchAll(literal)].flatMap(({ groups: { source, flags } }) => {
    try {
      return source ? [{ file, source, pattern: new RegExp(source, flags) }] : [];
    } catch {
      return []; // a piece of text between two slashes
    }
  });
}

const files = folders.flatMap((folder) =>
  readdirSync(path.join(root, folder), { recursive: true })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => path.join(folder, file)),
);
const patterns = files.filter((file) => !cutBefore.includes(file)).flatMap(patternsOf);

/** The words of a pattern, each of its characters, and a character of each class. */
function partsOf(source) {
  const words = source.replace(/\\[a-zA-Z]|\[[^\]]*\]|\{[^}]*\}|\(\?[:=!]|\(\?<[=!]?\w*>?/g, ' ').match(/[\w:@=.,/$+-]+/g) ?? [];
  const classes = ['a', 'A', '0', ' ', '\n', '-', '.', ',', '_', ':', '/', '@', '"', '\u0000', '\ud800', 'é'];
  const escaped = (source.match(/\\[^a-zA-Z0-9]/g) ?? []).map((pair) => pair[1]);
  return [...new Set([...words, ...classes, ...escaped])];
}

/** Texts of a start, one part again and again, and an end that does not match. */
function* worstCases(source, length) {
  const parts = partsOf(source);
  const starts = ['', ...parts.filter((part) => part.length > 1)];
  const repeated = [...parts, ...parts.filter((part) => part.length > 1).map((part) => `${part} `), 'a-', 'a.', 'a,', '0-'];
  for (const start of starts)
    for (const part of repeated) yield `${`${start}${part.repeat(Math.ceil(length / part.length))}`.slice(0, length - 1)}\u0001`;
}

/** Whether the fastest of several runs takes too long: the machine may be busy. A run of half a second needs no second one. */
function isSlow(pattern, text) {
  for (let run = 0; run < 8; run++) {
    const startedAt = performance.now();
    text.replace(pattern, '');
    const ms = performance.now() - startedAt;
    if (ms < limitMs) return false;
    if (ms > 100 * limitMs) return true;
  }
  return true;
}

const slowCaseOf = ({ source, pattern }) =>
  lengths
    .values()
    .flatMap((length) => worstCases(source, length))
    .find((text) => isSlow(pattern, text));

it(`no pattern of the product takes ${limitMs} ms for 64 kB of its worst case`, () => {
  expect(patterns.length).toBeGreaterThan(40);
  const slow = patterns.flatMap(({ file, source, pattern }) => {
    const text = slowCaseOf({ source, pattern });
    return text === undefined ? [] : [`${file}: /${source}/ with ${JSON.stringify(text.slice(0, 20))}…`];
  });
  expect(slow).toEqual([]);
}, 60_000);

it.each([/\b[a-z][a-z0-9+.-]*:\/\//, /\b[\w.+-]+@/, /\s+$/])(
  'a quadratic pattern such as %s is noticed',
  (pattern) => {
    expect(slowCaseOf({ source: pattern.source, pattern })).toBeDefined();
  },
  60_000,
);
