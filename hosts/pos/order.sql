-- Reads and locks the order, so that a cash payment at the till and a QRIS payment wait for each other.
select
  o.id as order_key,
  t.merchant_id as tenant,
  t.code as store_id,
  o.order_no as order_number,
  'IDR' as currency,
  o.grand_total as total,
  o.paid_total as paid,
  o.status in ('open', 'awaiting_payment') and o.deleted_at is null as payable,
  case
    when o.deleted_at is not null then 'the order was deleted'
    when o.status = 'paid' then 'the order is paid'
    when o.status = 'void' then 'the order is void'
  end as reason,
  o.customer_name,
  o.table_no as table_number,
  o.version
from pos.orders o
join pos.outlets t on t.id = o.outlet_id
where o.id = :order_id::uuid and t.merchant_id = :tenant::uuid
for update of o
