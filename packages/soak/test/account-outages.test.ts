import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { opsCommands } from '@gateway/ops/commands';
import { runCommand } from '@gateway/ops/test/run-command';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { PaymentBody } from '@gateway/testing/stack/till';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import { addAccounts, type Operator, openOutlets, startOperator, untilUsed } from './accounts/operator.ts';
import { p50 } from './accounts/periods.ts';
import { startTills } from './accounts/tills.ts';

/** `npm run soak:account-outages -- --control-away=600 --tills=20`; its short versions are in packages/local-stack/test/accounts.test.ts */
const awayS = Number(process.env.SOAK_CONTROL_AWAY ?? 0);
const count = Number(process.env.SOAK_TILLS ?? 20);
const describeInFull = awayS > 0 ? describe : describe.skip;
const print = (figures: object) => process.stdout.write(`${JSON.stringify(figures)}\n`);
const outlets = ['RUSH-1', 'RUSH-2', 'RUSH-3'];
const load = { outlets, count, pauseMs: 1_000 };

describeInFull('in a rush', () => {
  let control: TestDatabase;
  let proxy: TcpProxy;
  let stack: TestStack;
  let operator: Operator;
  beforeAll(async () => {
    control = await freshDatabase();
    proxy = await startTcpProxy(Number(new URL(control.url).port));
    const throughProxy = (url: string) => Object.assign(new URL(url), { port: String(proxy.port) }).href;
    stack = await startTestStack({
      environment: {
        API_PROCESSES: '2',
        WORKER_PROCESSES: '2',
        HEDGE_AFTER_MS: '10000',
        CREATE_LIMIT_MS: '9500',
        CONTROL_DATABASE_URL: throughProxy(control.serveUrl),
        CONTROL_MIGRATE_URL: throughProxy(control.url),
      },
    });
    operator = startOperator({ DATA_DIR: stack.dataDir });
    await openOutlets(stack, outlets);
    for (const outlet of outlets) {
      await addAccounts(stack, operator, outlet);
      await untilUsed(stack, outlet);
    }
  }, 120_000);
  afterAll(async () => {
    operator?.close();
    await stack?.stop();
    await proxy?.disconnect();
    await control?.drop();
  });

  const press = async (): Promise<PaymentBody> => (await stack.till().create(await anOrder(stack.pos, { outlet: 'RUSH-1' }))).body;
  const isPaid = async ({ payment_id }: PaymentBody) => (await stack.till().get(payment_id)).body.status === 'paid';

  it('an account is disabled: it makes no new charge, and its open QRs are asked about, paid and refunded; no create fails', async () => {
    const tills = startTills(stack, load);
    const open = await Promise.all(Array.from({ length: 10 }, press));
    await operator.ops('accounts disable midtrans/rush-1');
    const disabledAt = new Date();
    await delay(2_000); // what the command promises
    const { rows: clock } = await stack.pos.query('select now()');
    await stack.simulator.setDeliveryRules({ drop: 1 }); // no webhook: only asking finds the money
    for (const { transaction_id } of open) await stack.simulator.pay(transaction_id);
    for (const payment of open) await eventually(() => isPaid(payment), 60_000);
    await stack.simulator.setDeliveryRules({});
    for (const { payment_id, transaction_id } of open.slice(0, 3)) {
      const refund = { body: { amount: 55_000, reason: 'cold soup' }, headers: { 'idempotency-key': randomUUID() } };
      expect((await stack.till().request('POST', `/transaction/payments/${payment_id}/refunds`, refund)).status).toBe(202);
      await eventually(async () => (await stack.till().get(payment_id)).body.status === 'refunded', 60_000);
      expect((await stack.simulator.charges(transaction_id))[0]?.refunds).toMatchObject([{ status: 'succeeded', amount: 55_000 }]);
    }
    await tills.stop();
    const { rows } = await stack.pos.query(
      `select count(*)::int as count from gateway.attempts where account = 'rush-1' and provider = 'midtrans' and started_at > $1`,
      [clock[0].now],
    );
    print({
      creates: tills.creates.length,
      seconds_disabled: Math.round((Date.now() - disabledAt.getTime()) / 1_000),
      new_charges: rows[0].count,
    });
    expect(rows[0].count).toBe(0);
    expect(tills.creates.filter(({ status }) => status !== 201)).toEqual([]);
    await operator.ops('accounts enable midtrans/rush-1');
  }, 300_000);

  it(
    `the control database is unavailable for ${awayS} s: no create fails, every guest's money is recorded, and afterwards a change is known again`,
    async () => {
      const before = startTills(stack, load);
      await delay(20_000);
      await before.stop();
      await proxy.disconnect();
      const away = startTills(stack, load);
      await delay(awayS * 1_000);
      await away.stop();
      await proxy.reconnect();
      const after = startTills(stack, load);
      await delay(20_000);
      await after.stop();
      const create_p50_ms = [before, away, after].map(({ creates }) => Math.round(p50(creates.map(({ ms }) => ms)) * 10) / 10);
      print({ creates_while_away: away.creates.length, create_p50_ms });
      expect([before, away, after].flatMap(({ creates }) => creates.filter(({ status }) => status !== 201))).toEqual([]);
      await operator.ops('stores set RUSH-1 --providers xendit');
      await eventually(async () => {
        const { transaction_id } = await press();
        return (await stack.simulator.charges(transaction_id))[0]?.provider === 'xendit';
      });
      const report = await eventually(async () => {
        const { out } = await runCommand(opsCommands, ['audit', '--json'], { DATA_DIR: stack.dataDir });
        const parsed = JSON.parse(out) as { waiting: number; findings: object[] };
        return parsed.waiting === 0 && parsed;
      }, 60_000);
      expect(report.findings).toEqual([]);
    },
    120_000 + awayS * 1_000,
  );
});
