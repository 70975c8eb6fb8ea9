import { connectDatabase, type Database } from '@gateway/shared/postgres';
import type { ProviderAccount } from '@gateway/shared/provider';
import { plusMs } from '@gateway/shared/runtime';
import { payments } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { flushTestRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder, lockOrderRow } from '@gateway/testing/pos/pos-orders';
import { type Till, tillAt } from '@gateway/testing/stack/till';
import { aPayment } from '@gateway/testing/worker/payment-fixture';

const midtrans: ProviderAccount = {
  provider: 'midtrans',
  id: 'default',
  baseUrl: 'http://127.0.0.1:1',
  mode: 'test',
  secretKey: 'key',
  webhookSecrets: ['key'],
};
const async = { prefer: 'respond-async' };
let api: ApiHarness;
let till: Till;
let others: Database; // the connections of the POS software, and of the test
beforeAll(async () => {
  await flushTestRedis();
  api = await startApiHarness({ accounts: [midtrans] });
  till = tillAt(api.url, api.key);
  others = connectDatabase(api.databaseUrl, { name: 'others' });
});
afterAll(async () => {
  await others?.close();
  await api?.close();
});

/** A payment whose QR is on display. @param checkedAt when the provider last answered about it */
async function displayed(checkedAt: Date | null): Promise<string> {
  const now = api.clock.now();
  const payment = aPayment({ tenant: api.tenant, createdAt: now, expiresAt: plusMs(now, 900_000) });
  await payments.insert(api.db.pool, payment);
  await api.db.pool.query(
    `with attempt as (
       insert into gateway.attempts (payment_id, no, provider, account, reference, status, started_at) select id, 1, 'midtrans', 'default', reference || '-1', 'open', created_at
       from gateway.payments where id = $1)
     update gateway.payments set status = 'pending', qr_string = 'QR', shown_attempt = 1, check_at = $2, checked_at = $3 where id = $1`,
    [payment.id, plusMs(now, 3_000), checkedAt],
  );
  return payment.id;
}
const rowsOf = async (ids: readonly string[]) =>
  (
    await api.db.pool.query<{ leaseNo: number; checkAt: Date }>(
      'select lease_no as "leaseNo", check_at as "checkAt" from gateway.payments where id = any ($1) order by check_at',
      [ids],
    )
  ).rows;

describe('a till’s key that loops check', () => {
  it('is answered from what is known within the shortest poll interval of the account, and the provider is not asked', async () => {
    const id = await displayed(api.clock.now());
    api.clock.advance(2_900);
    expect(await till.check(id)).toMatchObject({ status: 200, body: { status: 'pending' } });
    expect(await rowsOf([id])).toMatchObject([{ leaseNo: 0 }]);
    api.clock.advance(100);
    expect((await till.check(id, async)).status).toBe(202); // no worker answers here
    expect(await rowsOf([id])).toMatchObject([{ leaseNo: 1 }]);
  });

  it('has one question in each poll slot, however many payments it checks', async () => {
    api.clock.advance(60_000);
    const ids = await Promise.all(Array.from({ length: 10 }, () => displayed(null)));
    await Promise.all(ids.map((id) => till.check(id, async)));
    const now = api.clock.now();
    const later = (await rowsOf(ids)).map(({ checkAt }) => checkAt.getTime() - now.getTime()).filter((ms) => ms < 5_000); // 5 s: the lease of the one that runs
    expect(later).toHaveLength(9);
    for (const [index, ms] of later.slice(1).entries()) expect(ms - (later[index] as number)).toBe(200);
  });
});

describe('a till’s key that loops create and cancel', () => {
  it('gets ten payments of one order in a minute, and another order is not limited', async () => {
    const order = await anOrder(api.db.pool);
    const made: number[] = [];
    let refused: Awaited<ReturnType<Till['create']>> | undefined;
    for (let n = 0; n < 14; n++) {
      const created = await till.create(order, async);
      if (created.status === 429) refused = created;
      else {
        made.push(created.status);
        await till.cancel(created.body.payment_id, async);
      }
    }
    expect(made).toHaveLength(10);
    expect(refused?.body.code).toBe('rate_limited');
    expect(Number(refused?.headers.get('retry-after'))).toBe(60);
    expect((await till.create(await anOrder(api.db.pool), async)).status).toBe(202);
    const unlock = await lockOrderRow(others.pool, order);
    expect((await till.create(order, async)).status).toBe(429); // known already, without the order
    await unlock();
    api.clock.advance(60_000);
    expect((await till.create(order, async)).status).toBe(202);
  });
});

describe('a locked order that is asked for sixty times at once', () => {
  it('takes one connection, is refused to all with Retry-After, and other tills get their payments meanwhile', async () => {
    const order = await anOrder(api.db.pool);
    const free = await anOrder(api.db.pool);
    const unlock = await lockOrderRow(others.pool, order);
    const answers = Promise.all(Array.from({ length: 60 }, () => till.create(order, async)));
    await eventually(async () => (await waitingForLocks()) === 1);
    expect(await waitingForLocks()).toBeLessThanOrEqual(1); // none when its wait has just ended
    expect((await till.create(free, async)).status).toBe(202);
    for (const answer of await answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: 'order_busy' } });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    await unlock();
    expect((await till.create(order, async)).status).toBe(202);
  });

  it('is given to all when its lock is free again at once: they get the same payment', async () => {
    const order = await anOrder(api.db.pool);
    const answers = await Promise.all(Array.from({ length: 15 }, () => till.create(order, async)));
    expect(new Set(answers.map(({ body }) => body.payment_id)).size).toBe(1);
  });
});

async function waitingForLocks(): Promise<number> {
  const { rows } = await others.pool.query<{ count: number }>(
    `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}
