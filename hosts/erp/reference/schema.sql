CREATE SCHEMA erp;
CREATE TABLE erp."Document Counter" (prefix varchar(40) PRIMARY KEY, last_value bigint NOT NULL DEFAULT 0);

CREATE TABLE erp."Sales Invoice" (
  doc_no varchar(40) PRIMARY KEY,                       -- 'INV/JKT/2025/00012'
  doc_type char(2) NOT NULL DEFAULT 'SI' CHECK (doc_type IN ('SI','CN')),
  company_code varchar(10) NOT NULL, branch_code varchar(10) NOT NULL,
  customer_name varchar(140), currency char(3) NOT NULL,
  doc_status char(2) NOT NULL DEFAULT 'DR' CHECK (doc_status IN ('DR','CO','CL','VO')),
  payment_status varchar(20) NOT NULL DEFAULT 'Unpaid' CHECK (payment_status IN ('Unpaid','Partly Paid','Paid')),
  net_total numeric(18,4) NOT NULL, tax_total numeric(18,4) NOT NULL,
  discount_total numeric(18,4) NOT NULL DEFAULT 0, grand_total numeric(18,4) NOT NULL,
  rounded_total numeric(18,4) NOT NULL DEFAULT 0,       -- 0 = rounding switched off for this branch
  outstanding numeric(18,4) NOT NULL,
  is_active char(1) NOT NULL DEFAULT 'Y' CHECK (is_active IN ('Y','N')),
  created timestamp(6) NOT NULL, modified timestamp(6) NOT NULL, modified_by varchar(60) NOT NULL);

CREATE TABLE erp."Sales Invoice Line" (
  doc_no varchar(40) NOT NULL REFERENCES erp."Sales Invoice", line_no integer NOT NULL,
  item_code varchar(40), charge_code varchar(40), description varchar(255),
  qty numeric(18,6) NOT NULL, unit_price numeric(18,4) NOT NULL, discount_percent numeric(9,4) NOT NULL DEFAULT 0,
  net_amount numeric(18,4) NOT NULL, is_active char(1) NOT NULL DEFAULT 'Y' CHECK (is_active IN ('Y','N')),
  PRIMARY KEY (doc_no, line_no), CHECK (item_code IS NOT NULL OR charge_code IS NOT NULL));
CREATE TABLE erp."Item" (item_code varchar(40) PRIMARY KEY, item_name varchar(140) NOT NULL);

CREATE TABLE erp."Sales Invoice Tax" (
  doc_no varchar(40) NOT NULL REFERENCES erp."Sales Invoice", seq integer NOT NULL,
  tax_code varchar(20) NOT NULL, rate numeric(9,4) NOT NULL, amount numeric(18,4) NOT NULL,
  included char(1) NOT NULL DEFAULT 'N' CHECK (included IN ('Y','N')), PRIMARY KEY (doc_no, seq));

CREATE TABLE erp."Payment Entry" (
  pay_no varchar(40) PRIMARY KEY,
  company_code varchar(10) NOT NULL, branch_code varchar(10) NOT NULL, journal_code varchar(10) NOT NULL,
  pay_date date NOT NULL, mode_of_payment varchar(20) NOT NULL, currency char(3) NOT NULL,
  amount numeric(18,4) NOT NULL CHECK (amount > 0),
  doc_status char(2) NOT NULL DEFAULT 'DR' CHECK (doc_status IN ('DR','CO','VO')),
  reference_no varchar(60) UNIQUE,
  created timestamp(6) NOT NULL, created_by varchar(60) NOT NULL,
  modified timestamp(6) NOT NULL, modified_by varchar(60) NOT NULL);
CREATE TABLE erp."Payment Allocation" (
  pay_no varchar(40) NOT NULL REFERENCES erp."Payment Entry", doc_no varchar(40) NOT NULL REFERENCES erp."Sales Invoice",
  amount numeric(18,4) NOT NULL CHECK (amount > 0), PRIMARY KEY (pay_no, doc_no));

CREATE FUNCTION erp.refresh_outstanding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE erp."Sales Invoice" i SET outstanding = x.due,
    payment_status = CASE WHEN x.due <= 0 THEN 'Paid' WHEN x.due < x.total THEN 'Partly Paid' ELSE 'Unpaid' END,
    modified = localtimestamp, modified_by = NEW.modified_by
  FROM (SELECT s.doc_no, t.total, t.total - coalesce((SELECT sum(a.amount) FROM erp."Payment Allocation" a
          JOIN erp."Payment Entry" p USING (pay_no) WHERE a.doc_no = s.doc_no AND p.doc_status = 'CO'), 0) AS due
        FROM erp."Sales Invoice" s CROSS JOIN LATERAL (SELECT coalesce(nullif(s.rounded_total,0), s.grand_total) AS total) t
        WHERE s.doc_no IN (SELECT doc_no FROM erp."Payment Allocation" WHERE pay_no = NEW.pay_no)) x
  WHERE i.doc_no = x.doc_no;
  RETURN NULL;
END $$;
CREATE TRIGGER payment_entry_status AFTER UPDATE OF doc_status ON erp."Payment Entry"
  FOR EACH ROW WHEN (OLD.doc_status IS DISTINCT FROM NEW.doc_status) EXECUTE FUNCTION erp.refresh_outstanding();
