import { join } from 'node:path';
import type { HostFolder } from '@gateway/shared/host';
import { sessionOf } from '@gateway/shared/host';
import { readTextFile } from '@gateway/shared/runtime';

interface Server {
  query(text: string, values?: string[]): Promise<{ rows: { present: boolean }[] }>;
}

/**
 * Creates the tables of a host that ships with the project, unless its schema exists, and with `demo` its demo orders. May run
 * twice, also at the same time: existing rows are not changed.
 */
export async function loadReference(server: Server, folder: HostFolder, { demo }: { demo: boolean }): Promise<void> {
  const script = (name: string): string => readTextFile(join(folder.path, 'reference', name));
  const schema = folder.searchPath?.[0] ?? folder.flavour;
  await server.query('begin');
  try {
    await server.query("select pg_advisory_xact_lock(hashtext('gateway reference'), hashtext($1))", [schema]);
    const { rows } = await server.query('select to_regnamespace(quote_ident($1)) is not null as present', [schema]);
    const session = sessionOf(folder).settings('');
    await server.query(session.text, session.values); // the demo's timestamps without a zone are local time
    if (!rows[0]?.present) await server.query(script('schema.sql'));
    if (demo) await server.query(script('demo.sql'));
    await server.query('commit');
  } catch (error) {
    await server.query('rollback');
    throw error;
  }
}
