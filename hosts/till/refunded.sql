-- The order stays paid: a refund of a dish does not reopen the bill.
update till.payments
set refunded = :refunded_total, status = case when :refunded_total = :amount then 'refunded' else status end, updated_at = :now
where reference = :reference and status = 'paid'
returning reference
