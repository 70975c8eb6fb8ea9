-- The rows are rolled back. No real till generates such ids, because the database may contain orders.
insert into pos.outlets (id, merchant_id, code, name) values
  ('00000000-0000-4000-8000-0000000000f1', '00000000-0000-4000-8000-00000000aaaa', 'TEST-01', 'Kedai Test'),
  ('00000000-0000-4000-8000-0000000000f2', '00000000-0000-4000-8000-00000000bbbb', 'TEST-02', 'Kedai Sebelah');

insert into pos.orders (id, outlet_id, order_no, table_no, customer_name, status, subtotal, discount, service_charge, tax, rounding, grand_total, paid_total, version, updated_at, deleted_at)
select ('00000000-0000-4000-8000-0000000abc' || no)::uuid, ('00000000-0000-4000-8000-0000000000' || outlet)::uuid, 'T-' || no, '7', 'Ibu Sari', status::pos.order_status,
  subtotal, discount, service, tax, rounding, subtotal - discount + service + tax + rounding, paid, 3, now(), deleted
from (values
  ('01', 'f1', 'open', 60000, 5000, 2750, 5775, -25, 0, null::timestamptz),
  ('02', 'f1', 'awaiting_payment', 50000, 0, 0, 0, 0, 20000, null),
  ('03', 'f1', 'paid', 50000, 0, 0, 0, 0, 50000, null),
  ('04', 'f1', 'void', 50000, 0, 0, 0, 0, 0, null),
  ('05', 'f1', 'open', 50000, 0, 0, 0, 0, 0, now()),
  ('06', 'f1', 'open', 32000, 0, 0, 0, 0, 0, null),
  ('07', 'f1', 'open', 300000, 0, 0, 0, 0, 0, null),
  ('08', 'f1', 'open', 50000, 0, 0, 0, 0, 0, null),
  ('09', 'f2', 'open', 50000, 0, 0, 0, 0, 0, null),
  ('10', 'f1', 'open', 50000, 0, 0, 0, 0, 50000, null)) as o (no, outlet, status, subtotal, discount, service, tax, rounding, paid, deleted);

insert into pos.order_items (order_id, line_no, sku, name, qty, unit_price, line_total, voided_at)
select ('00000000-0000-4000-8000-0000000abc' || no)::uuid, line, sku, name, qty, price, total, voided
from (values
  ('01', 1, 'MKN-1', 'Nasi Goreng', 2::numeric, 25000, 50000, null::timestamptz),
  ('01', 2, null, 'Es Jeruk, tanpa gula', 1, 10000, 10000, null),
  ('01', 3, 'MKN-2', 'Sate, dibatalkan', 1, 30000, 30000, now()),
  ('02', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('03', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('04', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('05', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('06', 1, 'IKN-1', 'Gurame Asam Manis dengan sambal matah dan nasi merah organik', 0.250, 128000, 32000, null),
  ('08', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 40000, null),
  ('09', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null),
  ('10', 1, 'MKN-1', 'Nasi Goreng', 2, 25000, 50000, null)) as i (no, line, sku, name, qty, price, total, voided);

-- An order with 300 lines.
insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total)
select '00000000-0000-4000-8000-0000000abc07', n, 'Risoles nomor ' || n, 1, 1000, 1000 from generate_series(1, 300) n;
