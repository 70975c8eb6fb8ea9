-- Reads and locks the invoice. The paid amount is the sum of completed payment documents, because `outstanding` may lag behind it.
select
  i.doc_no as order_key,
  i.company_code as tenant,
  i.company_code || '-' || i.branch_code as store_id,  -- two companies may use the same branch code
  i.doc_no as order_number,
  i.currency::text as currency,
  coalesce(nullif(i.rounded_total, 0), i.grand_total) as total,
  paid.amount as paid,
  i.doc_type = 'SI' and i.doc_status = 'CO' and i.is_active = 'Y' and i.payment_status <> 'Paid' as payable,
  case
    when i.doc_type <> 'SI' then 'the document is a credit note'
    when i.doc_status = 'DR' then 'the invoice is a draft'
    when i.doc_status in ('CL', 'VO') then 'the invoice is closed or void'
    when i.is_active = 'N' then 'the invoice is not active'
    when i.payment_status = 'Paid' then 'the invoice is paid'
  end as reason,
  i.customer_name,
  i.modified::text as version
from erp."Sales Invoice" i
cross join lateral (
  select coalesce(sum(a.amount), 0) as amount
  from erp."Payment Allocation" a
  join erp."Payment Entry" e on e.pay_no = a.pay_no
  where a.doc_no = i.doc_no and e.doc_status = 'CO') paid
where i.doc_no = :order_id and i.company_code = :tenant
for update of i
