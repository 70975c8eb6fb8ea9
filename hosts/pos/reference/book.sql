-- What the till's own rows say of our payments ($1: their references), for the audit.
select external_ref as reference, status in ('settled', 'refunded') as paid
from pos.payments
where external_ref = any ($1)
