import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { aStoreOf } from '@gateway/testing/relay/event-fixtures';

let api: ApiHarness;
let stores: string[];
let otherStore: string;
beforeAll(async () => {
  api = await startApiHarness();
  stores = await Promise.all(['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((name) => aStoreOf(api.db, api.tenant, `READ-${name}`)));
  otherStore = await aStoreOf(api.db, api.otherTenant, 'READ-OTHER');
});
afterAll(() => api.close());

async function read(key: string, path: string): Promise<Response> {
  const answer = await fetch(`${api.url}${path}`, { headers: { authorization: `Bearer ${key}` } });
  await answer.arrayBuffer();
  return answer;
}

/** Reads `count` times, with these keys and paths in turn. @returns how many reads were served, and whose limit was reached */
async function readsOf(count: number, keys: readonly string[], paths: readonly string[]): Promise<[number, string]> {
  const refused: { status: number; retryAfter: string | null; detail: string }[] = [];
  const readOne = async (n: number): Promise<void> => {
    const answer = await fetch(`${api.url}${paths[n % paths.length]}`, { headers: { authorization: `Bearer ${keys[n % keys.length]}` } });
    const { detail = '' } = (await answer.json()) as { detail?: string };
    if (answer.status !== 200) refused.push({ status: answer.status, retryAfter: answer.headers.get('retry-after'), detail });
  };
  // Few at once, so that each waits for its turn within the tenant's share of the connections.
  for (let n = 0; n < count; n += 4) await Promise.all(Array.from({ length: Math.min(4, count - n) }, (_, more) => readOne(n + more)));
  expect(refused[0]).toMatchObject({ status: 429, retryAfter: '1' });
  return [count - refused.length, refused.at(-1)?.detail ?? ''];
}

beforeEach(() => api.clock.advance(600_000)); // every limit has its burst again

const snapshots = (count: number) => stores.slice(0, count).map((store) => `/stores/${store}/snapshot`);

it.each([
  ['store', 40, 1, 1],
  ['key', 100, 1, 7],
  ['tenant', 200, 3, 7],
])('snapshots of one %s are limited to %i at once, and another tenant is served', async (limit, most, keyCount, storeCount) => {
  const keys: string[] = [];
  while (keys.length < keyCount) keys.push((await api.keyFor({})).secret);
  expect(await readsOf(most + 5, keys, snapshots(storeCount))).toEqual([most, expect.stringContaining(`of one ${limit}.`)]);

  const { secret } = await api.keyFor({ tenant: api.otherTenant });
  expect((await read(secret, `/stores/${otherStore}/snapshot`)).status).toBe(200);
});

it('checks of payments with one key are limited to 200 at once', async () => {
  const check = async () => {
    const path = '/transaction/payments/pay_01jd0000000000000000000000/check';
    return (await fetch(`${api.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${api.key}` } })).status;
  };
  const answers: number[] = [];
  while (answers.length < 205) answers.push(...(await Promise.all([check(), check(), check(), check(), check()])));
  expect(answers.filter((status) => status === 404)).toHaveLength(200);
  expect(answers.slice(200)).toEqual([429, 429, 429, 429, 429]);
});

it.each([
  ['key', 300, 1],
  ['tenant', 400, 2],
])('lists of payments of one %s are limited to %i at once, and another tenant is served', async (limit, most, keyCount) => {
  const keys: string[] = [];
  while (keys.length < keyCount) keys.push((await api.keyFor({})).secret);
  expect(await readsOf(most + 5, keys, ['/transaction/payments?status=refunded'])).toEqual([
    most,
    expect.stringContaining(`of one ${limit}.`),
  ]);
  const { secret } = await api.keyFor({ tenant: api.otherTenant });
  expect((await read(secret, '/transaction/payments')).status).toBe(200);
});

it('lists of events are limited by store', async () => {
  expect(await readsOf(65, [api.key], [`/stores/${stores[0]}/events`])).toEqual([60, expect.stringContaining('of one store')]);
});

it('another tenant that asks for a store does not use up the limit of its owner', async () => {
  const { secret } = await api.keyFor({ tenant: api.otherTenant });
  for (let n = 0; n < 45; n++) await read(secret, `/stores/${stores[0]}/snapshot`);
  expect((await read(api.key, `/stores/${stores[0]}/snapshot`)).status).toBe(200);
});
