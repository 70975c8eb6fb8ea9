import pg from 'pg';
import { fillings, pastRows, preparations } from './past-payments.ts';

// Foreign key checks are skipped: the rows satisfy them.
const session = `set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB'; set maintenance_work_mem = '512MB';
  set max_parallel_maintenance_workers = 0`;

/**
 * Fills the gateway's and the host's tables with `count` payments of the last three years: orders, attempts, events, webhooks, releases.
 * Eighty in a hundred are paid, eight are refunded in part, five have a discrepancy, and the newest fifty have their QR on display.
 */
export async function loadPayments(client: pg.Client, count: number): Promise<void> {
  await client.query(session);
  for (const statement of preparations) await client.query(statement);
  await client.query(pastRows, [1, count, count]);
  for (const { text } of fillings) await client.query(text);
  await client.query('drop table past');
  await client.query('set session_replication_role = default');
  await client.query('analyze');
}

/** What a fast filling took. */
export interface Filling {
  seconds: number;
  bytes: number;
}

const connections = 4;

/**
 * Does what `loadPayments` does on a database that nothing else uses, many times as fast. Indexes are not maintained row by row: they are built
 * at the end, in the order of their keys. Foreign keys and checks hold for no row that is written, and PostgreSQL validates them afterwards,
 * in one scan for each table. An empty table is truncated by the transaction that fills it, so that a server with `wal_level = minimal` writes no
 * log of its rows. Four connections share the work. The definitions of tables, indexes and constraints are as before.
 */
export async function fillFast(url: string, count: number): Promise<Filling> {
  const start = performance.now();
  const clients = await Promise.all(Array.from({ length: connections }, () => connected(url)));
  const [first] = clients as [pg.Client];
  for (const statement of preparations) await first.query(statement);
  await Promise.all(clients.map((client, n) => client.query(pastRows, shareOf(count, n))));
  const tables = fillings.flatMap((filling) => filling.tables);
  const checks = await textsOf(first, checksOf, tables);
  const foreignKeys = await textsOf(first, foreignKeysOf, tables);
  await Promise.all(clients.map((client, n) => fillTables(client, n)));
  for (const { before } of foreignKeys) await first.query(before);
  await shared(clients, [
    ...(await textsOf(first, disabledIndexes)).map(({ after }) => after),
    ...tables.map((table) => `analyze ${table}`),
    ...foreignKeys.map(({ after }) => after),
    ...checks.map(({ after }) => after), // at last, because each locks its table
  ]);
  await first.query('drop table past');
  const { rows } = await first.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  await Promise.all(clients.map((client) => client.end()));
  return { seconds: (performance.now() - start) / 1_000, bytes: Number(rows[0]?.bytes) };
}

/** The tables of one connection, in one transaction. */
async function fillTables(client: pg.Client, connection: number): Promise<void> {
  const own = fillings.filter((filling) => filling.connection === connection);
  const tables = own.flatMap((filling) => filling.tables);
  await client.query('begin');
  const empty: string[] = [];
  for (const table of tables) if ((await client.query(`select from ${table} limit 1`)).rows.length === 0) empty.push(table);
  if (empty.length > 0) await client.query(`truncate ${empty.join(', ')} cascade`); // what refers to an empty table is empty, too
  await client.query(disableIndexes, [tables]);
  for (const { before } of await textsOf(client, checksOf, tables)) await client.query(before);
  for (const { text } of own) await client.query(text);
  await client.query('commit');
}

/** Runs the statements, each on the first connection that is free. */
async function shared(clients: readonly pg.Client[], statements: readonly string[]): Promise<void> {
  const open = [...statements];
  await Promise.all(
    clients.map(async (client) => {
      for (let next = open.shift(); next; next = open.shift()) await client.query(next);
    }),
  );
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(session);
  return client;
}

const shareOf = (count: number, n: number): number[] => [
  Math.floor((count * n) / connections) + 1,
  Math.floor((count * (n + 1)) / connections),
  count,
];

/** Statements: one that is run before a table is filled, and one that undoes it. */
interface Texts {
  before: string;
  after: string;
}

const textsOf = async (client: pg.Client, query: string, tables?: readonly string[]): Promise<Texts[]> =>
  (await client.query<Texts>({ text: query, values: tables ? [tables] : [] })).rows;

// An index that is not ready is not maintained; REINDEX builds it anew and makes it ready and valid again.
const disableIndexes = `update pg_index set indisready = false, indisvalid = false
  where indrelid in (select t.relid from unnest($1::text[]) as name, pg_partition_tree(name::regclass) t join pg_class c on c.oid = t.relid and c.relkind = 'r'
    union all select name::regclass from unnest($1::text[]) as name)
    and (select relkind from pg_class where oid = indrelid) = 'r'`;

/** The long ones first. */
const disabledIndexes = `select format('reindex index %s', indexrelid::regclass) as after from pg_index where not indisready
  order by pg_relation_size(indrelid) desc, indexrelid`;

/** Each table's checks: added again in one statement, they are validated in one scan. Those of partitions stay. */
const checksOf = `select format('alter table %s %s', name, string_agg(format('drop constraint %I', conname), ', ')) as before,
    format('alter table %s %s', name, string_agg(format('add constraint %I %s', conname, pg_get_constraintdef(c.oid)), ', ' order by c.oid)) as after
  from unnest($1::text[]) with ordinality as t (name, n) join pg_constraint c on c.conrelid = name::regclass and c.contype = 'c'
  where (select relkind from pg_class where oid = conrelid) = 'r' group by name, n order by n`;

/** To PostgreSQL a foreign key that is not validated says nothing about rows that exist. */
const foreignKeysOf = `select format('update pg_constraint set convalidated = false where oid = %s', oid) as before,
    format('alter table %s validate constraint %I', conrelid::regclass, conname) as after
  from pg_constraint where contype = 'f' and conrelid = any ($1::regclass[])`;
