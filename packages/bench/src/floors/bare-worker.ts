import { Worker } from 'bullmq';
import { announce, concurrency, config, database, logError, makeCharge, queueConnection, redis } from './floor.ts';

/** The worker of the bare floor. It applies a webhook without verification, and publishes its event once. */
const show = { name: 'show', text: `update floor.payments set status = 'pending', qr_string = $2 where id = $1` };
const settle = {
  name: 'settle',
  text: `with payment as (
      update floor.payments set status = 'paid', paid_at = $2 where reference = $1 returning id, order_id, store_id, amount),
    host as (
      update pos.orders o set status = 'paid', paid_total = p.amount, updated_at = $2 from payment p where o.id = p.order_id)
    select * from payment`,
};

const queue = { connection: queueConnection(), prefix: config.queuePrefix, concurrency, removeOnComplete: { count: 0 } };

new Worker<{ id: string; amount: number; replyTo: string }>(
  'charge',
  async ({ data: { id, amount, replyTo } }) => {
    const { qr_string: qr } = await makeCharge(id, amount);
    await database.query({ ...show, values: [id, qr] });
    void redis.publish(replyTo, JSON.stringify({ paymentId: id, qr }));
  },
  queue,
).on('failed', logError);

new Worker<{ reference: string }>(
  'settle',
  async ({ data: { reference } }) => {
    const { rows } = await database.query({ ...settle, values: [reference, new Date()] });
    for (const { id, order_id, store_id, amount } of rows)
      void redis.publish(
        `order:channel:${store_id}`,
        JSON.stringify({ type: 'order.paid', payment_id: id, order_id, amount, status: 'paid' }),
      );
  },
  queue,
).on('failed', logError);

announce();
