import { findInRepository, findRetiredWords } from './retired-words/find.mjs';

const wordsIn = (file, text) => findRetiredWords(file, text).map(({ line, word, instead }) => `${line}: ${word} → ${instead}`);

describe('the repository', () => {
  it('contains no retired word: each finding says what to write instead', () => {
    expect(findInRepository().map(({ file, line, word, instead }) => `${file}:${line}: ${word} → ${instead}`)).toEqual([]);
  });
});

describe('a word that is retired everywhere', () => {
  it.each([
    ['a comment', 'a.ts', '// Rings the bell.'],
    ['a name that is only used', 'a.ts', 'ringBell();'],
    ['a text', 'a.ts', "print('a bell');"],
    ['a document', 'a.md', 'The bell'],
    ['an SQL comment', 'a.sql', 'select 1 -- bell'],
    ['the name of a file', 'packages/x/relay-bell.ts', ''],
  ])('is found in %s', (_, file, text) => {
    expect(wordsIn(file, text)).toEqual([expect.stringMatching(/^[01]: bell → wake-up$/)]);
  });

  it('is not found inside another word', () => {
    expect(wordsIn('a.ts', '// forward, labels, reward')).toEqual([]);
  });

  it.each([
    ['at the end of a line of a comment', '/**\n * all the\n * same\n */'],
    ['joined in a name', 'const x = allTheSame;'],
    ['with capitals', 'const x = env.ALL_THE_SAME;'],
  ])('is found %s', (_, text) => {
    expect(wordsIn('a.ts', text)).toHaveLength(1);
  });

  it('in camel case is refused as a name, not in a sentence', () => {
    expect(wordsIn('a.ts', '// Close it by hand.\nconst byHand = 8;')).toEqual([expect.stringContaining('2: by hand')]);
  });
});

describe('a word that is retired in names', () => {
  it.each([
    'const told = 1;',
    'const { told } = row;',
    'const { status: told } = row;',
    'const [first, told] = rows;',
    'for (const told of rows) {}',
    'function told() {}',
    'const run = (told) => 1;',
    'const run = ({ told = null }: Options) => 1;',
    'const run = async (a: string, told?: Date) => 1;',
    'rows.map((told) => told.id);',
    'interface Row { told: string }',
    'interface Row { told?(): void }',
    'class Row { #told = 1; }',
    'class Row { async told(): Promise<void> {} }',
    'return { told: 1 };',
    'type Told = string;',
    "import { x as told } from './x.ts';",
    'const toldAt = 1;',
    'class NotTold {}',
  ])('is found in %s', (code) => {
    expect(wordsIn('a.ts', code)).toEqual([expect.stringContaining('told')]);
  });

  it.each([
    'library.told();',
    'const x = told ? 1 : 2;',
    'const x = is ? told : other;',
    'switch (x) { case told: break; }',
    "import { told } from 'library';",
    "const x = 'told';",
    'const x = /told: "/;',
    'const x = `told: `;',
    '// told: when a person reads it',
  ])('is not found in %s', (code) => {
    expect(wordsIn('a.ts', code)).toEqual([]);
  });

  it('is allowed where the API, stored data or the trade uses it', () => {
    expect(wordsIn('a.ts', 'return { workers_told: 1, host_not_told: 2, watchUntil: 3, ...rest };')).toEqual([]);
    expect(wordsIn('a.ts', 'const wellKnown = 1; function f({ a, ...rest }) {}')).toEqual([]);
  });

  it('`is` is refused as a discriminant, `nothing` as a function', () => {
    expect(wordsIn('a.ts', "type A = { is: 'x' }; const nothing = () => {}; const isOpen = x is String;")).toEqual([
      '1: is → kind (a discriminant)',
      '1: nothing → unchanged, none',
    ]);
  });

  it('is found in a CSS class', () => {
    expect(wordsIn('a.css', '.sky-grey { color: #eee; }')).toEqual([expect.stringContaining('sky')]);
  });
});

describe('a phrase that hides the subject', () => {
  it('is found in a comment and in a message, not in a name', () => {
    expect(wordsIn('a.ts', "// Retried by itself.\nlog.info('Redis is away');\nconst byItself = 1;")).toEqual([
      '1: by itself → automatically',
      '2: is away → is unavailable, is offline',
    ]);
  });

  it('is allowed when it means something else', () => {
    expect(wordsIn('a.md', 'The number is out of range.')).toEqual([]);
  });
});
