select l.sku, l.name, l.quantity, l.total as line_total, l.note
from till.lines l
where l.order_key = :order_key
order by l.no
