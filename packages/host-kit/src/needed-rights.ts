import type { HostStatement } from '@gateway/shared/host';
import { typeOf } from '@gateway/shared/host';
import type pg from 'pg';

/** The rights that a role needs to run a statement. Columns are numbers as in `pg_attribute`; 0 is the whole row. */
export interface NeededRights {
  tables: TableRights[];
  functions: number[];
}

/** The rights on one table, by its oid. */
export interface TableRights {
  relation: number;
  /** Each right with its columns. Null: not needed. An empty list: on any one column. */
  select: number[] | null;
  insert: number[] | null;
  update: number[] | null;
  delete: boolean;
}

let functionCount = 0; // the name of a function is free again only after the rollback

/**
 * Reads the needed rights from PostgreSQL's parse of a statement. The statement becomes the body of an SQL function, which
 * PostgreSQL stores parsed; it does not run. The role needs only `usage` on the schemas. Must run in a transaction that is rolled
 * back, on PostgreSQL 14 or newer.
 */
export async function neededRights(client: pg.Client, { text, parameters }: HostStatement): Promise<NeededRights> {
  const name = `pg_temp.gateway_rights_${++functionCount}`;
  const types = parameters.map(typeOf).join(', ');
  await client.query(`create function ${name}(${types}) returns void language sql begin atomic ${text}\n; end`);
  const { rows } = await client.query<{ body: string }>('select prosqlbody::text as body from pg_catalog.pg_proc where oid = $1::regproc', [
    name,
  ]);
  return rightsIn(rows[0]?.body ?? '');
}

// Until PostgreSQL 15 these fields are in the range table, since 16 in a list beside it. Their names are the same.
const permission =
  /:relid (\d+) (?:(?!:relid )[\s\S])*?:requiredPerms (\d+) :checkAsUser \d+ :selectedCols \(b([ \d]*)\) :insertedCols \(b([ \d]*)\) :updatedCols \(b([ \d]*)\)/g;
const call = /:(?:funcid|opfuncid|aggfnoid|winfnoid) (\d+)/g;
const bits = { insert: 1, select: 2, update: 4, delete: 8 }; // parsenodes.h: ACL_INSERT and so on
const beforeFirstColumn = 7; // sysattr.h: columns are counted from FirstLowInvalidHeapAttributeNumber

function rightsIn(body: string): NeededRights {
  const tables = [...body.matchAll(permission)].map(([, relation, mask, selected = '', inserted = '', updated = '']): TableRights => {
    const needs = (bit: number, columns: string) => ((Number(mask) & bit) > 0 ? numbersIn(columns) : null);
    return {
      relation: Number(relation),
      select: needs(bits.select, selected),
      insert: needs(bits.insert, inserted),
      update: needs(bits.update, updated),
      delete: (Number(mask) & bits.delete) > 0,
    };
  });
  return { tables, functions: [...new Set([...body.matchAll(call)].map(([, oid]) => Number(oid)))] };
}

const numbersIn = (columns: string): number[] => (columns.match(/\d+/g) ?? []).map((each) => Number(each) - beforeFirstColumn);
