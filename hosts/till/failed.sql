update till.payments set status = 'failed', updated_at = :now
where reference = :reference and status = 'pending'
returning reference
