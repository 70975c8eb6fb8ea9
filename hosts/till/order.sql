-- Reads and locks the order. It is found by its key and by the id that the till gave it. A void order owes nothing, so money that still
-- arrives for it is a duplicate and goes back.
select
  o.order_key,
  o.tenant,
  o.store_id,
  o.order_id,
  o.number as order_number,
  'IDR' as currency,
  case o.status when 'void' then o.paid else o.total end as total,
  o.paid,
  o.status = 'open' as payable,
  case o.status when 'paid' then 'the order is paid' when 'void' then 'the order is void' end as reason,
  o.table_number,
  o.order_type,
  o.metadata::text as metadata,
  o.version
from till.orders o
where o.order_key = any (array[:order_id, :tenant || '/' || :order_id]) and o.tenant = :tenant
for update of o
