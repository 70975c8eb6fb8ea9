-- The rows are rolled back. No real installation has this company code, because the database may contain invoices.
insert into erp."Item" values ('TEST-1', 'Sop Buntut'), ('TEST-2', 'Teh Poci');

insert into erp."Sales Invoice" (doc_no, doc_type, company_code, branch_code, customer_name, currency, doc_status, payment_status, net_total, tax_total, discount_total,
  grand_total, rounded_total, outstanding, is_active, created, modified, modified_by)
select 'TEST/' || no, doc_type, company, 'JKT', 'PT Uji', currency, doc_status, payment, net, tax, discount, net + tax - discount, rounded,
  coalesce(nullif(rounded, 0), net + tax - discount), active, '2026-03-01 09:00', '2026-03-01 09:00:00.123456', 'kasir'
from (values
  ('half', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 35772.5, 0, 0, 0, 'Y'),
  ('weighed', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 33187.6875, 0, 0, 0, 'Y'),
  ('included', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 111000, 0, 0, 0, 'Y'),
  ('discount', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 100000, 10000, 1111.1113, 0, 'Y'),
  ('rounded', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 100040, 0, 0, 100000, 'Y'),
  ('charges', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 117000, 0, 0, 0, 'Y'),
  ('inactive-line', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 50000, 0, 0, 0, 'Y'),
  ('part-paid', 'SI', 'ZT1', 'IDR', 'CO', 'Partly Paid', 50000, 0, 0, 0, 'Y'),
  ('draft', 'SI', 'ZT1', 'IDR', 'DR', 'Unpaid', 50000, 0, 0, 0, 'Y'),
  ('void', 'SI', 'ZT1', 'IDR', 'VO', 'Unpaid', 50000, 0, 0, 0, 'Y'),
  ('closed', 'SI', 'ZT1', 'IDR', 'CL', 'Unpaid', 50000, 0, 0, 0, 'Y'),
  ('credit-note', 'CN', 'ZT1', 'IDR', 'CO', 'Unpaid', 50000, 0, 0, 0, 'Y'),
  ('inactive', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 50000, 0, 0, 0, 'N'),
  ('paid', 'SI', 'ZT1', 'IDR', 'CO', 'Paid', 50000, 0, 0, 0, 'Y'),
  ('dollars', 'SI', 'ZT1', 'USD', 'CO', 'Unpaid', 50, 0, 0, 0, 'Y'),
  ('returned', 'SI', 'ZT1', 'IDR', 'CO', 'Unpaid', 40000, 0, 0, 0, 'Y'),
  ('other-tenant', 'SI', 'ZT2', 'IDR', 'CO', 'Unpaid', 50000, 0, 0, 0, 'Y'))
  as i (no, doc_type, company, currency, doc_status, payment, net, tax, discount, rounded, active);

insert into erp."Sales Invoice Line" (doc_no, line_no, item_code, charge_code, description, qty, unit_price, net_amount, is_active)
select 'TEST/' || no, line, item, charge, description, qty, price, net, active
from (values
  ('half', 1, 'TEST-1', null, null, 0.5, 71545, 35772.5, 'Y'),
  ('weighed', 1, 'TEST-1', null, 'Kakap, 0.275 kg', 0.275, 120682.5, 33187.6875, 'Y'),
  ('included', 1, 'TEST-1', null, null, 1, 111000, 111000, 'Y'),
  ('discount', 1, 'TEST-1', null, null, 1, 100000, 100000, 'Y'),
  ('rounded', 1, 'TEST-1', null, null, 1, 100040, 100040, 'Y'),
  ('charges', 1, 'TEST-1', null, null, 1, 100000, 100000, 'Y'),
  ('charges', 2, null, 'SERVICE', 'Biaya layanan', 1, 5000, 5000, 'Y'),
  ('charges', 3, null, 'DELIVERY', 'Ongkos kirim', 1, 12000, 12000, 'Y'),
  ('inactive-line', 1, 'TEST-1', null, null, 1, 50000, 50000, 'Y'),
  ('inactive-line', 2, 'TEST-2', null, null, 1, 15000, 15000, 'N'),
  ('part-paid', 1, 'TEST-1', null, null, 1, 50000, 50000, 'Y'),
  ('returned', 1, 'TEST-1', null, null, 1, 50000, 50000, 'Y'),
  ('returned', 2, 'TEST-2', null, 'Teh Poci, kembali', 1, -10000, -10000, 'Y'),
  ('dollars', 1, 'TEST-1', null, null, 1, 50, 50, 'Y'))
  as l (no, line, item, charge, description, qty, price, net, active);

insert into erp."Sales Invoice Tax" (doc_no, seq, tax_code, rate, amount, included) values
  ('TEST/included', 1, 'PPN', 11, 11000, 'Y'),
  ('TEST/discount', 1, 'PB1', 10, 10000, 'N');

-- Payments of one invoice: cash for a part, a voided one, and a draft.
insert into erp."Payment Entry" (pay_no, company_code, branch_code, journal_code, pay_date, mode_of_payment, currency, amount, doc_status, created, created_by, modified, modified_by)
select 'TEST/PAY/' || status, 'ZT1', 'JKT', 'KAS', '2026-03-01', 'CASH', 'IDR', 20000, status, localtimestamp, 'kasir', localtimestamp, 'kasir' from unnest(array['CO', 'VO', 'DR']) status;
insert into erp."Payment Allocation" select 'TEST/PAY/' || status, 'TEST/part-paid', 20000 from unnest(array['CO', 'VO', 'DR']) status;
