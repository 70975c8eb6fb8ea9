-- The tables of a small restaurant's till, as its developer made them. None of them was made for the gateway.
create schema warung;

create type warung.pay_method as enum ('cash', 'qris');

create table warung.outlet (
  id integer primary key,
  code text not null unique,
  name text not null);

create table warung.bill (
  id serial primary key,
  outlet_id integer not null references warung.outlet,
  bill_no text not null,
  table_no text,
  discount_sen bigint not null default 0,    -- money is in sen: one hundredth of a rupiah
  service_sen bigint not null default 0,
  total_sen bigint not null,
  is_paid boolean not null default false,    -- the only record that a bill is paid
  voided_at timestamp,
  updated_at timestamp not null,             -- local time, always set by the application
  unique (outlet_id, bill_no));

create table warung.bill_line (
  bill_id integer not null references warung.bill,
  line_no smallint not null,
  dish text not null,
  portions integer not null,
  price_sen bigint not null,
  taken_off boolean not null default false,  -- "I did not order that"
  primary key (bill_id, line_no));

create table warung.payment (
  id serial primary key,
  bill_id integer not null unique references warung.bill,  -- one row per bill, reused by every try to pay
  method warung.pay_method not null,
  amount_sen bigint not null,
  state char(1) not null check (state in ('W', 'P', 'X')), -- waiting, paid, closed without payment
  ref varchar(40),
  paid_at timestamp,
  updated_at timestamp not null);
