-- The till has no status for a cancelled payment. The QR did not expire, so the payment counts as failed.
update pos.payments set status = 'failed', updated_at = :now
where external_ref = :reference and status = 'pending'
returning id
