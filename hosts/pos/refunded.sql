-- The order stays paid: money back for a dish does not put the bill back on the table. A part of the money given back leaves
-- the payment settled, since the till has no word for it; its moment is kept.
update pos.payments
set status = case when :refunded_total = :amount then 'refunded' else status end, updated_at = :now
where external_ref = :reference and status = 'settled'
returning id
