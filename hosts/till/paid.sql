-- Marks the payment and the order as paid, because nothing else does it.
with payment as (
  update till.payments set status = 'paid', paid_at = :paid_at, issuer = :issuer, receipt = :receipt, updated_at = :now
  where reference = :reference and status in ('pending', 'expired', 'failed', 'cancelled')  -- late money is accepted
  returning order_key)
update till.orders o
set status = 'paid', paid = o.paid + :amount, version = o.version + 1, updated_at = :now
from payment p
where o.order_key = p.order_key and o.status = 'open'
  and o.total - o.paid = :amount  -- refuse when the amount due changed meanwhile
returning o.order_key
