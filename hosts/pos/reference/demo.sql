-- A day of orders at two outlets of one merchant, and at one outlet of another. Loading it again adds missing rows and changes none:
-- every id is derived from a name, so an order that was paid meanwhile stays paid.

insert into pos.outlets (id, merchant_id, code, name, timezone) values
  (md5('outlet JKT-01')::uuid, md5('merchant Dapur Nusantara')::uuid, 'JKT-01', 'Dapur Nusantara Senayan, Jakarta', 'Asia/Jakarta'),
  (md5('outlet BDG-01')::uuid, md5('merchant Dapur Nusantara')::uuid, 'BDG-01', 'Dapur Nusantara Dago, Bandung', 'Asia/Jakarta'),
  (md5('outlet SBY-01')::uuid, md5('merchant Warung Cak Di')::uuid, 'SBY-01', 'Warung Cak Di, Surabaya', 'Asia/Jakarta')
on conflict do nothing;

with menu (no, sku, name, price, by_weight) as (values
  (0, 'MKN-001', 'Nasi Goreng Kampung', 38000, false),
  (1, 'MKN-002', 'Mie Goreng Jawa', 36000, false),
  (2, 'MKN-003', 'Ayam Bakar Taliwang', 52000, false),
  (3, 'MKN-004', 'Soto Betawi', 45000, false),
  (4, 'MKN-005', 'Rendang Daging Sapi', 58000, false),
  (5, 'MKN-006', 'Gado-Gado Siram', 34000, false),
  (6, 'MKN-007', 'Sate Ayam Madura (10 tusuk)', 42000, false),
  (7, 'MKN-008', 'Iga Bakar Madu', 89500, false),
  (8, 'MKN-009', 'Gurame Asam Manis per kg', 128000, true),
  (9, 'MKN-010', 'Udang Galah Bakar per kg', 215000, true),
  (10, 'MKN-011', 'Karedok', 28500, false),
  (11, 'MKN-012', 'Nasi Timbel Komplit', 54500, false),
  (12, 'MKN-013', 'Batagor Bandung', 26000, false),
  (13, 'MKN-014', 'Tahu Gejrot', 18500, false),
  (14, 'MKN-015', 'Tempe Mendoan', 21000, false),
  (15, 'MKN-016', 'Nasi Putih', 8000, false),
  (16, 'MNM-001', 'Es Teh Manis', 9500, false),
  (17, 'MNM-002', 'Es Jeruk Peras', 18000, false),
  (18, 'MNM-003', 'Es Cendol Elizabeth', 22500, false),
  (19, 'MNM-004', 'Kopi Tubruk', 16000, false),
  (20, 'MNM-005', 'Jus Alpukat', 27500, false),
  (21, 'MNM-006', 'Wedang Ronde', 19500, false),
  (22, 'DST-001', 'Pisang Goreng Keju', 24500, false),
  (23, 'DST-002', 'Klepon (6 butir)', 17500, false)
),
-- Orders 1 to 40 are payable, 41 to 46 are not; 47 to 52 belong to the other merchant.
bill as (
  select n,
    case when n > 46 then 'B-' || lpad((n - 46)::text, 4, '0') else 'A-' || lpad(n::text, 4, '0') end as order_no,
    case when n > 46 then 'SBY-01' when n % 2 = 1 then 'JKT-01' else 'BDG-01' end as outlet,
    n % 4 <> 3 as dine_in
  from generate_series(1, 52) as n
),
line as (
  select b.order_no, l as line_no, m.sku, m.name, m.price, q.qty, round(m.price * q.qty)::bigint as line_total,
    case when m.by_weight then 'ditimbang di meja' when (b.n + l) % 9 = 0 then 'tidak pedas' end as note,
    l = 9 as voided
  from bill b
  cross join lateral (select generate_series(1, 2 + b.n % 4) union all select 9 where b.n % 7 = 0) as each (l)
  join menu m on m.no = (b.n * 5 + b.n / 24 + l * 7) % 24
  cross join lateral (select case when m.by_weight then 0.25 * (2 + (b.n + l) % 5) else 1 + (b.n * l) % 3 end as qty) q
),
subtotal as (
  select order_no, sum(line_total)::bigint as subtotal from line where not voided group by order_no
),
total as (
  select b.*, s.subtotal, d.discount, c.service_charge, t.tax,
    -- the outlet in Bandung rounds to 100 rupiah
    case when b.outlet = 'BDG-01' then round(x.exact, -2) - x.exact else 0 end::bigint as rounding
  from bill b
  join subtotal s using (order_no)
  cross join lateral (select case when b.n % 5 = 0 then round(s.subtotal * 0.10) else 0 end::bigint as discount) d  -- members
  cross join lateral (select case when b.dine_in then round((s.subtotal - d.discount) * 0.05) else 0 end::bigint as service_charge) c
  cross join lateral (select round((s.subtotal - d.discount + c.service_charge) * 0.10)::bigint as tax) t  -- PB1
  cross join lateral (select (s.subtotal - d.discount + c.service_charge + t.tax)::numeric as exact) x
),
priced as (
  select t.*, subtotal - discount + service_charge + tax + rounding as grand_total from total t
),
orders as (
  insert into pos.orders (id, outlet_id, order_no, table_no, customer_name, status, subtotal, discount, service_charge, tax, rounding,
    grand_total, paid_total, created_at, updated_at, deleted_at)
  select md5('order ' || order_no)::uuid, md5('outlet ' || outlet)::uuid, order_no,
    case when dine_in then 'Meja ' || 1 + n % 18 end,
    (array['Sari Wulandari', 'Budi Santoso', null, 'Dewi Lestari', null, 'Agus Pratama', null])[1 + n % 7],
    (case when n in (41, 42) then 'paid' when n in (43, 44) then 'void' when n % 3 = 0 then 'awaiting_payment' else 'open' end)::pos.order_status,
    subtotal, discount, service_charge, tax, rounding, grand_total,
    case when n in (41, 42) then grand_total when n = 40 then 20000 else 0 end,
    now() - make_interval(mins => 4 * (53 - n)), now() - make_interval(mins => 4 * (53 - n)),
    case when n in (45, 46) then now() end
  from priced
  on conflict do nothing
  returning id
),
lines as (
  insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total, note, voided_at)
  select md5('order ' || order_no)::uuid, line_no, sku, name, qty, price, line_total, note, case when voided then now() end
  from line
  on conflict do nothing
)
-- Orders 41 and 42 were paid in cash, order 40 in part.
insert into pos.payments (id, order_id, method, amount, status, paid_at, updated_at)
select md5('payment ' || order_no)::uuid, md5('order ' || order_no)::uuid, 'cash', case when n = 40 then 20000 else grand_total end, 'settled', now(), now()
from priced
where n between 40 and 42
on conflict do nothing;
