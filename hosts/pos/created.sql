-- Inserts a pending QRIS payment. The order itself is not changed until it is paid.
insert into pos.payments (id, order_id, method, amount, status, external_ref, created_at, updated_at)
select gen_random_uuid(), o.id, 'qris', :amount, 'pending', :reference, :now, :now
from pos.orders o
where o.id = :order_key::uuid
  and o.status in ('open', 'awaiting_payment') and o.deleted_at is null
  and o.version = :order_version::integer  -- unchanged since its amount was read
returning id as host_payment_key
