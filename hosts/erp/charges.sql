-- Amounts beside the dishes come from four places: charge lines, tax rows, and the discount and rounding of the header.
select c.kind, c.amount, c.included
from (
  select 1 as place, l.line_no as no,
    case l.charge_code when 'SERVICE' then 'service_charge' when 'DELIVERY' then 'delivery' when 'TIP' then 'tip' else 'other' end as kind,
    l.net_amount as amount, false as included
  from erp."Sales Invoice Line" l
  where l.doc_no = :order_key and l.is_active = 'Y' and l.item_code is null
  union all
  select 2, t.seq, 'tax', t.amount, t.included = 'Y'  -- an included tax is part of the lines' prices
  from erp."Sales Invoice Tax" t
  where t.doc_no = :order_key
  union all
  select 3, h.no, h.kind, h.amount, false
  from erp."Sales Invoice" i
  cross join lateral (values
    (1, 'discount', -i.discount_total),
    (2, 'rounding', coalesce(nullif(i.rounded_total, 0) - i.grand_total, 0))) as h (no, kind, amount)  -- rounded_total 0: the branch does not round
  where i.doc_no = :order_key) c
order by c.place, c.no
