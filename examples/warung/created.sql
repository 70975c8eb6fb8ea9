-- Inserts the bill's payment row, or reuses the row of an earlier try. A row that is paid is not changed.
insert into warung.payment as p (bill_id, method, amount_sen, state, ref, updated_at)
select b.id, 'qris', :record_amount * 100, 'W', :reference, :now
from warung.bill b
where b.id = :order_key::integer and not b.is_paid and b.voided_at is null
on conflict (bill_id) do update
set method = 'qris', amount_sen = excluded.amount_sen, state = 'W', ref = excluded.ref, updated_at = excluded.updated_at
where p.state <> 'P'
returning p.id as host_payment_key
