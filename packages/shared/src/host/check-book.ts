import { existsSync } from 'node:fs';
import path from 'node:path';
import { isPostgresError, messageOf } from '../postgres/index.ts';
import { readTextFile } from '../runtime/index.ts';
import type { FileVerdict } from './check-host.ts';
import { inRolledBackTransaction, onOwnConnection } from './host-connection.ts';
import type { HostFolder } from './host-folder.ts';
import { sessionOf } from './host-session.ts';
import { describeStatement } from './statements/describe-statement.ts';

/** The query of the audit for the host's own payment rows, `reference/book.sql`; null when the folder has none. */
export function bookOf({ path: folder }: Pick<HostFolder, 'path'>): string | null {
  const file = path.join(folder, 'reference/book.sql');
  return existsSync(file) ? readTextFile(file) : null;
}

/** Describes `reference/book.sql` in the host's session, without running it. Null: the folder has none. Not part of the start-up check. */
export async function checkBook(folder: HostFolder, url: string): Promise<FileVerdict | null> {
  const sql = bookOf(folder);
  if (sql === null) return null;
  const file = `${folder.id}/reference/book.sql`;
  const problem = (message: string, postgres?: string) => ({ file, line: null, column: null, message, ...(postgres ? { postgres } : {}) });
  const problems = await onOwnConnection(url, (client) =>
    inRolledBackTransaction(client, async () => {
      const session = sessionOf(folder).settings('');
      await client.query(session.text, session.values);
      const columns = new Map((await describeStatement(client, sql)).map((column) => [column.name, column]));
      return (['reference', 'paid'] as const)
        .filter((name) => !columns.get(name)?.fits.has(name === 'paid' ? 'boolean' : 'text'))
        .map((name) =>
          problem(`must return ${name} as ${name === 'paid' ? 'boolean' : 'text'}, not ${columns.get(name)?.type ?? 'nothing'}`),
        );
    }),
  ).catch((error: unknown) => {
    if (isPostgresError(error)) return [problem('does not fit the database', messageOf(error))];
    throw error;
  });
  return { file, problems, planned: true };
}
