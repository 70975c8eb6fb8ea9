-- Three open bills.
insert into warung.outlet (id, code, name) values (1, 'WRG-01', 'Warung Bu Sri');

insert into warung.bill (id, outlet_id, bill_no, table_no, service_sen, total_sen, updated_at) values
  (1, 1, 'A-1', '4', 250000, 5250000, localtimestamp),
  (2, 1, 'A-2', null, 0, 3577250, localtimestamp),
  (3, 1, 'A-3', '2', 0, 1200000, localtimestamp);

insert into warung.bill_line (bill_id, line_no, dish, portions, price_sen, taken_off) values
  (1, 1, 'Nasi Pecel', 2, 2000000, false), (1, 2, 'Es Teh', 2, 500000, false), (1, 3, 'Kerupuk', 1, 300000, true),
  (2, 1, 'Ikan Bakar', 1, 3577250, false),
  (3, 1, 'Soto Ayam', 1, 1200000, false);
