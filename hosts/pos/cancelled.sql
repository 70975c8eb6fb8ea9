-- The till has no word for "cancelled": the QR did not run out, so it is a payment that failed.
update pos.payments set status = 'failed', updated_at = :now
where external_ref = :reference and status = 'pending'
returning id
