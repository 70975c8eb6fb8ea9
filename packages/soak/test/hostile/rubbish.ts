import type { Choices } from './seeded.ts';

const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: [deep(levels - 1)] });

const values: readonly unknown[] = [
  ...[0, -1, 0.1, 1e21, 2 ** 53, 2 ** 63, -1e12, Number.MAX_VALUE, null, true, false, [], {}, [[]], ['x'], deep(3), deep(60), deep(900)],
  ...[
    '',
    ' ',
    '\0',
    '\u0000\u0007',
    '\ud800',
    '\udfff\ud83d',
    '\u202e',
    '\u{1f35c}',
    'NaN',
    '1e3',
    '1000',
    '-0',
    '0x10',
    '../..',
    '%00',
    '%',
  ],
  ...["'; drop table gateway.payments --", '{{7*7}}', '<script>alert(1)</script>', '__proto__', 'constructor', 'null', 'undefined'],
  ...['x'.repeat(300), 'x'.repeat(20_000), '\u{1f35c}'.repeat(501), '2026-13-45T99:99:99Z', '2026-11-27T00:00:00Z', '9'.repeat(400)],
];

const texts: readonly string[] = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));

const oneOf = <T>(list: readonly T[], choices: Choices): T | string =>
  choices.chance(0.2) ? choices.token(1 + choices.below(40)) : choices.pick(list);

/** A value that no field expects, or that few do. */
const rubbishOf = (choices: Choices): unknown => oneOf(values, choices);

/** A text for a path, a query or a header: as the attacker means it, before it is escaped. */
export const rubbishText = (choices: Choices): string => oneOf(texts, choices);

/** The value with one part replaced, at any depth. */
export function changed(value: unknown, choices: Choices): unknown {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject || choices.chance(0.2)) return rubbishOf(choices);
  const names = [...Object.keys(value), 'unknown'];
  const name = choices.pick(names);
  if (Array.isArray(value)) return [...value.slice(1), changed(value[0], choices)];
  const part = changed((value as Record<string, unknown>)[name], choices);
  return { ...value, [name]: part };
}

const contentTypes = [
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/plain',
  '',
  ';;;',
];

const longest = 300_000;

/** A body as it is sent, with headers that may not fit it. */
export function hostileBody(example: unknown, choices: Choices): { body: Buffer; headers: Record<string, string> } {
  const text = JSON.stringify(choices.chance(0.1) ? example : changed(example, choices)) ?? '';
  const long = text.repeat(Math.min(3_000, Math.ceil(longest / Math.max(1, text.length)))); // no more than is sent
  const body = Buffer.from(
    choices.pick([text, text, text, text, text.slice(0, choices.below(text.length + 1)), text + text, `\ufeff${text}`, long]),
    choices.chance(0.95) ? 'utf8' : choices.pick(['utf16le', 'latin1']),
  ).subarray(0, longest);
  const type = choices.chance(0.8) ? 'application/json' : choices.pick(contentTypes);
  const encoding = choices.chance(0.95) ? {} : { 'content-encoding': choices.pick(['gzip', 'br', 'deflate', 'identity, gzip', 'x']) };
  return { body, headers: { 'content-type': type, ...encoding } };
}
