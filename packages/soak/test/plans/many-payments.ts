import type { Client } from 'pg';

/**
 * Fills the gateway's and the host's tables with `count` payments of the last sixty days: orders, attempts, events and webhooks. One
 * in ten is refunded, one in twenty has a discrepancy, and the newest fifty have their QR on display. Takes 2 minutes per million.
 */
export async function loadPayments(client: Client, count: number): Promise<void> {
  await client.query('set synchronous_commit = off; set session_replication_role = replica'); // skips foreign key checks: the rows satisfy them
  await client.query('drop table if exists past');
  await client.query(
    `create unlogged table past as
     select n, md5(n::text)::uuid as order_id, 'pay_' || lpad(n::text, 26, '0') as id, 'pos-' || lpad(n::text, 26, '0') as reference,
       'S-' || n % 200 as store_id, n > $1::int - 50 as is_live, now() - ($1::int - n) * interval '60 days' / $1::int as at,
       case when n > $1::int - 50 then 'pending' when n % 100 < 80 then 'paid' when n % 100 < 95 then 'expired' when n % 100 < 99 then 'cancelled' else 'failed' end as status
     from generate_series(1, $1::int) n`,
    [count],
  );
  for (const statement of fillings) await client.query(statement);
  await client.query('drop table past');
  await client.query('set session_replication_role = default');
  await client.query('analyze');
}

const fillings = [
  `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, client_id, status, amount_idr, received_idr, recorded, residue,
      bill, qr_string, shown_attempt, hidden_at, expires_at, paid_at, check_at, watch_until, created_at, updated_at)
    select id, 'pos', 'tenant-' || n % 20, store_id, order_id::text, 'L-' || n, reference, 'cli_load', status, 55000,
      case status when 'paid' then 55000 else 0 end, 55000, 0, '{"lines": []}', 'QR', 1, case when is_live then null else at end, at + interval '15 minutes',
      case status when 'paid' then at end, case when is_live then now() when status = 'expired' and at > now() - interval '1 day' then now() + interval '1 hour' end,
      at + interval '1 day', at, at from past`,
  `insert into gateway.attempts (payment_id, no, provider, account, reference, provider_charge_id, status, paid_idr, accepted, paid_at, started_at)
    select id, 1, 'midtrans', 'default', reference || '-1', order_id::text, case when is_live then 'open' when status = 'failed' then 'rejected' else status end,
      case status when 'paid' then 55000 end, status = 'paid', case status when 'paid' then at end, at from past`,
  `insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
    select 'evt_' || lpad(n::text, 25, '0') || e, at, id, 'payment.pending', '{"status": "pending"}' from past, generate_series(1, 3) e`,
  `insert into gateway.outbox (event_id, occurred_at, store_id, seq, position, type, order_key, payment_id, published_at)
    select 'evt_' || lpad(n::text, 25, '0') || '1', at, store_id, n, n, 'payment.pending', order_id::text, id, at from past where at > now() - interval '3 days'`,
  `insert into gateway.webhook_inbox (provider, account, delivery_key, raw, reference, reported_status, received_at, verdict, processed_at)
    select 'midtrans', 'default', reference, '{}', reference || '-1', 'paid', at, 'applied', at from past where not is_live`,
  `insert into gateway.refunds (id, payment_id, attempt_no, reference, amount_idr, status, cause, reason, created_at, updated_at, finished_at)
    select 'ref_' || lpad(n::text, 26, '0'), id, 1, reference || '-r1', 1000, 'succeeded', 'client', 'cold', at, at, at from past where n % 10 = 0`,
  `insert into gateway.discrepancies (payment_id, attempt_no, reason, opened_at, closed_at, closed_by) select id, 1, 'overpaid', at, at, 'operator' from past where n % 20 = 0`,
  `insert into gateway.host_writes (payment_id, step, created_at, done_at) select id, 'paid', at, at from past where n % 20 = 1`,
  `insert into gateway.releases (host, order_key, payment_id, release, released_at) select 'pos', order_id::text, id, 1, at from past where status = 'paid'`,
  `insert into gateway.idempotency_keys (client_id, operation, key, fingerprint, resource_id, created_at, expires_at)
    select 'cli_load', 'create-payment', id, 'f', id, at, at + interval '72 hours' from past where at > now() - interval '72 hours'`,
  `insert into pos.orders (id, outlet_id, order_no, status, subtotal, grand_total, paid_total, updated_at)
    select order_id, (select id from pos.outlets order by code limit 1), 'L-' || n, case status when 'paid' then 'paid' else 'open' end::pos.order_status, 55000, 55000,
      case status when 'paid' then 55000 else 0 end, at from past`,
  `insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total) select order_id, 1, 'Nasi Goreng', 1, 55000, 55000 from past`,
  `insert into pos.payments (id, order_id, method, amount, status, external_ref, updated_at)
    select order_id, order_id, 'qris', 55000, case when is_live then 'pending' when status = 'paid' then 'settled' else 'expired' end::pos.payment_status, reference, at from past`,
];
