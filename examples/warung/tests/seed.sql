-- The rows are rolled back. Their numbers are far from real ones, because a copy of your database may contain bills.
insert into warung.outlet (id, code, name) values (9001, 'WRG-TEST', 'Warung Bu Test');

insert into warung.bill (id, outlet_id, bill_no, table_no, discount_sen, service_sen, total_sen, is_paid, voided_at, updated_at) values
  (900001, 9001, 'T-1', '4', 0, 250000, 5250000, false, null, localtimestamp),
  (900002, 9001, 'T-2', null, 0, 0, 3577250, false, null, localtimestamp),
  (900003, 9001, 'T-3', null, 500000, 0, 2000000, false, null, localtimestamp),
  (900004, 9001, 'T-4', null, 0, 0, 1000000, true, null, localtimestamp),
  (900005, 9001, 'T-5', null, 0, 0, 1000000, false, localtimestamp, localtimestamp);

insert into warung.bill_line (bill_id, line_no, dish, portions, price_sen, taken_off) values
  (900001, 1, 'Nasi Pecel', 2, 2000000, false), (900001, 2, 'Es Teh', 2, 500000, false), (900001, 3, 'Kerupuk', 1, 300000, true),
  (900002, 1, 'Ikan Bakar', 1, 3577250, false),
  (900003, 1, 'Soto Ayam', 1, 2500000, false),
  (900004, 1, 'Rawon', 1, 1000000, false),
  (900005, 1, 'Rawon', 1, 1000000, false);
