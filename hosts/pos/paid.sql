-- Marks the payment and the order as paid, because nothing else in this till does it.
with payment as (
  update pos.payments set status = 'settled', paid_at = :paid_at, updated_at = :now
  where external_ref = :reference and status in ('pending', 'failed', 'expired')  -- late money is accepted
  returning order_id)
update pos.orders o
set status = 'paid', paid_total = o.paid_total + :amount, version = o.version + 1, updated_at = :now
from payment p
where o.id = p.order_id and o.status in ('open', 'awaiting_payment') and o.deleted_at is null
  and o.grand_total - o.paid_total = :amount  -- refuse when the amount due changed meanwhile
returning o.id
