import type { HostFolder } from '@gateway/shared/host';
import { HostStatementFailed, inRolledBackTransaction, onOwnConnection, sessionOf } from '@gateway/shared/host';
import type pg from 'pg';
import { type NeededRights, neededRights } from './needed-rights.ts';

/** One right that a role needs. */
export interface Grant {
  /** `usage on schema erp`, `select (doc_no, grand_total) on erp."Sales Invoice"`: between `grant` and `to`. */
  right: string;
  /** The files that need the right, or `triggers`. */
  neededBy: string[];
  /** Needed only for `for update`, which requires the right to update some column and writes none. */
  onlyToLock?: true;
}

/**
 * The least set of grants that a host's statements need, column by column. `proveGrants` adds what its functions and triggers need.
 * @throws PostgreSQL's error when a statement does not fit the database or this role may not use a schema; HostStatementFailed
 * before PostgreSQL 14
 */
export async function grantsOf(folder: HostFolder, url: string, { tenant = '' }: { tenant?: string } = {}): Promise<Grant[]> {
  return onOwnConnection(url, (client) =>
    inRolledBackTransaction(client, async () => {
      const session = sessionOf(folder).settings(tenant);
      await client.query(session.text, session.values);
      const { rows } = await client.query<{ version: number }>(`select current_setting('server_version_num')::int as version`);
      if (Number(rows[0]?.version) < 140_000)
        throw new HostStatementFailed(folder.id, 'reading its grants needs PostgreSQL 14 or newer', { code: '0A000' });
      const needs: Need[] = [];
      for (const { file, ...statement } of Object.values(folder.statements))
        needs.push({ file, rights: await neededRights(client, { file, ...statement }) });
      return grantsFor(needs, await readCatalog(client, needs));
    }),
  );
}

interface Need {
  file: string;
  rights: NeededRights;
}

interface Relation {
  oid: number;
  name: string;
  schema: string;
  /** The names by number. */
  columns: ReadonlyMap<number, string>;
  /** The sequences that column defaults use. An identity column needs no grant on its sequence. */
  sequences: { column: number; name: string; schema: string }[];
}

interface Catalog {
  relations: Relation[];
  /** The functions that need a grant, because PUBLIC may not execute them. */
  functions: { oid: number; name: string; schema: string }[];
}

function grantsFor(needs: readonly Need[], { relations, functions }: Catalog): Grant[] {
  const found = new Map<string, Set<string>>();
  const add = (right: string, file: string) => found.set(right, (found.get(right) ?? new Set<string>()).add(file));
  for (const { file, rights } of needs) {
    for (const { oid, schema, sequences } of relations.filter((each) => rights.tables.some(({ relation }) => relation === each.oid))) {
      add(`usage on schema ${schema}`, file);
      const inserted = rights.tables.flatMap(({ relation, insert }) => (relation === oid && insert ? [insert] : []));
      for (const sequence of sequences.filter(({ column }) => inserted.some((columns) => !columns.includes(column)))) {
        add(`usage on schema ${sequence.schema}`, file);
        add(`usage on sequence ${sequence.name}`, file);
      }
    }
    for (const { name, schema } of functions.filter(({ oid }) => rights.functions.includes(oid))) {
      add(`usage on schema ${schema}`, file);
      add(`execute on function ${name}`, file);
    }
  }
  const allGrants = [...found].map(([right, files]) => ({ right, neededBy: [...files] }));
  const schemas = allGrants.filter(({ right }) => right.startsWith('usage on schema'));
  return [
    ...schemas,
    ...relations.flatMap((relation) => grantsOn(relation, needs)),
    ...allGrants.filter((each) => !schemas.includes(each)),
  ];
}

/** The grants on one table that all statements need together. */
function grantsOn({ oid, name, columns }: Relation, needs: readonly Need[]): Grant[] {
  const uses = needs.flatMap(({ file, rights }) => rights.tables.filter(({ relation }) => relation === oid).map((use) => ({ file, use })));
  return (['select', 'insert', 'update', 'delete'] as const).flatMap((right) => {
    const needing = uses.filter(({ use }) => (right === 'delete' ? use.delete : use[right] !== null));
    if (needing.length === 0) return [];
    const neededBy = [...new Set(needing.map(({ file }) => file))];
    if (right === 'delete') return [{ right: `delete on ${name}`, neededBy }];
    const numbers = needing.flatMap(({ use }) => use[right] ?? []);
    const onlyToLock = right === 'update' && numbers.length === 0;
    return [{ right: `${right}${listOf(numbers, columns)} on ${name}`, neededBy, ...(onlyToLock ? { onlyToLock } : {}) }];
  });
}

/** The column list of a grant. When any column will do, it names the first one, which is usually the key. */
function listOf(numbers: readonly number[], columns: ReadonlyMap<number, string>): string {
  if (numbers.some((number) => number <= 0)) return ''; // the whole row or a system column
  const named = [...new Set(numbers)].sort((a, b) => a - b).flatMap((number) => columns.get(number) ?? []);
  const list = named.length > 0 ? named : [...columns.values()].slice(0, 1);
  return ` (${list.join(', ')})`;
}

async function readCatalog(client: pg.Client, needs: readonly Need[]): Promise<Catalog> {
  const oids = [...new Set(needs.flatMap(({ rights }) => rights.tables.map(({ relation }) => relation)))];
  const functionOids = [...new Set(needs.flatMap(({ rights }) => rights.functions))];
  const relations = await client.query<Pick<Relation, 'oid' | 'name' | 'schema'> & { columns: Record<string, string> }>(
    `select c.oid, format('%I.%I', n.nspname, c.relname) as name, quote_ident(n.nspname) as schema,
       (select json_object_agg(a.attnum, quote_ident(a.attname) order by a.attnum)
        from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.oid = any($1) and n.nspname not in ('pg_catalog', 'information_schema') order by 2`,
    [oids],
  );
  const sequences = await client.query<{ relation: number; column: number; name: string; schema: string }>(
    `select d.adrelid as relation, d.adnum as column, format('%I.%I', n.nspname, s.relname) as name, quote_ident(n.nspname) as schema
     from pg_catalog.pg_attrdef d
     join pg_catalog.pg_depend u on u.classid = 'pg_catalog.pg_attrdef'::regclass and u.objid = d.oid and u.refclassid = 'pg_catalog.pg_class'::regclass
     join pg_catalog.pg_class s on s.oid = u.refobjid and s.relkind = 'S'
     join pg_catalog.pg_namespace n on n.oid = s.relnamespace
     where d.adrelid = any($1)`,
    [oids],
  );
  const functions = await client.query<Catalog['functions'][number]>(
    `select p.oid, format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as name, quote_ident(n.nspname) as schema
     from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
     where p.oid = any($1) and n.nspname <> 'pg_catalog' and not has_function_privilege('public', p.oid, 'execute')`,
    [functionOids],
  );
  return {
    relations: relations.rows.map(({ columns, ...relation }) => ({
      ...relation,
      columns: new Map(Object.entries(columns ?? {}).map(([number, column]) => [Number(number), column])),
      sequences: sequences.rows.filter((sequence) => sequence.relation === relation.oid),
    })),
    functions: functions.rows,
  };
}
