-- The cashier cancelled the QR. A document is voided, never deleted, so that its number stays used.
update erp."Payment Entry"
set doc_status = 'VO', modified = :now, modified_by = 'qris-gateway'
where reference_no = :reference and doc_status = 'DR'
returning pay_no
