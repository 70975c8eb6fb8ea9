select c.kind, c.amount, false as included
from till.charges c
where c.order_key = :order_key
order by c.no
