import { connectDatabase } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import { signedWebhook } from '../limits/attacks.ts';

export const serverKey = 'SB-Mid-server-soak-hostile';

/** What an attacker knows: keys of another tenant, keys that are not valid any more, and much about a victim that is no secret. */
export interface Loot {
  /** Keys of the attacker's tenant, with all scopes. Several, because each has a limit of requests. */
  keys: string[];
  /** A key of a till of the attacker, whose orders come by API. */
  tillKey: string;
  /** Revoked, expired, of another store, of another scope. None may do what is asked with it. */
  invalidKeys: string[];
  eventsKey: string;
  own: Known;
  victim: Known;
  /** A stream token and the signature of a QR link that were valid for the victim, to tamper with. */
  streamToken: string;
  qrSignature: string;
  /** A cursor of the attacker's own list. */
  cursor: string;
  /** A genuine webhook about the victim's payment. */
  webhook: Record<string, string>;
  operator: string;
  /** Texts that only the victim may see. */
  secrets: string[];
}

interface Known {
  store: string;
  orders: string[];
  payments: string[];
}

export async function prepareLoot(stack: TestStack): Promise<Loot> {
  const { tenant, store, url } = await otherTenantOf(stack);
  const db = connectDatabase(url, { name: 'soak' });
  const keyOf = (client: Partial<clients.NewClient>) =>
    clients.create(db.knex, { name: 'attacker', host: 'pos', tenant, stores: null, scopes: [...clients.scopes], ...client }, new Date());
  const keys = [];
  for (let n = 0; n < 8; n++) keys.push((await keyOf({})).secret);
  const revoked = await keyOf({});
  await clients.revoke(db.knex, revoked.id, new Date());
  const expired = await keyOf({ expiresAt: new Date(Date.now() - 60_000) });
  const eventsKey = (await keyOf({ scopes: ['events'] })).secret;
  const tillKey = (await keyOf({ host: 'till', tenant: 'hostile' })).secret;
  await db.close();

  const [victim, own] = [stack.till(), stack.till(keys[0])];
  await eventually(async () => (await stack.till(tillKey).get('pay_01jd0000000000000000000000')).status === 404); // the last key is known
  const ownOrders = [];
  for (let n = 0; n < 6; n++) ownOrders.push(await anOrder(stack.pos, { outlet: store }));
  const ownPayments = [];
  for (const order of ownOrders.slice(0, 3)) ownPayments.push((await own.create(order)).body.payment_id);
  const order = await anOrder(stack.pos);
  const payment = (await victim.create(order)).body;
  const { body: granted } = await victim.request<{ token: string }>('POST', '/stores/JKT-01/stream-token');
  const { body: list } = await own.request<{ next_cursor: string }>('GET', '/transaction/payments?limit=1');
  // Nothing may change automatically while requests without rights are sent.
  for (const id of ownPayments) await stack.simulator.pay((await own.get(id)).body.transaction_id);
  await stack.simulator.pay(payment.transaction_id);
  for (const id of ownPayments) await eventually(async () => (await own.get(id)).body.status === 'paid');
  await eventually(async () => (await victim.get(payment.payment_id)).body.status === 'paid');
  await eventually(async () => (await stack.pos.query('select 1 from gateway.outbox where published_at is null')).rowCount === 0);
  return {
    keys,
    tillKey,
    invalidKeys: [revoked.secret, expired.secret],
    eventsKey,
    own: { store, orders: ownOrders, payments: ownPayments },
    victim: { store: 'JKT-01', orders: [order], payments: [payment.payment_id] },
    streamToken: granted.token,
    qrSignature: new URL(payment.qr_image_url ?? '').searchParams.get('sig') ?? '',
    cursor: list.next_cursor,
    webhook: signedWebhook(payment.transaction_id, payment.amount, serverKey),
    operator: stack.operator.user,
    secrets: [payment.transaction_id, payment.qr_string ?? ''],
  };
}

async function otherTenantOf({ pos }: TestStack): Promise<{ tenant: string; store: string; url: string }> {
  const { rows } = await pos.query<{ tenant: string; code: string }>(
    `select merchant_id::text as tenant, min(code) as code from pos.outlets
     where merchant_id <> (select merchant_id from pos.outlets where code = 'JKT-01') group by merchant_id order by merchant_id limit 1`,
  );
  return { tenant: rows[0]?.tenant ?? '', store: rows[0]?.code ?? '', url: String(pos.options.connectionString) };
}
