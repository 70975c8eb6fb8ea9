-- The order stays paid: a refund of a dish does not reopen the bill. After a partial refund the payment stays `settled`, because
-- the till has no status for it; `updated_at` records the time.
update pos.payments
set status = case when :refunded_total = :amount then 'refunded' else status end, updated_at = :now
where external_ref = :reference and status = 'settled'
returning id
