-- Completes our payment document; the ERP's trigger updates the invoice. A document that was voided when its QR expired is
-- completed, too, because money may come late. Refuses an amount that is not exactly the amount due.
update erp."Payment Entry" p
set doc_status = 'CO', pay_date = :paid_at::date, modified = :now, modified_by = 'qris-gateway'
from erp."Sales Invoice" i
where p.reference_no = :reference and p.doc_status in ('DR', 'VO')
  and i.doc_no = :order_key and i.doc_type = 'SI' and i.doc_status = 'CO' and i.is_active = 'Y'
  and exists (select from erp."Payment Allocation" a where a.pay_no = p.pay_no and a.doc_no = i.doc_no and a.amount = p.amount)
  and p.amount = coalesce(nullif(i.rounded_total, 0), i.grand_total) - (
    select coalesce(sum(a.amount), 0)
    from erp."Payment Allocation" a
    join erp."Payment Entry" e on e.pay_no = a.pay_no
    where a.doc_no = i.doc_no and e.doc_status = 'CO')
returning p.pay_no
