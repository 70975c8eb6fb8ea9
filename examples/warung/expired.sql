-- The QR expired. Closes the payment row, which stays for the next try. A row that is paid or has a newer QR is not changed.
update warung.payment
set state = 'X', updated_at = :now
where bill_id = :order_key::integer and ref = :reference and state = 'W'
returning id
