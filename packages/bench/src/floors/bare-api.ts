import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import express, { type Request } from 'express';
import { config, database, listenForReplies, queueConnection, serve } from './floor.ts';

/** The api of the bare floor. Its only guarantee: what it answered is on disk. */
const channel = `bare:reply:${process.pid}`;
const reply = await listenForReplies(channel);
const connection = { connection: queueConnection(), prefix: config.queuePrefix };
const charges = new Queue('charge', connection);
const webhooks = new Queue('settle', connection);
const job = { removeOnComplete: true, removeOnFail: 5_000 };

const create = {
  name: 'create',
  text: `insert into floor.payments (id, order_id, store_id, order_number, status, amount, reference, created_at)
    select $2, o.id, t.code, o.order_no, 'created', o.grand_total, $3, $4 from pos.orders o join pos.outlets t on t.id = o.outlet_id
    where o.id = $1 returning store_id, amount`,
};
const storeWebhook = {
  name: 'keep',
  text: 'insert into floor.inbox (delivery_key, raw, reference, received_at) values ($1, $2, $1, $3) returning id',
};

const app = express();
app.disable('x-powered-by').set('etag', false);

app.post('/transaction/payments', express.json(), async (req, res) => {
  const { order_id: orderId } = req.body as { order_id: string };
  const id = randomUUID();
  const qr = reply(id);
  const { rows } = await database.query({ ...create, values: [orderId, id, id, new Date()] });
  const { amount } = rows[0];
  await charges.add('charge', { id, amount, replyTo: channel }, job);
  res.status(201).json({ payment_id: id, transaction_id: id, order_id: orderId, amount, status: 'pending', qr_string: await qr });
});

app.post('/webhooks/midtrans', express.raw({ type: () => true }), async (req: Request<object, object, Buffer>, res) => {
  const { order_id: reference } = JSON.parse(req.body.toString()) as { order_id: string };
  await database.query({ ...storeWebhook, values: [reference, req.body, new Date()] });
  await webhooks.add('settle', { reference }, job);
  res.json({ received: true });
});

serve(app);
