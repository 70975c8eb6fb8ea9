import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Client } from 'pg';

type Connection = Pick<Client, 'query'>;

/** Marks a database that this stack has created. May run twice. */
export async function markAsCreatedHere(connection: Connection): Promise<void> {
  await connection.query(readFileSync(path.resolve(import.meta.dirname, '../../../deploy/demo-database.sql'), 'utf8'));
}

/** Whether a local stack created this database: only then it may be filled with demo orders and demo keys. */
export async function isCreatedHere(connection: Connection): Promise<boolean> {
  const { rows: tables } = await connection.query(`select to_regclass('local_stack.marker') is not null as present`);
  if (!tables[0]?.present) return false;
  return (await connection.query('select from local_stack.marker')).rowCount === 1;
}
