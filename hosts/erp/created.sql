-- Inserts a draft payment document with its allocation. Its number comes from the ERP's counter. The counter's row is locked until
-- the commit, and a rollback releases the number, so the numbers have no gaps.
with invoice as (
  select i.doc_no, i.company_code, i.branch_code, i.currency,
    'PAY/' || i.company_code || '/' || i.branch_code || '/' || to_char(:now, 'YYYY') || '/' as prefix
  from erp."Sales Invoice" i
  where i.doc_no = :order_key
    and i.doc_type = 'SI' and i.doc_status = 'CO' and i.is_active = 'Y' and i.payment_status <> 'Paid'),
counter as (
  insert into erp."Document Counter" as c (prefix, last_value)
  select prefix, 1 from invoice
  on conflict (prefix) do update set last_value = c.last_value + 1
  returning c.last_value as n),
entry as (
  insert into erp."Payment Entry" (pay_no, company_code, branch_code, journal_code, pay_date, mode_of_payment, currency, amount,
    doc_status, reference_no, created, created_by, modified, modified_by)
  select i.prefix || lpad(c.n::text, greatest(5, length(c.n::text)), '0'),  -- lpad alone would cut number 100000 to five digits
    i.company_code, i.branch_code, 'QRIS', :now::date, 'QRIS', i.currency, :record_amount,
    'DR', :reference, :now, 'qris-gateway', :now, 'qris-gateway'
  from invoice i cross join counter c
  returning pay_no)
insert into erp."Payment Allocation" (pay_no, doc_no, amount)
select e.pay_no, :order_key, :record_amount
from entry e
returning pay_no as host_payment_key
