-- Inserts a pending QRIS payment. The order itself is not changed until it is paid.
insert into till.payments (reference, order_key, amount, status, created_at, updated_at)
select :reference, o.order_key, :amount, 'pending', :now, :now
from till.orders o
where o.order_key = :order_key and o.status = 'open'
  and o.version = :order_version::integer  -- unchanged since its amount was read
returning reference as host_payment_key
