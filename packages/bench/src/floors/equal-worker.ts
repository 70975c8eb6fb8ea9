import { randomUUID } from 'node:crypto';
import { Worker } from 'bullmq';
import {
  announce,
  callProvider,
  concurrency,
  config,
  connect,
  database,
  logError,
  makeCharge,
  queueConnection,
  redis,
  type WireCharge,
} from './floor.ts';

/** The worker of the equal floor, which also publishes. An event gets its sequence number in the transaction that inserts it. */
const show = {
  name: 'show',
  text: `with payment as (
      update floor.payments set status = 'pending', qr_string = $2 where id = $1 and status = 'created'
      returning id, store_id, order_id, order_number, reference, amount),
    attempt as (
      update floor.attempts a set status = 'open', provider_charge_id = $3, answered_at = $4 from payment p where a.reference = p.reference),
    store as (
      update floor.stores s set last_seq = last_seq + 1 from payment p where s.store_id = p.store_id returning s.store_id, s.last_seq as seq)
    insert into floor.events (event_id, store_id, seq, type, payload, occurred_at)
    select $5::uuid, store_id, seq, 'payment.pending', jsonb_build_object('event_id', $5::uuid, 'seq', seq, 'type', 'payment.pending', 'occurred_at', $4::timestamptz,
      'store_id', store_id, 'order_id', p.order_id, 'order_number', p.order_number, 'payment_id', p.id, 'transaction_id', p.reference,
      'status', 'pending', 'amount', p.amount, 'currency', 'IDR'), $4
    from payment p join store using (store_id)
    returning store_id, seq, payload::text`,
};

const settle = {
  name: 'settle',
  // Locks the order first, as a create does.
  text: `with bill as (
      select o.id, p.reference, p.amount from floor.attempts a
      join floor.payments p on p.id = a.payment_id join pos.orders o on o.id = p.order_id
      where a.reference = $1 for update of o),
    host_payment as (
      update pos.payments h set status = 'settled', paid_at = $3, updated_at = $3 from bill
      where h.external_ref = bill.reference and h.status in ('pending', 'failed', 'expired') returning h.order_id),
    host_order as (
      update pos.orders o set status = 'paid', paid_total = o.paid_total + $2, version = o.version + 1, updated_at = $3 from host_payment h
      where o.id = h.order_id and o.status in ('open', 'awaiting_payment') and o.grand_total - o.paid_total = $2 returning o.id),
    payment as (
      update floor.payments p set status = 'paid', paid_at = $3 from host_order o
      where p.order_id = o.id and p.reference = $1 and p.status in ('created', 'pending', 'expired', 'cancelled', 'failed')
      returning p.id, p.store_id, p.order_id, p.order_number, p.reference, p.amount, p.items),
    attempt as (update floor.attempts a set status = 'paid', paid = $2, answered_at = $3 from payment p where a.reference = p.reference),
    inbox as (update floor.inbox set processed_at = $3, verdict = 'applied' where id = $4),
    store as (
      update floor.stores s set last_seq = last_seq + 2 from payment p where s.store_id = p.store_id returning s.store_id, s.last_seq)
    insert into floor.events (event_id, store_id, seq, type, payload, occurred_at)
    select e.id, store_id, last_seq + e.step, e.type, jsonb_build_object('event_id', e.id, 'seq', last_seq + e.step, 'type', e.type,
      'occurred_at', $3::timestamptz, 'store_id', store_id, 'order_id', p.order_id, 'order_number', p.order_number, 'payment_id', p.id,
      'transaction_id', p.reference, 'status', 'paid', 'amount', p.amount, 'currency', 'IDR', 'data', case e.step when 0 then jsonb_build_object('items', p.items) end), $3
    from payment p join store using (store_id), (values ($5::uuid, -1, 'payment.paid'), ($6::uuid, 0, 'order.paid')) as e (id, step, type)
    returning store_id, seq, payload::text`,
};

interface PublishedEvent {
  store_id: string;
  seq: number;
  payload: string;
}

/** Marks published events. A lost mark only publishes an event again, so the commit does not wait for the disk. */
const mark = {
  name: 'mark',
  text: 'update floor.events set published_at = now() where (store_id, seq) in (select * from unnest($1::text[], $2::bigint[]))',
};
const asyncCommit = connect({ max: 1, options: '-c synchronous_commit=off' });
let toMark: PublishedEvent[] = [];

function publish(events: PublishedEvent[]): void {
  for (const { store_id, payload } of events) void redis.publish(`order:channel:${store_id}`, payload);
  if (toMark.length === 0) setTimeout(markAll, 20);
  toMark.push(...events);
}

async function markAll(): Promise<void> {
  const marked = toMark;
  toMark = [];
  await asyncCommit.query({ ...mark, values: [marked.map(({ store_id }) => store_id), marked.map(({ seq }) => seq)] });
}

const queue = { connection: queueConnection(), prefix: config.queuePrefix, concurrency, removeOnComplete: { count: 0 } };

new Worker<{ id: string; reference: string; amount: number; replyTo: string }>(
  'charge',
  async ({ data: { id, reference, amount, replyTo } }) => {
    const charge = await makeCharge(reference, amount);
    const { rows } = await database.query<PublishedEvent>({
      ...show,
      values: [id, charge.qr_string, charge.transaction_id, new Date(), randomUUID()],
    });
    if (rows.length > 0) void redis.publish(replyTo, JSON.stringify({ paymentId: id, qr: charge.qr_string }));
    publish(rows);
  },
  queue,
).on('failed', logError);

new Worker<{ inboxId: number; reference: string }>(
  'verify',
  async ({ data: { inboxId, reference } }) => {
    const charge = await callProvider<WireCharge>('GET', `/v2/${reference}/status`);
    if (charge.transaction_status !== 'settlement') throw new Error('not paid yet: the job is retried');
    const values = [reference, Number(charge.gross_amount), new Date(), inboxId, randomUUID(), randomUUID()];
    publish((await database.query<PublishedEvent>({ ...settle, values })).rows);
  },
  queue,
).on('failed', logError);

announce();
