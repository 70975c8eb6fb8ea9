select c.kind, c.amount, false as included
from pos.orders o
cross join lateral (values
  (1, 'discount', -o.discount),
  (2, 'service_charge', o.service_charge),
  (3, 'tax', o.tax),
  (4, 'rounding', o.rounding)) as c (place, kind, amount)
where o.id = :order_key::uuid
order by c.place
