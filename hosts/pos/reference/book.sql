-- For the audit: the state of our payments in the till's own rows. $1: their references.
select external_ref as reference, status in ('settled', 'refunded') as paid
from pos.payments
where external_ref = any ($1)
