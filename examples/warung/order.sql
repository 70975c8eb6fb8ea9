-- Reads and locks the bill. The till belongs to one owner, so the tenant is a constant that we chose.
select
  b.id as order_key,
  'warung' as tenant,
  o.code as store_id,
  b.bill_no as order_number,
  'IDR' as currency,
  b.total_sen * 0.01 as total,
  case when b.is_paid then b.total_sen * 0.01 else 0 end as paid,
  not b.is_paid and b.voided_at is null as payable,
  case
    when b.voided_at is not null then 'the bill is void'
    when b.is_paid then 'the bill is paid'
  end as reason,
  b.table_no as table_number
from warung.bill b
join warung.outlet o on o.id = b.outlet_id
where b.id = :order_id::integer and :tenant = 'warung'
for update of b
