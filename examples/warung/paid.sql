-- Marks the bill and its payment row as paid. Late money is accepted, too: the row may wait for a newer QR, or be closed.
with bill as (
  update warung.bill b set is_paid = true, updated_at = :now
  where b.id = :order_key::integer and not b.is_paid and b.voided_at is null
    and b.total_sen = :record_amount * 100  -- refuse when the guest has ordered more meanwhile
  returning b.id)
update warung.payment p
set method = 'qris', amount_sen = :record_amount * 100, state = 'P', ref = :reference, paid_at = :paid_at, updated_at = :now
from bill
where p.bill_id = bill.id and p.state <> 'P'
returning p.id
