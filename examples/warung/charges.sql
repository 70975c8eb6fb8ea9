select c.kind, c.amount, false as included
from warung.bill b
cross join lateral (values
  (1, 'discount', -b.discount_sen * 0.01),
  (2, 'service_charge', b.service_sen * 0.01)) as c (place, kind, amount)
where b.id = :order_key::integer
order by c.place
