import type pg from 'pg';

/** One column that a statement would return. `type` is PostgreSQL's name of the type; for a domain, the name of its base type. */
export interface DescribedColumn {
  name: string;
  type: string;
  /** The column types of ours that this type satisfies. */
  fits: ReadonlySet<'text' | 'numeric' | 'boolean'>;
}

/**
 * Lets PostgreSQL parse and describe a statement without running it. Works on every version of the server.
 * @throws PostgreSQL's error, with its position
 */
export async function describeStatement(client: pg.Client, text: string): Promise<DescribedColumn[]> {
  const columns = await new Promise<Field[]>((resolve, reject) => client.query(describeOnly(text, resolve, reject)));
  const types = await typesOf(client, columns);
  return columns.map(({ name, dataTypeID }) => ({ name, ...(types.get(dataTypeID) ?? { type: String(dataTypeID), fits: new Set() }) }));
}

interface Field {
  name: string;
  dataTypeID: number;
}

/** Sends Parse and Describe without Bind and Execute. pg accepts any object with a `submit` method; pg-cursor works the same way. */
function describeOnly(text: string, resolve: (columns: Field[]) => void, reject: (error: Error) => void) {
  let columns: Field[] = [];
  const query = {
    /** pg wraps this callback to end the query's deadline, so both handlers call it. */
    callback: (error: Error | null): void => (error ? reject(error) : resolve(columns)),
    submit: (connection: pg.Connection) => {
      connection.parse({ name: '', text, types: [] }, false);
      connection.describe({ type: 'S', name: '' }, false);
      connection.sync();
    },
    handleRowDescription: ({ fields }: { fields: Field[] }) => {
      columns = fields;
    },
    handleReadyForQuery: () => query.callback(null),
    handleError: (error: Error) => query.callback(error),
  };
  return query;
}

const stringTypes = `t.typcategory = 'S' and t.typname <> 'bpchar'`; // char(n) is padded with spaces
const wholeTypes = `t.typname in ('int2', 'int4', 'int8', 'numeric')`;

async function typesOf(client: pg.Client, columns: readonly Field[]) {
  const { rows } = await client.query<{ oid: number; type: string; text: boolean; numeric: boolean; boolean: boolean }>(
    `select t.oid, format_type(t.oid, null) as type,
       ${stringTypes} or ${wholeTypes} or t.typname = 'uuid' or t.typtype = 'e' as text, ${wholeTypes} as numeric, t.typname = 'bool' as boolean
     from pg_catalog.pg_type t where t.oid = any($1)`,
    [columns.map(({ dataTypeID }) => dataTypeID)],
  );
  return new Map(
    rows.map(({ oid, type, ...fits }) => [
      oid,
      { type, fits: new Set((['text', 'numeric', 'boolean'] as const).filter((each) => fits[each])) },
    ]),
  );
}
