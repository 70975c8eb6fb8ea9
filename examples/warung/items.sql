select null as sku, l.dish as name, l.portions as quantity, l.portions * l.price_sen * 0.01 as line_total
from warung.bill_line l
where l.bill_id = :order_key::integer and not l.taken_off
order by l.line_no
