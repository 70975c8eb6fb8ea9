CREATE SCHEMA pos;
CREATE TYPE pos.order_status   AS ENUM ('open','awaiting_payment','paid','void');
CREATE TYPE pos.payment_status AS ENUM ('pending','settled','failed','expired','refunded');

CREATE TABLE pos.outlets (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  merchant_id uuid NOT NULL, code text NOT NULL UNIQUE, name text NOT NULL,
  timezone text NOT NULL DEFAULT 'Asia/Jakarta');

CREATE TABLE pos.orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  outlet_id uuid NOT NULL REFERENCES pos.outlets,
  order_no text NOT NULL, table_no text, customer_name text,
  status pos.order_status NOT NULL DEFAULT 'open',
  subtotal bigint NOT NULL, discount bigint NOT NULL DEFAULT 0, service_charge bigint NOT NULL DEFAULT 0,
  tax bigint NOT NULL DEFAULT 0, rounding bigint NOT NULL DEFAULT 0, grand_total bigint NOT NULL,
  paid_total bigint NOT NULL DEFAULT 0,
  version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL, deleted_at timestamptz,
  UNIQUE (outlet_id, order_no),
  CHECK (grand_total = subtotal - discount + service_charge + tax + rounding),
  CHECK (paid_total BETWEEN 0 AND grand_total));

CREATE TABLE pos.order_items (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES pos.orders ON DELETE CASCADE,
  line_no integer NOT NULL, sku text, name text NOT NULL,
  qty numeric(10,3) NOT NULL CHECK (qty > 0), unit_price bigint NOT NULL,
  line_total bigint NOT NULL, note text, voided_at timestamptz,
  UNIQUE (order_id, line_no));

CREATE TABLE pos.payments (
  id uuid PRIMARY KEY,                                  -- no default: the writer supplies it
  order_id uuid NOT NULL REFERENCES pos.orders,
  method text NOT NULL CHECK (method IN ('cash','debit','credit','qris','voucher')),
  amount bigint NOT NULL CHECK (amount > 0),
  status pos.payment_status NOT NULL DEFAULT 'pending',
  external_ref text, paid_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(), updated_at timestamptz NOT NULL);
CREATE UNIQUE INDEX payments_external_ref_key ON pos.payments (external_ref) WHERE external_ref IS NOT NULL;
