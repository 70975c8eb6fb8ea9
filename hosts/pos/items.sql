select i.sku, i.name, i.qty as quantity, i.line_total, i.note
from pos.order_items i
where i.order_id = :order_key::uuid and i.voided_at is null
order by i.line_no
