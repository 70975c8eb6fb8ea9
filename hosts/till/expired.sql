update till.payments set status = 'expired', updated_at = :now
where reference = :reference and status = 'pending'
returning reference
