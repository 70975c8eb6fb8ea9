import { readFileSync } from 'node:fs';
import path from 'node:path';
import { connectDatabase } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import pg from 'pg';
import { loadPayments } from '../plans/many-payments.ts';
import { pastTenant } from '../plans/past-payments.ts';
import { type Loot, signedWebhook } from './attacks.ts';

export const serverKey = 'SB-Mid-server-soak-limits';

/** What the attacker has, and where the test looks at what it cost. */
export interface Victim {
  loot: Loot;
  tenant: string;
  /** The reference that the captured webhook is about. */
  reference: string;
  simulator: string;
  close(): Promise<void>;
}

/** Gives an attacker keys of another tenant than the demo's, ten payments, orders, and a captured webhook. */
export async function prepareVictim(stack: TestStack, pastPayments: number): Promise<Victim> {
  const file = JSON.parse(readFileSync(path.join(stack.dataDir, 'stack.json'), 'utf8')) as {
    simulator: string;
    databases: { pos: string };
  };
  if (pastPayments > 0) await loadPast(file.databases.pos, pastPayments);
  const { tenant, storeId } = await otherTenantOf(stack);
  const db = connectDatabase(file.databases.pos, { name: 'soak' });
  const keyOf = async (client: Partial<clients.NewClient>) => {
    const created = {
      name: 'attacker',
      host: 'pos',
      tenant,
      stores: null,
      scopes: ['payments', 'refunds', 'events'] as clients.Scope[],
      ...client,
    };
    return (await clients.create(db.knex, created, new Date())).secret;
  };
  const [key, eventsKey, listKey] = [await keyOf({}), await keyOf({ scopes: ['events'] }), await keyOf({ tenant: pastTenant })];
  const till = stack.till(key);
  await eventually(async () => (await till.get('pay_01jd0000000000000000000000')).status === 404);

  const orderIds: string[] = [];
  for (let n = 0; n < 12; n++) orderIds.push(await anOrder(stack.pos, { outlet: storeId }));
  const [lockedOrderId = '', ...others] = orderIds;
  const payments = [];
  for (const orderId of others.slice(1)) payments.push((await till.create(orderId)).body);
  const { transaction_id: reference = '', amount = 0 } = payments[0] ?? {};
  const loot: Loot = {
    api: stack.api,
    key,
    eventsKey,
    listKey,
    webhook: signedWebhook(reference, amount, serverKey),
    paymentIds: payments.map(({ payment_id }) => payment_id),
    orderIds: others,
    lockedOrderId,
    storeId,
    operator: stack.operator.user,
  };
  return { loot, tenant, reference, simulator: file.simulator, close: () => db.close() };
}

async function otherTenantOf({ pos }: TestStack): Promise<{ tenant: string; storeId: string }> {
  const { rows } = await pos.query<{ tenant: string; code: string }>(
    `select merchant_id::text as tenant, min(code) as code from pos.outlets
     where merchant_id <> (select merchant_id from pos.outlets where code = 'JKT-01') group by merchant_id order by merchant_id limit 1`,
  );
  return { tenant: rows[0]?.tenant ?? '', storeId: rows[0]?.code ?? '' };
}

/** Past payments of twenty other tenants. Their charges are not at the simulator, so none of them is polled. */
async function loadPast(databaseUrl: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await loadPayments(client, count);
  await client.query(
    `update gateway.payments set check_at = check_at + interval '1 day' where client_id = 'cli_load' and check_at is not null`,
  );
  await client.end();
}
