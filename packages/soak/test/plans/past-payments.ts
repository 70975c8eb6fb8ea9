/** Three years of payments: what the tables hold of them follows from how long each keeps its rows. */
const years = `interval '1095 days'`;
const recently = `interval '5 days'`; // holds the same number of payments in every database, so that the work of a day and of the outbox is the same
const recentPayments = 600;
const shownPayments = 50;
const dueIn = `interval '3 hours'`; // later than any test ends, so that no row is overdue in it

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz';

/** SQL: the first ten characters of the ULID of this time. The first two do not change between 2004 and 2039. */
const ulidTime = (ms: string): string =>
  [`'01'`, ...[7, 6, 5, 4, 3, 2, 1, 0].map((n) => `substr('${alphabet}', (${ms} >> ${5 * n} & 31)::integer + 1, 1)`)].join(' || ');

/** SQL: the tenant and the outlet of the `k`th of 200 stores `S-0` to `S-199`. The twenty tenants sort after those of the demo orders. */
const outletOf = (k: string): string => `('eeeeeeee-0000-4000-8000-' || lpad((${k})::text, 12, '0'))::uuid`;
const tenantOf = (k: string): string => `('ffffffff-0000-4000-8000-' || lpad((${k} % 20)::text, 12, '0'))`;

/** A tenant that owns a twentieth of the past payments. */
export const pastTenant = 'ffffffff-0000-4000-8000-000000000003';

/** Prepares a database for the fillings: partitions of the past, the stores, and the table `past`. */
export const preparations: readonly string[] = [
  // Of each table one expired period stays: maintenance drops it.
  `select gateway.create_partitions(date_trunc('month', now(), 'UTC') + interval '14 days' - n * interval '1 month', 0) from generate_series(0, 15) n`,
  `select gateway.create_partitions(now() - n * interval '1 day', 0) from generate_series(0, 33) n`,
  `do $$ declare part text; begin
    for part in select c.relname from gateway.retention_rules() r join pg_inherits i on i.inhparent = ('gateway.' || r.tab)::regclass join pg_class c on c.oid = i.inhrelid
      where c.relname ~ '_[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD')::timestamp at time zone 'UTC' + r.span + r.span < now() - r.keep
    loop execute format('drop table gateway.%I', part); end loop; end $$`,
  `insert into pos.outlets (id, merchant_id, code, name) select ${outletOf('k')}, ${tenantOf('k')}::uuid, 'S-' || k, 'Outlet ' || k from generate_series(0, 199) k`,
  `insert into gateway.stores (store_id, host, tenant, created_at) select 'S-' || k, 'pos', ${tenantOf('k')}, now() - ${years} from generate_series(0, 199) k`,
  'drop table if exists past',
  `create unlogged table past (n bigint, at timestamptz, status text, is_live boolean, order_id uuid, key text, store_id text, tenant text, outlet_id uuid, iso text)
     with (autovacuum_enabled = off)`,
];

/** SQL: writes the payments `$1` to `$2` of `$3` into `past`. */
export const pastRows = `insert into past
  select n, at, case when is_live then 'pending' when n % 100 < 80 then case when n % 10 = 0 then 'partially_refunded' else 'paid' end
      when n % 100 < 95 then 'expired' when n % 100 < 99 then 'cancelled' else 'failed' end,
    is_live, md5(n::text)::uuid, ${ulidTime('(extract(epoch from at) * 1000)::bigint')} || lpad(n::text, 16, '0'), 'S-' || n % 200, ${tenantOf('n')}, ${outletOf('n % 200')},
    to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
  from (select n, n > c.total - ${shownPayments} as is_live,
      case when n > c.total - ${shownPayments} then now() - (c.total - n) * interval '1 second'
        when n > c.total - c.recent then now() - interval '1 hour' - (c.total - n) * ${recently} / c.recent
        else now() - ${recently} - interval '2 hours' - (c.total - c.recent - n) * (${years} / (c.total - c.recent)) end as at
    from (select $3::bigint as total, least($3::bigint * 3 / 5, ${recentPayments}) as recent) c, lateral (select generate_series($1::bigint, $2::bigint) as n) s) p`;

const isPaid = `status in ('paid', 'partially_refunded')`;
/** SQL: what the guest's app shows as the number of the payment. */
const receipt = 'md5(p.key)::uuid';
const attemptReference = `'pos-' || key || '-1'`;
/** SQL: the start of the oldest partition of a table that is kept or just expired. */
const since = (table: string): string =>
  `(select date_trunc(case span when interval '1 day' then 'day' else 'month' end, now() - keep, 'UTC') - span from gateway.retention_rules() where tab = '${table}')`;

/** The events of a payment by status: their types, the status after each, and when, in seconds after its creation. */
const pastEvents = `past p join (values
    ('pending', 1, 'payment.pending', 'pending', 0),
    ('paid', 1, 'payment.pending', 'pending', 0), ('paid', 2, 'payment.paid', 'paid', 40), ('paid', 3, 'order.paid', 'paid', 40),
    ('partially_refunded', 1, 'payment.pending', 'pending', 0), ('partially_refunded', 2, 'payment.paid', 'paid', 40),
    ('partially_refunded', 3, 'order.paid', 'paid', 40), ('partially_refunded', 4, 'refund.succeeded', 'partially_refunded', 50),
    ('expired', 1, 'payment.pending', 'pending', 0), ('expired', 2, 'payment.expired', 'expired', 50),
    ('cancelled', 1, 'payment.pending', 'pending', 0), ('cancelled', 2, 'payment.cancelled', 'cancelled', 50),
    ('failed', 1, 'payment.failed', 'failed', 0)) e (of_status, e, type, status_after, seconds) on e.of_status = p.status`;
const eventTime = `p.at + e.seconds * interval '1 second'`;
const eventId = `'evt_' || left(p.key, 10) || lpad((p.n * 10 + e.e)::text, 16, '0')`;
const payload = `('{"event_id":"' || ${eventId} || '","type":"' || e.type || '","occurred_at":"' || p.iso
    || '","host":"pos","store_id":"' || p.store_id || '","order_id":"' || p.order_id || '","order_number":"L-' || p.n || '","payment_id":"pay_' || p.key
    || '","transaction_id":"pos-' || p.key || '-1","status":"' || e.status_after || '","amount":55000,"currency":"IDR","data":'
    || case e.type when 'order.paid' then '{"release":1,"items":[{"sku":"MKN-001","name":"Nasi Goreng Kampung","quantity":1,"note":null}]}'
      when 'payment.pending' then '{"expires_at":"2026-03-02T03:15:01.000Z"}' when 'payment.paid' then '{"paid_at":"2026-03-02T03:01:01.000Z","issuer":"gopay","receipt":"' || ${receipt} || '","received_amount":55000}'
      else '{"reason":"provider"}' end || '}')::jsonb`;

/** How the tables are filled from `past`, and which of four connections does it. Tables with foreign keys to each other are filled by one. */
export const fillings: readonly { connection: number; tables: readonly string[]; text: string }[] = [
  {
    connection: 1,
    tables: ['gateway.payment_events'],
    text: `insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
      select ${eventId}, ${eventTime}, 'pay_' || p.key, e.type, ${payload} from ${pastEvents} where p.at >= ${since('payment_events')}`,
  },
  {
    connection: 0,
    tables: ['gateway.payments'],
    text: `insert into gateway.payments (id, host, tenant, store_id, order_key, order_number, reference, host_payment_key, client_id, status, version, amount_idr,
        received_idr, refunded_idr, settled_attempt, recorded, residue, bill, qr_string, shown_attempt, hidden_at, expires_at, paid_at, check_at, watch_until, route, created_at, updated_at)
      select 'pay_' || key, 'pos', tenant, store_id, order_id::text, 'L-' || n, 'pos-' || key, order_id::text, 'cli_load', status, 3, 55000,
        case when ${isPaid} then 55000 else 0 end, case status when 'partially_refunded' then 1000 else 0 end, case when ${isPaid} then 1 end, 55000, 0,
        '{"due":"55000","paid":"0","amount":55000,"residue":"0","recordAmount":"55000","charges":[],"lines":[{"sku":"MKN-001","name":"Nasi Goreng Kampung","note":null,"quantity":"1.000","line_total":"55000"}]}',
        case when status <> 'failed' then '00020101021226620014COM.GO-JEK.WWW0118936009140320' || n || '5204581253033605802ID5911RUMAH MAKAN6007JAKARTA6304ABCD' end,
        case when status <> 'failed' then 1 end, case when is_live then null else at end, at + interval '15 minutes', case when ${isPaid} then at + interval '40 seconds' end,
        case when is_live then now() + ${dueIn} when status = 'expired' and at > now() - interval '1 day' then now() + interval '1 day' end, at + interval '1 day',
        '[{"provider":"midtrans","account":"default","outcome":"qr","ms":180}]', at, at + interval '50 seconds' from past`,
  },
  {
    connection: 0,
    tables: ['gateway.releases', 'gateway.refunds', 'gateway.discrepancies', 'gateway.host_writes', 'gateway.idempotency_keys'],
    text: `with released as (insert into gateway.releases (host, order_key, payment_id, release, released_at, items)
        select 'pos', order_id::text, 'pay_' || key, 1, at, '[{"sku":"MKN-001","name":"Nasi Goreng Kampung","quantity":1}]' from past where ${isPaid}),
      refunded as (insert into gateway.refunds (id, payment_id, attempt_no, reference, amount_idr, status, cause, reason, created_at, updated_at, finished_at)
        select 'ref_' || key, 'pay_' || key, 1, 'pos-' || key || '-r1', 1000, 'succeeded', 'client', 'cold', at, at, at from past where status = 'partially_refunded'),
      differed as (insert into gateway.discrepancies (payment_id, attempt_no, reason, opened_at, closed_at, closed_by)
        select 'pay_' || key, 1, 'overpaid', at, at, 'operator' from past where n % 20 = 0),
      deferred as (insert into gateway.host_writes (payment_id, step, created_at, done_at) select 'pay_' || key, 'paid', at, at from past where n % 20 = 1)
      insert into gateway.idempotency_keys (client_id, operation, key, fingerprint, resource_id, created_at, expires_at)
      select 'cli_load', 'create-payment', key, md5(key), 'pay_' || key, now(), now() + interval '72 hours' from past where n > (select max(n) from past) * 49 / 50`,
  },
  {
    connection: 0,
    tables: ['gateway.attempts'],
    text: `insert into gateway.attempts (payment_id, no, provider, account, reference, provider_charge_id, status, paid_idr, refund_reserved_idr, accepted, issuer, receipt, paid_at, started_at, answered_at)
      select 'pay_' || key, 1, 'midtrans', 'default', ${attemptReference}, order_id::text,
        case when is_live then 'open' when status = 'failed' then 'rejected' when ${isPaid} then 'paid' else status end, case when ${isPaid} then 55000 end,
        case status when 'partially_refunded' then 1000 else 0 end, ${isPaid}, case when ${isPaid} then 'gopay' end, case when ${isPaid} then ${receipt}::text end,
        case when ${isPaid} then at + interval '40 seconds' end, at, at + interval '200 milliseconds' from past p`,
  },
  {
    connection: 2,
    tables: ['pos.orders'],
    text: `insert into pos.orders (id, outlet_id, order_no, table_no, status, subtotal, grand_total, paid_total, created_at, updated_at)
      select order_id, outlet_id, 'L-' || n, n % 30, case when ${isPaid} then 'paid' else 'open' end::pos.order_status, 55000, 55000, case when ${isPaid} then 55000 else 0 end, at, at from past`,
  },
  {
    connection: 2,
    tables: ['pos.order_items'],
    text: `insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total) select order_id, 1, 'MKN-001', 'Nasi Goreng Kampung', 1, 55000, 55000 from past`,
  },
  {
    connection: 2,
    tables: ['pos.payments'],
    text: `insert into pos.payments (id, order_id, method, amount, status, external_ref, paid_at, created_at, updated_at)
      select order_id, order_id, 'qris', 55000, case when is_live then 'pending' when ${isPaid} then 'settled' when status = 'expired' then 'expired' else 'failed' end::pos.payment_status,
        'pos-' || key, case when ${isPaid} then at end, at, at from past`,
  },
  {
    connection: 3,
    tables: ['gateway.webhook_inbox'],
    text: `insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, verdict, processed_at)
      select 'midtrans', 'default', ${attemptReference} || ':' || status, convert_to('{"transaction_time":"2026-03-02 10:01:01","transaction_status":"settlement","transaction_id":"' || order_id
        || '","status_message":"midtrans payment notification","status_code":"200","signature_key":"' || repeat(md5(key), 4) || '","settlement_time":"2026-03-02 10:01:02","payment_type":"qris","order_id":"pos-'
        || key || '-1","merchant_id":"G141532850","issuer":"gopay","gross_amount":"55000.00","fraud_status":"accept","currency":"IDR","acquirer":"gopay"}', 'UTF8'),
        '{"content-type":"application/json","user-agent":"Veritrans"}', ${attemptReference}, order_id::text, case when ${isPaid} then 'paid' else status end,
        at + interval '41 seconds', 'applied', at + interval '41 seconds' from past where not is_live and status <> 'failed' and at >= ${since('webhook_inbox')}`,
  },
  {
    connection: 3,
    tables: ['gateway.provider_calls'],
    text: `insert into gateway.provider_calls (reference, provider, account, operation, started_at, duration_ms, method, path, request, status, headers, answer)
      select c.reference, 'midtrans', 'default', c.operation, p.at + c.after, 180, c.method, c.path, c.request, c.status, '{"content-type":"application/json"}',
        '{"status_code":"' || c.status || '","status_message":"Success","transaction_id":"' || p.order_id || '","order_id":"' || c.reference
        || '","merchant_id":"G141532850","gross_amount":"55000.00","currency":"IDR","payment_type":"qris","transaction_time":"2026-03-02 10:01:01","transaction_status":"'
        || c.transaction_status || '","fraud_status":"accept","acquirer":"gopay","qr_string":"[hidden]","expiry_time":"2026-03-02 10:16:01"}'
      from past p, lateral (values
        (${attemptReference}, 'create', interval '0', 'POST', '/v2/charge', '{"payment_type":"qris","transaction_details":{"order_id":"' || ${attemptReference}
          || '","gross_amount":55000},"item_details":[{"name":"[hidden]","price":55000,"quantity":1}],"qris":{"acquirer":"gopay"},"custom_expiry":{"expiry_duration":15,"unit":"minute"}}', 201, 'pending'),
        (${attemptReference}, 'find', interval '41 seconds', 'GET', '/v2/' || p.order_id || '/status', null, 200, case when ${isPaid} then 'settlement' else 'expire' end))
        c (reference, operation, after, method, path, request, status, transaction_status)
      where p.at >= ${since('provider_calls')} and p.status <> 'failed' and not (p.is_live and c.operation = 'find')`,
  },
  {
    connection: 3,
    tables: ['gateway.outbox'],
    text: `with numbered as (
        insert into gateway.outbox (event_id, occurred_at, store_id, seq, position, type, order_key, payment_id, published_at)
        select ${eventId}, ${eventTime}, p.store_id, row_number() over (partition by p.store_id order by p.n, e.e), row_number() over (order by p.n, e.e), e.type, p.order_id::text,
          'pay_' || p.key, ${eventTime} from ${pastEvents} where p.at >= ${since('outbox')} returning store_id, seq),
      last_seqs as (update gateway.stores s set last_seq = l.seq from (select store_id, max(seq) as seq from numbered group by store_id) l where s.store_id = l.store_id)
      select setval('gateway.outbox_positions', (select count(*) from numbered))`,
  },
];
