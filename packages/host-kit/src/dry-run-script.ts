import { randomBytes } from 'node:crypto';
import { asText, type TextRow } from '@gateway/shared/host';
import type pg from 'pg';

/**
 * Runs a script of the maintainer inside a transaction that must be rolled back. PL/pgSQL runs it, because PostgreSQL then refuses every
 * `commit`, `rollback` and `savepoint` in it, also in a procedure that it calls: the transaction cannot end before its time.
 */
export async function runScript(client: pg.Client, sql: string): Promise<void> {
  const script = `$script_${randomBytes(8).toString('hex')}$`; // the script cannot contain it
  const body = `$body_${randomBytes(8).toString('hex')}$`;
  await client.query(`do ${body} begin execute ${script}${sql}\n${script}; end ${body}`);
}

const cursor = 'gateway_dry_run_query';

/** Runs one query inside a transaction that must be rolled back. A cursor accepts a query only: no `commit`, and no second statement. */
export async function runQuery(client: pg.Client, query: string): Promise<TextRow[]> {
  await client.query({ text: `declare ${cursor} no scroll cursor for ${query}`, queryMode: 'extended' } as pg.QueryConfig); // extended: one statement only
  const { rows } = await client.query<TextRow>({ text: `fetch all from ${cursor}`, types: asText });
  await client.query(`close ${cursor}`);
  return rows;
}
