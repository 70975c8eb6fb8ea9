import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import fc from 'fast-check';

/** `npm run soak:hostile-orders -- --bodies=10000` */
const bodies = Number(process.env.SOAK_BODIES ?? 400);

let api: ApiHarness;
let key: string;
beforeAll(async () => {
  api = await startApiHarness({ clientRequestsPerSecond: 100_000 });
  key = (await api.keyFor({ host: 'till', tenant: 'hostile' })).secret;
});
afterAll(() => api.close());

const valid = {
  number: 'A',
  table: '7',
  type: 'dine_in',
  note: null,
  lines: [{ sku: null, name: 'Soto', quantity: 1, unit_price: 1_000, total: 1_000, note: null }],
  charges: [{ kind: 'tax', name: null, amount: 100 }],
  total: 1_100,
  metadata: { cashier: 'Sari' },
};

const numbers = [Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, -1, 0.1, 1e21, -1e12 - 1, 1e12 + 1, 2 ** 63, Number.MIN_VALUE];
const deep = (levels: number): unknown => (levels === 0 ? 'x' : { a: [deep(levels - 1)] });
const texts = ['', ' ', '\0', '\u0000\u0007', '\ud800', '\udfff\ud83d', '\u202e', 'x'.repeat(1_001), '\u{1f35c}'.repeat(501), `'; drop`];
const rubbish = fc.oneof(
  fc.constantFrom<unknown>(
    ...numbers,
    ...texts,
    null,
    true,
    [],
    {},
    [[]],
    deep(3),
    deep(40),
    deep(400),
    { __proto__: 1 },
    'NaN',
    '1e3',
    '1000',
  ),
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

/** Every path of the valid body, each with its parents. */
const paths: readonly (readonly (string | number)[])[] = [
  ...Object.keys(valid).map((name) => [name]),
  ...Object.keys(valid.lines[0] as object).map((name) => ['lines', 0, name]),
  ...Object.keys(valid.charges[0] as object).map((name) => ['charges', 0, name]),
  ['metadata', 'cashier'],
  ['unknown'],
  ['__proto__'],
  ['constructor'],
];

function withValueAt(path: readonly (string | number)[], value: unknown): unknown {
  const copy = structuredClone(valid) as Record<string | number, unknown>;
  const parent = path.slice(0, -1).reduce<Record<string | number, unknown>>((at, step) => at[step] as typeof copy, copy);
  Object.defineProperty(parent, path.at(-1) as string, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

const body = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...paths), rubbish).map(([path, value]) => JSON.stringify(withValueAt(path, value))) },
  { weight: 1, arbitrary: rubbish.map((value) => JSON.stringify(value) ?? '') },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(120), fc.string({ maxLength: 3 })).map(([at, text]) => JSON.stringify(valid).slice(0, at) + text),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom('1e400', '-1e400', '9'.repeat(400), '0.'.padEnd(400, '1'))
      .map((number) => JSON.stringify(valid).replace('1100', number)),
  },
);

it(
  `${bodies} hostile bodies of a PUT: each is stored as it is shown, or is refused with a sentence and stores nothing`,
  async () => {
    let n = 0;
    await fc.assert(
      fc.asyncProperty(body, async (text) => {
        const path = `/stores/HOSTILE/orders/h-${n++}`;
        const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
        const answer = await fetch(api.url + path, { method: 'PUT', headers, body: text });
        const found = await fetch(api.url + path, { headers });
        if (answer.status === 201) {
          expect(await found.json()).toEqual(await answer.json());
          return;
        }
        const problem = (await answer.json()) as { detail: string; code: string };
        expect([answer.status, problem.code]).toEqual([expect.any(Number), expect.stringMatching(/^[a-z_]+$/)]);
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(answer.status).toBeLessThan(500);
        expect(problem.detail).toMatch(/^\S.*[.:]/s);
        expect(found.status).toBe(404);
      }),
      { numRuns: bodies, endOnFailure: false },
    );
    const { rows } = await api.db.pool.query(
      `select count(*)::int as count from till.lines l left join till.orders o using (order_key) where o.order_key is null`,
    );
    expect(rows).toEqual([{ count: 0 }]);
  },
  60_000 + bodies * 50,
);
