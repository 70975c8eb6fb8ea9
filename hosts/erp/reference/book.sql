-- For the audit: the state of our payments in the ERP's own documents. $1: their references.
select reference_no as reference, doc_status = 'CO' as paid
from erp."Payment Entry"
where reference_no = any ($1)
