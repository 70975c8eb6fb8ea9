-- The rows are rolled back. No real tenant has these names, because the database may contain orders.
insert into till.orders (order_key, tenant, store_id, order_id, number, table_number, order_type, total, paid, status, version, metadata, fingerprint, created_at, updated_at)
select tenant || '/' || id, tenant, store, id, 'T-' || id, '7', 'dine_in', total, paid, status, 3, '{"cashier": "Sari"}', 'seed', now(), now()
from (values
  ('TEST-TENANT', 'TEST-01', 'full', 63500, 0, 'open'),
  ('TEST-TENANT', 'TEST-01', 'part', 50000, 20000, 'open'),
  ('TEST-TENANT', 'TEST-01', 'paid', 50000, 50000, 'paid'),
  ('TEST-TENANT', 'TEST-01', 'void', 50000, 0, 'void'),
  ('TEST-TENANT', 'TEST-01', 'free', 0, 0, 'open'),
  ('TEST-TENANT', 'TEST-01', 'weighed', 32000, 0, 'open'),
  ('TEST-TENANT', 'TEST-01', 'long', 200000, 0, 'open'),
  ('TEST-TENANT', 'TEST-01', 'wrong', 50000, 0, 'open'),
  ('TEST-TENANT', 'TEST-01', 'dear', 20000000, 0, 'open'),
  ('TEST-OTHER', 'TEST-02', 'full', 10000, 0, 'open'),
  ('TEST-OTHER', 'TEST-02', 'theirs', 10000, 0, 'open')) as o (tenant, store, id, total, paid, status);

insert into till.lines (order_key, no, sku, name, quantity, unit_price, total, note)
select 'TEST-TENANT/' || id, no, sku, name, quantity, price, total, note
from (values
  ('full', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, 'tidak pedas'),
  ('full', 2, null, 'Es Jeruk, tanpa gula', 1, 10000, 10000, null),
  ('part', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('paid', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('void', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('weighed', 1, 'IKN-1', 'Gurame Asam Manis dengan sambal matah dan nasi putih', 0.25, 128000, 32000, null),
  ('wrong', 1, 'MKN-1', 'Nasi Goreng', 1, 40000, 40000, null),
  ('dear', 1, 'PAKET', 'Paket pesta', 1, 20000000, 20000000, null)) as l (id, no, sku, name, quantity, price, total, note);
insert into till.lines (order_key, no, sku, name, quantity, unit_price, total)
select 'TEST-TENANT/long', no, null, 'Tahu ' || no, 1, 1000, 1000 from generate_series(1, 200) no;
insert into till.lines (order_key, no, sku, name, quantity, unit_price, total) values ('TEST-OTHER/full', 1, null, 'Kopi', 1, 10000, 10000);

insert into till.charges (order_key, no, kind, name, amount) values
  ('TEST-TENANT/full', 1, 'discount', 'Promo', -5000),
  ('TEST-TENANT/full', 2, 'service_charge', 'Layanan', 2750),
  ('TEST-TENANT/full', 3, 'tax', 'PB1 10 %', 5775),
  ('TEST-TENANT/full', 4, 'rounding', null, -25);
insert into till.tenders (id, order_key, method, amount, client_id, created_at) values ('ten_00000000000000000000000001', 'TEST-TENANT/part', 'cash', 20000, 'seed', now());
