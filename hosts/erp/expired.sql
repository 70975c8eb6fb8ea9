-- The QR ran out. A document is voided, never deleted: its number stays taken.
update erp."Payment Entry"
set doc_status = 'VO', modified = :now, modified_by = 'qris-gateway'
where reference_no = :reference and doc_status = 'DR'
returning pay_no
