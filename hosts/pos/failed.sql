update pos.payments set status = 'failed', updated_at = :now
where external_ref = :reference and status = 'pending'
returning id
