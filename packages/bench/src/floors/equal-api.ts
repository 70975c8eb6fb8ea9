import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { Queue } from 'bullmq';
import express, { type Request } from 'express';
import { config, database, listenForReplies, queueConnection, serve } from './floor.ts';

/** The api of the equal floor. Every statement is one round trip and one commit. README.md lists its guarantees. */
const channel = `equal:reply:${process.pid}`;
const reply = await listenForReplies(channel);
const connection = { connection: queueConnection(), prefix: config.queuePrefix };
const charges = new Queue('charge', connection);
const webhooks = new Queue('verify', connection);
const job = { removeOnComplete: true, removeOnFail: 5_000 };
const clients = new Map([[sha256(config.apiKey), { id: 'bench', tenant: config.tenant }]]);

const create = {
  name: 'create',
  // One statement, so that the order's lock, the host's row, the payment, its attempt and the caller's key are atomic.
  text: `with bill as (
      select o.id, t.code as store_id, o.order_no, o.grand_total - o.paid_total as due from pos.orders o
      join pos.outlets t on t.id = o.outlet_id
      where o.id = $1 and t.merchant_id = $2 and o.status in ('open', 'awaiting_payment') and o.deleted_at is null for update of o),
    items as (
      select jsonb_agg(jsonb_build_object('sku', i.sku, 'name', i.name, 'quantity', i.qty) order by i.line_no) as items, sum(i.line_total) as total
      from pos.order_items i where i.order_id = $1 and i.voided_at is null),
    host as (
      insert into pos.payments (id, order_id, method, amount, status, external_ref, created_at, updated_at)
      select gen_random_uuid(), id, 'qris', due, 'pending', $4, $8, $8 from bill),
    payment as (
      insert into floor.payments (id, order_id, store_id, order_number, status, amount, reference, items, expires_at, created_at)
      select $3, id, store_id, order_no, 'created', due, $4, items, $9, $8 from bill, items where total is not null
      returning id, order_id, store_id, order_number, amount),
    attempt as (insert into floor.attempts (reference, payment_id, status, started_at) select $4, id, 'sending', $8 from payment),
    key as (
      insert into floor.idempotency_keys (client_id, key, fingerprint, payment_id, expires_at)
      select $5, $6, $7, id, $8::timestamptz + interval '72 hours' from payment)
    select store_id, order_number, amount from payment`,
};

const storeWebhook = {
  name: 'keep',
  text: `insert into floor.inbox (delivery_key, raw, reference, received_at) values ($1, $2, $3, $4) on conflict do nothing returning id`,
};

const app = express();
app.disable('x-powered-by').set('etag', false);

app.post('/transaction/payments', express.json(), async (req, res) => {
  const client = clients.get(sha256(req.headers.authorization?.slice('Bearer '.length) ?? ''));
  if (!client) return void res.status(401).json({ code: 'unauthenticated' });
  const { order_id: orderId, expires_in: expiresIn = 900 } = req.body as { order_id: string; expires_in?: number };
  const [id, now] = [randomUUID(), new Date()];
  const reference = `${id}-1`;
  const expiresAt = new Date(now.getTime() + expiresIn * 1_000);
  const fingerprint = sha256(JSON.stringify([orderId, expiresIn]));
  const qr = reply(id);
  const { rows } = await database.query({
    ...create,
    values: [orderId, client.tenant, id, reference, client.id, req.headers['idempotency-key'], fingerprint, now, expiresAt],
  });
  const [made] = rows;
  if (!made) return void res.status(404).json({ code: 'order_not_found' });
  await charges.add('charge', { id, reference, amount: made.amount, replyTo: channel }, job);
  res.status(201).json({
    payment_id: id,
    transaction_id: reference,
    store_id: made.store_id,
    order_id: orderId,
    order_number: made.order_number,
    status: 'pending',
    amount: made.amount,
    currency: 'IDR',
    qr_string: await qr,
    expires_at: expiresAt.toISOString(),
    created_at: now.toISOString(),
  });
});

app.post('/webhooks/midtrans', express.raw({ type: () => true }), async (req: Request<object, object, Buffer>, res) => {
  const notice = JSON.parse(req.body.toString()) as Record<
    'order_id' | 'status_code' | 'gross_amount' | 'signature_key' | 'transaction_status',
    string
  >;
  const signed = createHash('sha512')
    .update(`${notice.order_id}${notice.status_code}${notice.gross_amount}${config.serverKey}`)
    .digest('hex');
  if (signed.length !== notice.signature_key.length || !timingSafeEqual(Buffer.from(signed), Buffer.from(notice.signature_key)))
    return void res.status(401).json({ code: 'unauthenticated' });
  const { rows } = await database.query({
    ...storeWebhook,
    values: [`${notice.order_id} ${notice.status_code} ${notice.transaction_status}`, req.body, notice.order_id, new Date()],
  });
  if (rows[0]) await webhooks.add('verify', { inboxId: rows[0].id, reference: notice.order_id }, job);
  res.json({ received: true });
});

serve(app);

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
