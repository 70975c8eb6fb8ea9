-- What the ERP's own documents say of our payments ($1: their references), for the audit.
select reference_no as reference, doc_status = 'CO' as paid
from erp."Payment Entry"
where reference_no = any ($1)
