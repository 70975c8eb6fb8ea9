-- The QR ran out. The row stays, for the next try. Not when it stands for a newer QR, or was paid.
update warung.payment
set state = 'X', updated_at = :now
where bill_id = :order_key::integer and ref = :reference and state = 'W'
returning id
