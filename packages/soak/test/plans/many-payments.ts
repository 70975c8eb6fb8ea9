import pg from 'pg';
import { fillings, pastRows, preparations } from './past-payments.ts';

// Foreign key checks are skipped: the rows satisfy them.
const session = `set session_replication_role = replica; set synchronous_commit = off; set work_mem = '64MB'; set maintenance_work_mem = '1GB';
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

const connections = 2;

/**
 * Does what `loadPayments` does on an empty database that nothing else uses, without maintaining the indexes row by row: they are built at the
 * end, in the order of their keys. Two connections share the work.
 */
export async function fillFast(url: string, count: number): Promise<Filling> {
  const start = performance.now();
  const clients = await Promise.all(Array.from({ length: connections }, () => connected(url)));
  const [first] = clients as [pg.Client];
  for (const statement of preparations) await first.query(statement);
  await Promise.all(clients.map((client, n) => client.query(pastRows, shareOf(count, n))));
  const tables = fillings.flatMap((filling) => filling.tables);
  const checks = await dropChecks(first, tables);
  await first.query(disableIndexes, [tables]);
  await shared(
    clients,
    fillings.map(({ text }) => text),
  );
  const { rows: indexes } = await first.query<{ text: string }>(disabledIndexes);
  await shared(
    clients,
    indexes.map(({ text }) => text),
  );
  for (const check of checks) await first.query(check);
  await first.query('drop table past');
  await shared(
    clients,
    tables.map((table) => `analyze ${table}`),
  );
  const { rows } = await first.query<{ bytes: string }>('select pg_database_size(current_database()) as bytes');
  await Promise.all(clients.map((client) => client.end()));
  return { seconds: (performance.now() - start) / 1_000, bytes: Number(rows[0]?.bytes) };
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

// An index that is not ready is not maintained; REINDEX builds it anew and makes it ready and valid again.
const disableIndexes = `update pg_index set indisready = false, indisvalid = false
  where indrelid in (select t.relid from unnest($1::text[]) as name, pg_partition_tree(name::regclass) t join pg_class c on c.oid = t.relid and c.relkind = 'r'
    union all select name::regclass from unnest($1::text[]) as name)
    and (select relkind from pg_class where oid = indrelid) = 'r'`;

/** The statements that build them, the long ones first. */
const disabledIndexes = `select format('reindex index %s', indexrelid::regclass) as text from pg_index where not indisready
  order by pg_relation_size(indrelid) desc, indexrelid`;

/** Drops the checks of these tables, which cost as much as the insert. @returns the statements that add them again for new rows */
async function dropChecks(client: pg.Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
       format('alter table %s add constraint %I %s not valid', conrelid::regclass, conname, pg_get_constraintdef(c.oid)) as add
     from pg_constraint c join pg_class t on t.oid = c.conrelid and t.relkind = 'r' where c.contype = 'c' and c.conrelid = any ($1::regclass[])`,
    [tables],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ add }) => add);
}
