-- A day of invoices of two companies that both have a branch JKT. Branch SMG does not round: its invoices end in fractions of a rupiah.
-- Loading it again adds missing rows and changes none: an invoice that was paid meanwhile stays paid.

insert into erp."Item" (item_code, item_name) values
  ('10001', 'Nasi Goreng Kambing'), ('10002', 'Mie Aceh Kepiting'), ('10003', 'Ayam Betutu'), ('10004', 'Rawon Setan'),
  ('10005', 'Bebek Goreng Madura'), ('10006', 'Sop Buntut'), ('10007', 'Lumpia Semarang'), ('10008', 'Tahu Gimbal'),
  ('10009', 'Ikan Kakap Bakar'), ('10010', 'Cumi Saus Padang'), ('10011', 'Sayur Asem'), ('10012', 'Sambal Matah'),
  ('20001', 'Es Kelapa Muda'), ('20002', 'Teh Poci Gula Batu'), ('20003', 'Bir Pletok'), ('20004', 'Kopi Luwak Gayo')
on conflict do nothing;

with menu (no, item_code, price, by_weight) as (values
  (0, '10001', 47500.0000, false), (1, '10002', 68250.0000, false), (2, '10003', 59900.0000, false), (3, '10004', 45450.0000, false),
  (4, '10005', 52727.2500, false), (5, '10006', 74545.5000, false), (6, '10007', 27275.0000, false), (7, '10008', 31818.1800, false),
  (8, '10009', 134500.0000, true), (9, '10010', 121250.0000, true), (10, '10011', 18181.8200, false), (11, '10012', 9090.9000, false),
  (12, '20001', 24750.0000, false), (13, '20002', 15500.0000, false), (14, '20003', 22727.2700, false), (15, '20004', 38500.0000, false)
),
-- Invoices 1 to 36 belong to company RSA: odd ones to JKT, even ones to SMG. 37 to 42 belong to branch JKT of company KNJ.
invoice as (
  select n,
    case when n > 36 then 'KNJ/INV/JKT/2026/' || lpad((n - 36)::text, 5, '0') else 'INV/' || branch || '/2026/' || lpad(((n + 1) / 2)::text, 5, '0') end as doc_no,
    case when n > 36 then 'KNJ' else 'RSA' end as company, branch,
    n % 4 = 3 as takeaway,
    n % 6 = 0 as prices_include_tax
  from generate_series(1, 42) as n
  cross join lateral (select case when n % 2 = 1 or n > 36 then 'JKT' else 'SMG' end as branch) b
),
item_line as (
  select i.doc_no, l as line_no, m.item_code, q.qty, m.price, d.percent,
    round(q.qty * m.price * (100 - d.percent) / 100, 4) as net,
    case when (i.n + l) % 8 = 0 then 'tanpa sambal' end as remark,
    case when l = 9 then 'N' else 'Y' end as is_active  -- line 9 was removed from the bill
  from invoice i
  cross join lateral (select generate_series(1, 1 + i.n % 4) union all select 9 where i.n % 7 = 0) as each (l)
  join menu m on m.no = (i.n * 3 + l * 5) % 16
  cross join lateral (select case when m.by_weight then 0.125 * (4 + (i.n + l) % 9) else 1 + (i.n + l) % 3 end as qty) q
  cross join lateral (select case when (i.n * l) % 10 = 0 then 12.5 else 0 end as percent) d
),
items as (
  select doc_no, sum(net) as net from item_line where is_active = 'Y' group by doc_no
),
charge_line as (
  select i.doc_no, 20 as line_no, c.charge_code, c.description, c.net
  from invoice i
  join items s using (doc_no)
  cross join lateral (select
    case when i.takeaway then 'DELIVERY' else 'SERVICE' end as charge_code,
    case when i.takeaway then 'Ongkos kirim' else 'Biaya layanan 5%' end as description,
    case when i.takeaway then 12000 else round(s.net * 0.05, 4) end as net) c
  where i.n % 8 <> 2
),
net as (
  select doc_no, s.net + coalesce(c.net, 0) as net from items s left join charge_line c using (doc_no)
),
tax_row as (  -- calculated before the discount of the header
  select i.doc_no, 1 as seq,
    case when i.prices_include_tax then 'PPN' else 'PB1' end as tax_code,
    case when i.prices_include_tax then 11 else 10 end as rate,
    case when i.prices_include_tax then round(n.net * 11 / 111, 4) else round(n.net * 0.10, 4) end as amount,
    case when i.prices_include_tax then 'Y' else 'N' end as included
  from invoice i join net n using (doc_no)
),
header as (
  select i.*, n.net, t.tax, d.discount, n.net + t.tax - d.discount as grand_total,
    case when i.branch = 'JKT' then round(n.net + t.tax - d.discount, -2) else 0 end as rounded_total
  from invoice i
  join net n using (doc_no)
  cross join lateral (select coalesce(sum(amount), 0) as tax from tax_row r where r.doc_no = i.doc_no and r.included = 'N') t
  cross join lateral (select case when i.n % 5 = 0 then round(n.net * 0.025, 4) else 0 end as discount) d
),
invoices as (
  insert into erp."Sales Invoice" (doc_no, company_code, branch_code, customer_name, currency, doc_status, net_total, tax_total, discount_total,
    grand_total, rounded_total, outstanding, created, modified, modified_by)
  select doc_no, company, branch, (array['PT Maju Jaya', null, 'Ibu Ratna', null, 'Bapak Hendra'])[1 + n % 5], 'IDR', 'CO',
    net, tax, discount, grand_total, rounded_total, coalesce(nullif(rounded_total, 0), grand_total),
    localtimestamp - make_interval(mins => 5 * (43 - n)), localtimestamp - make_interval(mins => 5 * (43 - n)), 'kasir'
  from header
  on conflict do nothing
),
lines as (
  insert into erp."Sales Invoice Line" (doc_no, line_no, item_code, charge_code, description, qty, unit_price, discount_percent, net_amount, is_active)
  select l.doc_no, l.line_no, l.item_code, null, t.item_name || ', ' || l.remark, l.qty, l.price, l.percent, l.net, l.is_active
  from item_line l join erp."Item" t using (item_code)
  union all
  select doc_no, line_no, null, charge_code, description, 1, net, 0, net, 'Y' from charge_line
  on conflict do nothing
)
insert into erp."Sales Invoice Tax" (doc_no, seq, tax_code, rate, amount, included)
select doc_no, seq, tax_code, rate, amount, included from tax_row
on conflict do nothing;

-- One invoice of each special kind. The first four are payable.
with special (doc_no, branch, doc_type, doc_status, payment_status, is_active, qty, price, tax, discount, rounded, paid, note) as (values
  ('INV/SMG/2026/00101', 'SMG', 'SI', 'CO', 'Unpaid', 'Y', 0.5, 71545.0000, 0, 0, 0, 0, 'owes Rp35.772,50'),
  ('INV/JKT/2026/00102', 'JKT', 'SI', 'CO', 'Partly Paid', 'Y', 2, 100000.0000, 20000.0000, 0, 0, 70000.0000, 'a part was paid in cash'),
  ('INV/SMG/2026/00103', 'SMG', 'SI', 'CO', 'Unpaid', 'Y', 3, 33333.3333, 9999.9999, 1111.1111, 0, 0, 'nothing is round'),
  ('INV/JKT/2026/00104', 'JKT', 'SI', 'CO', 'Unpaid', 'Y', 40, 245000.0000, 980000.0000, 780000.0000, 10000000.0000, 0, 'a wedding, at the ceiling of QRIS'),
  ('INV/JKT/2026/00105', 'JKT', 'SI', 'DR', 'Unpaid', 'Y', 1, 47500.0000, 4750.0000, 0, 0, 0, 'a draft'),
  ('INV/JKT/2026/00106', 'JKT', 'SI', 'VO', 'Unpaid', 'Y', 1, 47500.0000, 4750.0000, 0, 0, 0, 'void'),
  ('INV/JKT/2026/00107', 'JKT', 'SI', 'CL', 'Unpaid', 'Y', 1, 47500.0000, 4750.0000, 0, 0, 0, 'closed'),
  ('INV/JKT/2026/00108', 'JKT', 'SI', 'CO', 'Unpaid', 'N', 1, 47500.0000, 4750.0000, 0, 0, 0, 'not active'),
  ('INV/JKT/2026/00109', 'JKT', 'SI', 'CO', 'Paid', 'Y', 1, 47500.0000, 4750.0000, 0, 52300.0000, 52300.0000, 'paid in cash'),
  ('CN/JKT/2026/00001', 'JKT', 'CN', 'CO', 'Unpaid', 'Y', 1, 47500.0000, 4750.0000, 0, 0, 0, 'a credit note')
),
header as (
  select s.*, s.qty * s.price as net, s.qty * s.price + s.tax - s.discount as grand_total from special s
),
invoices as (
  insert into erp."Sales Invoice" (doc_no, doc_type, company_code, branch_code, customer_name, currency, doc_status, payment_status, net_total, tax_total,
    discount_total, grand_total, rounded_total, outstanding, is_active, created, modified, modified_by)
  select doc_no, doc_type, 'RSA', branch, null, 'IDR', doc_status, payment_status, net, tax, discount, grand_total, rounded,
    coalesce(nullif(rounded, 0), grand_total) - paid, is_active, localtimestamp, localtimestamp, 'kasir'
  from header
  on conflict do nothing
),
lines as (
  insert into erp."Sales Invoice Line" (doc_no, line_no, item_code, description, qty, unit_price, net_amount)
  select doc_no, 1, '10001', 'Nasi Goreng Kambing (' || note || ')', qty, price, net from header
  on conflict do nothing
),
taxes as (
  insert into erp."Sales Invoice Tax" (doc_no, seq, tax_code, rate, amount)
  select doc_no, 1, 'PB1', 10, tax from header where tax > 0
  on conflict do nothing
),
cash as (
  select 'PAY/RSA/JKT/2026/' || lpad(row_number() over (order by doc_no)::text, 5, '0') as pay_no, doc_no, branch, paid from header where paid > 0
),
counter as (
  insert into erp."Document Counter" (prefix, last_value)
  select 'PAY/RSA/JKT/2026/', count(*) from cash
  on conflict do nothing
),
entries as (
  insert into erp."Payment Entry" (pay_no, company_code, branch_code, journal_code, pay_date, mode_of_payment, currency, amount, doc_status,
    created, created_by, modified, modified_by)
  select pay_no, 'RSA', branch, 'CASH', current_date, 'Cash', 'IDR', paid, 'CO', localtimestamp, 'kasir', localtimestamp, 'kasir' from cash
  on conflict do nothing
)
insert into erp."Payment Allocation" (pay_no, doc_no, amount)
select pay_no, doc_no, paid from cash
on conflict do nothing;
