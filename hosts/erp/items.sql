select l.item_code as sku, coalesce(l.description, t.item_name, l.item_code) as name, l.qty as quantity, l.net_amount as line_total
from erp."Sales Invoice Line" l
left join erp."Item" t on t.item_code = l.item_code
where l.doc_no = :order_key and l.is_active = 'Y' and l.item_code is not null
order by l.line_no
