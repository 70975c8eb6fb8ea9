-- For the audit: the state of our payments in the rows of the host. $1: their references.
select reference, status in ('paid', 'refunded') as paid
from till.payments
where reference = any ($1)
