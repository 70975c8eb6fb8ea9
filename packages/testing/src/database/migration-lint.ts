import { isConcurrent } from '@gateway/shared/store';
import pg from 'pg';
import { freshDatabase } from './servers.ts';

interface Migration {
  name: string;
  up: string | readonly string[];
}

/** Runs migrations on a real PostgreSQL, and finds those that would stop the tills of a shop whose tables have ten million rows. */
export interface MigrationLint {
  /** Runs the migration after those before it. @returns one sentence for each problem, which says what to write instead */
  problemsOf(migration: Migration): Promise<string[]>;
  /** The same, and undoes the migration. */
  problemsOfExample(up: Migration['up']): Promise<string[]>;
  close(): Promise<void>;
}

/** Starts on an empty database. */
export async function startMigrationLint(): Promise<MigrationLint> {
  const database = await freshDatabase(null);
  const client = new pg.Client(database.url);
  await client.connect();
  await client.query(`create schema gateway; ${recorder}`);
  const problemsOf = async (up: Migration['up'], end: 'commit' | 'rollback') => {
    const tables = await existingTables(client);
    const problems = new Set<string>();
    for (const statement of typeof up === 'string' ? [up] : up) {
      const foreign = /[^ -~\s]/.exec(statement)?.[0];
      if (foreign) problems.add(`contains "${foreign}", which a database in LATIN1 may not have. Write it in ASCII`);
      if (/lock_timeout/i.test(statement)) problems.add(waits);
      const mayRunAlone = typeof up !== 'string' && isConcurrent(statement);
      for (const problem of await problemsOfStatement(client, { statement, tables, end, mayRunAlone })) problems.add(problem);
    }
    return [...problems];
  };
  return {
    problemsOf: ({ up }) => problemsOf(up, 'commit'),
    problemsOfExample: (up) => problemsOf(up, 'rollback'),
    close: async () => {
      await client.end();
      await database.drop();
    },
  };
}

/** Remembers the tables in which a statement changes or deletes rows, also when none matches. */
const recorder = `create schema lint; create table lint.changes (relid regclass);
  create function lint.record() returns trigger language plpgsql as $$ begin insert into lint.changes values (tg_relid); return null; end $$`;

/** The tables that the migrations before have made: each may be the one with ten million rows. */
async function existingTables(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ oid: string }>(
    `select oid::text from pg_class where relnamespace::regnamespace::text in ('gateway', 'till') and relkind in ('r', 'p')`,
  );
  return rows.map(({ oid }) => oid);
}

interface Run {
  statement: string;
  tables: readonly string[];
  end: 'commit' | 'rollback';
  /** Whether the migrator runs it outside a transaction. */
  mayRunAlone: boolean;
}

async function problemsOfStatement(client: pg.Client, run: Run): Promise<string[]> {
  const eachTable = async (statement: string) => {
    const text = 'select format($1, oid::regclass) as text from pg_class where oid::text = any ($2)';
    const { rows } = await client.query<{ text: string }>({ text, values: [statement, run.tables] });
    for (const each of rows) await client.query(each.text);
  };
  await eachTable('create trigger lint before update or delete or truncate on %s for each statement execute function lint.record()');
  try {
    return await observed(client, run);
  } finally {
    await eachTable('drop trigger lint on %s');
    await client.query('truncate lint.changes');
  }
}

async function observed(client: pg.Client, { statement, tables, end, mayRunAlone }: Run): Promise<string[]> {
  const fileNodes = await fileNodesOf(client, tables);
  await client.query(`begin; set local lock_timeout = '100ms'`); // as the migrator does
  try {
    const before = await stateOf(client, tables);
    await client.query(statement);
    const after = await stateOf(client, tables);
    const problems = [...rewrites(fileNodes, await fileNodesOf(client, tables)), ...compare(before, after)];
    await client.query(end);
    return problems;
  } catch (error) {
    await client.query('rollback');
    if ((error as { code?: string }).code !== '25001') throw error;
    if (!mayRunAlone) return [runsAlone];
    await client.query(statement); // it takes no lock that tills wait for
    return [];
  }
}

interface FileNode {
  root: string;
  node: number;
}

async function fileNodesOf(client: pg.Client, tables: readonly string[]): Promise<Map<string, FileNode>> {
  const { rows } = await client.query<{ oid: string; root: string; node: number }>(
    `select c.oid::text, coalesce(pg_partition_root(c.oid), c.oid)::regclass::text as root, relfilenode as node from pg_class c where c.oid::text = any ($1)`,
    [tables],
  );
  return new Map(rows.map(({ oid, root, node }) => [oid, { root, node }]));
}

function rewrites(before: Map<string, FileNode>, after: Map<string, FileNode>): string[] {
  return [...after].flatMap(([oid, { root, node }]) =>
    node === before.get(oid)?.node
      ? []
      : [
          `copies every row of ${root} while no till can use the table. Add a column without a default, or with a constant one; ` +
            'fill it in batches by maintenance, and drop the old column in a later release.',
        ],
  );
}

/** What a transaction has done to the existing tables so far. */
interface State {
  /** For each table: how often it was read from its start, whether writes wait for this transaction, whether rows were locked or changed. */
  tables: { table: string; scans: number; isBlocked: boolean; hasLockedRows: boolean; isChanged: boolean }[];
  indexes: { table: string; id: string; name: string; isConstraint: boolean }[];
  /** Valid ones, by type: `c` check, `f` foreign key, `n` not null. */
  constraints: { table: string; id: string; name: string; type: 'c' | 'f' | 'n' }[];
  lockTimeout: string;
}

async function stateOf(client: pg.Client, oids: readonly string[]): Promise<State> {
  const root = (oid: string) => `coalesce(pg_partition_root(${oid}), ${oid})::regclass::text`;
  const query = async <Row>(text: string) => (await client.query({ text, values: [oids] })).rows as Row[];
  return {
    tables: await query(`select ${root('c.oid')} as table, sum(pg_stat_get_xact_numscans(c.oid))::integer as scans,
        bool_or(l.modes && array['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock']) as "isBlocked",
        bool_or('RowShareLock' = any (l.modes)) as "hasLockedRows",
        bool_or(exists (select from lint.changes where relid = c.oid)) as "isChanged"
      from pg_class c cross join lateral (select array(select mode from pg_locks where pid = pg_backend_pid() and relation = c.oid) as modes) l
      where c.oid::text = any ($1) group by 1 order by 1`),
    indexes: await query(`select distinct ${root('i.indrelid')} as table, i.indexrelid::text as id, i.indexrelid::regclass::text as name,
        exists (select from pg_constraint where conindid = i.indexrelid) as "isConstraint"
      from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid::text = any ($1) and not c.relispartition`),
    constraints: await query(`select ${root('conrelid')} as table, oid::text as id, conname as name, contype::text as type
      from pg_constraint where conrelid::text = any ($1) and convalidated and conparentid = 0 and contype in ('c', 'f', 'n')`),
    lockTimeout: (await client.query<{ lock_timeout: string }>('show lock_timeout')).rows[0]?.lock_timeout ?? '',
  };
}

/** The items that only the first list has. */
const missing = <Item extends { table: string; id: string }>(items: readonly Item[], others: readonly Item[]): Item[] =>
  items.filter(({ table, id }) => !others.some((other) => other.table === table && other.id === id));

function compare(before: State, after: State): string[] {
  const built = missing(after.indexes, before.indexes);
  const dropped = missing(before.indexes, after.indexes).filter(
    ({ table, isConstraint }) => !isConstraint && after.tables.some((each) => each.table === table),
  );
  const scansBefore = new Map(before.tables.map(({ table, scans }) => [table, scans]));
  const isRead = ({ table, scans }: State['tables'][number]) => scans > (scansBefore.get(table) ?? 0);
  const scanned = after.tables.filter((each) => each.isBlocked && isRead(each));
  const blocked = new Set(after.tables.filter(({ isBlocked }) => isBlocked).map(({ table }) => table));
  const validated = missing(after.constraints, before.constraints).filter(({ table }) => blocked.has(table));
  const checks = validated.filter(({ type }) => type !== 'n');
  const explained = new Set([...built, ...checks].map(({ table }) => table));
  const notNull = validated.filter(
    ({ type, table }) => type === 'n' && !explained.has(table) && scanned.some((each) => each.table === table),
  );
  for (const { table } of notNull) explained.add(table);
  return [
    ...built.map(builds),
    ...dropped.map(drops),
    ...checks.map(validates),
    ...notNull.map(setsNotNull),
    ...scanned.filter(({ table }) => !explained.has(table)).map(reads),
    ...after.tables.filter((each) => each.isChanged || (each.hasLockedRows && isRead(each))).map(changes),
    ...(after.lockTimeout === before.lockTimeout ? [] : [waits]),
  ];
}

interface Named {
  table: string;
  name: string;
}
const builds = ({ table, name }: Named) =>
  `builds the index ${name} on ${table} while no till can write to the table. Write "create index concurrently" in a list of statements; ` +
  'a constraint is then added "using index".';
const drops = ({ table, name }: Named) =>
  `drops the index ${name}, for which ${table} is locked. Write "drop index concurrently" in a list of statements.`;
const validates = ({ table, name }: Named) =>
  `checks every row of ${table} for ${name} while no till can write to the table. Add the constraint "not valid", and "validate constraint" in ` +
  'the next migration.';
const setsNotNull = ({ table, name }: Named) =>
  `reads every row of ${table} for ${name} while no till can use the table. Add "check (… is not null) not valid", validate it in the next ` +
  'migration, and "set not null" in the one after.';
const reads = ({ table }: { table: string }) =>
  `reads every row of ${table} while no till can write to the table. Read it in a migration of its own that does not lock the table.`;
const changes = ({ table }: { table: string }) =>
  `changes or locks rows of ${table} in one statement, and keeps them locked until its end. Change them in batches by maintenance.`;
const waits = 'sets lock_timeout. Leave it out: the migrator sets it, and tries again when a table is in use.';
const runsAlone =
  'cannot run in a transaction. The migrator runs only "create index concurrently", "drop index concurrently" and "reindex index ' +
  'concurrently" outside one, each as a statement of a list.';
