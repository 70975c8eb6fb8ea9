update till.payments set status = 'cancelled', updated_at = :now
where reference = :reference and status = 'pending'
returning reference
