import fc from 'fast-check';

type Json = Record<string, unknown>;

/** Unexpected values as JSON text. Each use parses the text again, so that no two answers share an object. */
const unexpectedValues = fc.oneof(
  fc.constantFrom('null', 'true', '0', '-1', '1.5', '1e308', '9007199254740991', '""', '" "', '"-5"', '"150000.5"', '"1e5"', '"NaN"'),
  fc.constantFrom(
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '["150000.00"]',
    '{"__proto__":{"status":"SUCCEEDED"}}',
    '{"constructor":"CANARY"}',
    '{"toString":1}',
  ),
  fc.constantFrom(
    '"CANARY"',
    '"2026-02-31 10:00:00"',
    '"9999-99-99 99:99:99"',
    '"SUCCEEDED"',
    '"settlement"',
    '"\\u0000"',
    '"\\ud800"',
    '"../../v2/charge"',
  ),
  fc.constant(JSON.stringify('x'.repeat(2_000))),
  fc.json({ maxDepth: 2 }),
);

const deeplyNested = ['['.repeat(200_000), `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`].map((text) => Buffer.from(text));

/** Valid answers with some of their parts, at any depth, replaced, removed or added; truncated ones; random bytes; any JSON. */
export function mutated(samples: readonly object[]): fc.Arbitrary<Buffer> {
  const texts = samples.map((sample) => JSON.stringify(sample));
  const mutations = fc.array(fc.tuple(fc.nat(), unexpectedValues, fc.constantFrom('replace', 'remove', 'add')), { maxLength: 4 });
  const text = fc
    .tuple(fc.constantFrom(...texts), mutations)
    .map(([sample, each]) =>
      each.reduce<Json>((body, [at, value, action]) => mutate(body, at, JSON.parse(value), action), JSON.parse(sample)),
    )
    .map((body) => Buffer.from(JSON.stringify(body)));
  return fc.oneof(
    { weight: 160, arbitrary: text },
    { weight: 20, arbitrary: fc.tuple(text, fc.nat(2_000)).map(([body, length]) => body.subarray(0, length)) },
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
    { weight: 20, arbitrary: fc.json().map((json) => Buffer.from(json)) },
    { weight: 1, arbitrary: fc.constantFrom(...deeplyNested) },
  );
}

function mutate(body: Json, at: number, value: unknown, action: string): Json {
  const places = placesIn(body);
  const place = places[at % Math.max(1, places.length)];
  if (action === 'add' || !place) Object.defineProperty(body, '__proto__', { value, enumerable: true, configurable: true, writable: true });
  else if (action === 'remove') delete place.object[place.field];
  else place.object[place.field] = value;
  return body;
}

function placesIn(value: unknown): { object: Json; field: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((field) => [{ object: value as Json, field }, ...placesIn((value as Json)[field])]);
}
