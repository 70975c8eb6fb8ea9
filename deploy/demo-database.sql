-- Marks this database as one that `npm start` or the demo's containers created. Demo orders and the public demo keys are written into
-- databases with this row only, so that they never reach a shop's.
create schema if not exists local_stack;
create table if not exists local_stack.marker (created_here boolean primary key default true check (created_here));
insert into local_stack.marker default values on conflict do nothing;
