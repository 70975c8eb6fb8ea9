import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectDatabase } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { megabytesOf } from './limits/costs.ts';
import { percentile } from './limits/honest-tills.ts';
import { type Answer, type Load, startLoad } from './overload/load.ts';
import { momentsOf } from './overload/moments.ts';

/** `npm run soak:overload -- --seconds=20 --tills=64`. Only by this command: beside other tests its times say nothing. */
const seconds = Number(process.env.SOAK_SECONDS ?? 0);
const tills = Number(process.env.SOAK_TILLS ?? 64);
const describeInFull = seconds > 0 ? describe : describe.skip;
jest.setTimeout(300_000 + seconds * 20_000);

const [own, other] = ['JKT-01', 'SBY-01'];

describeInFull('with more new payments than the gateway can make', () => {
  let stack: TestStack;
  let load: Load;
  let keys: [string, string];
  const megabytes: number[] = [];

  beforeAll(async () => {
    stack = await startTestStack({ environment: { LATENCY_MS: '50', CREATE_LIMIT_MS: '9500' } });
    load = startLoad();
    keys = ['sk_test_pos_demo', await keyOfAnotherTenant()];
    await run(15, { tills }); // warms up
  });
  afterAll(async () => {
    load?.close();
    await stack?.stop();
  });

  const run = async (forSeconds: number, ...paces: ({ perSecond: number } | { tills: number })[]) => {
    const demands = [];
    for (const [n, pace] of paces.entries())
      demands.push({ key: keys[n] as string, pace, orderIds: await placeOrders(n === 0 ? own : other, orderCount(pace, forSeconds)) });
    const result = await load.run(stack.api, demands, forSeconds);
    const { answers } = result;
    if (answers.flat().some(({ status }) => status !== 201)) process.stderr.write(`${momentsOf(result)}\n`);
    megabytes.push(...Object.values(megabytesOf(stack)));
    return answers as [Answer[], Answer[]];
  };

  it('accepted creates take at most twice as long (p99) as at capacity, and the others are refused within 100 ms with Retry-After', async () => {
    const [atCapacity] = await run(seconds, { tills });
    print('at capacity', atCapacity, seconds);
    const perSecond = madeOf(atCapacity).length / seconds;
    const p99 = percentile(msOf(madeOf(atCapacity)), 0.99);
    for (const times of [2, 5]) {
      const [answers] = await run(seconds, { perSecond: perSecond * times });
      print(`${times} × capacity`, answers, seconds);
      const recoveredMs = await recovery(percentile(msOf(madeOf(atCapacity)), 0.5));
      process.stderr.write(`well again after ${Math.round(recoveredMs)} ms\n`);
      expect(recoveredMs).toBeLessThan(10_000);
      const refused = answers.filter(({ status }) => status === 429 || status === 503);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201, 429]));
      expect(refused.every(({ hasRetryAfter }) => hasRetryAfter)).toBe(true);
      expect(percentile(msOf(refused), 0.99)).toBeLessThan(100);
      expect(percentile(msOf(madeOf(answers)), 0.99) / p99).toBeLessThan(2);
    }
  });

  it("one tenant's flood does not make another's creates slower than half as much again (p99)", async () => {
    const [all] = await run(seconds, { tills });
    const perSecond = madeOf(all).length / seconds;
    const usual = { perSecond: perSecond * 0.2 };
    const [, before] = await run(seconds, { perSecond: perSecond * 0.7 }, usual);
    const [flood, beside] = await run(seconds, { perSecond: perSecond * 5 }, usual);
    print('the other tenant at capacity', before, seconds);
    print('the flood', flood, seconds);
    print('the other tenant beside the flood', beside, seconds);
    expect(beside.filter(({ status }) => status !== 201)).toEqual([]);
    expect(percentile(msOf(beside), 0.99) / percentile(msOf(before), 0.99)).toBeLessThan(1.5);
  });

  it('no process grows past the memory of its container', () => {
    expect(Math.max(...megabytes)).toBeLessThan(512);
  });

  /** How long until creates of one till are as fast as half of those at capacity, milliseconds. */
  async function recovery(usualMs: number): Promise<number> {
    const since = performance.now();
    await eventually(async () => {
      const [answers] = await run(0.2, { tills: 1 });
      return answers.every(({ status, ms }) => status === 201 && ms < usualMs);
    });
    return performance.now() - since;
  }

  async function placeOrders(outlet: string, count: number): Promise<string[]> {
    const { rows } = await stack.pos.query<{ id: string }>(
      `with placed as (
         insert into pos.orders (id, outlet_id, order_no, status, subtotal, grand_total, updated_at)
         select gen_random_uuid(), o.id, 'O-' || left(gen_random_uuid()::text, 13), 'open', 55000, 55000, now()
         from pos.outlets o, generate_series(1, $2) where o.code = $1 returning id),
       lines as (
         insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total)
         select id, 1, 'MKN-001', 'Nasi Goreng Kampung', 1, 55000, 55000 from placed)
       select id from placed`,
      [outlet, count],
    );
    return rows.map(({ id }) => id);
  }

  async function keyOfAnotherTenant(): Promise<string> {
    const { databases } = JSON.parse(readFileSync(path.join(stack.dataDir, 'stack.json'), 'utf8')) as { databases: { pos: string } };
    const { rows } = await stack.pos.query<{ tenant: string }>('select merchant_id::text as tenant from pos.outlets where code = $1', [
      other,
    ]);
    const db = connectDatabase(databases.pos, { name: 'soak' });
    const client = { name: 'flood', host: 'pos', tenant: rows[0]?.tenant ?? '', stores: null, scopes: ['payments' as const] };
    const { secret } = await clients.create(db.knex, client, new Date());
    await db.close();
    await eventually(async () => (await stack.till(secret).get('pay_01jd0000000000000000000000')).status === 404);
    return secret;
  }
});

const orderCount = (pace: { perSecond: number } | { tills: number }, forSeconds: number): number =>
  Math.ceil('tills' in pace ? 400 * forSeconds + pace.tills : pace.perSecond * forSeconds * 1.1 + 100);

const madeOf = (answers: Answer[]): Answer[] => answers.filter(({ status }) => status === 201);
const msOf = (answers: Answer[]): number[] => answers.map(({ ms }) => ms);

function print(name: string, answers: Answer[], forSeconds: number): void {
  const made = msOf(madeOf(answers));
  const refused = msOf(answers.filter(({ status }) => status !== 201));
  const times = (of: number[]) => [0.5, 0.99, 1].map((share) => percentile(of, share).toFixed(0)).join(' / ');
  process.stderr.write(
    `${name}: ${(answers.length / forSeconds).toFixed(0)} a second, made ${(made.length / forSeconds).toFixed(0)} a second in ${times(made)} ms (p50 / p99 / max), ` +
      `${refused.length} refused in ${times(refused)} ms; ${[...new Set(answers.map(({ status }) => status))].join(', ')}\n`,
  );
}
