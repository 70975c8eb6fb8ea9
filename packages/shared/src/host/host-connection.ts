import type pg from 'pg';
import { checkDeadlines, connectClient } from '../postgres/index.ts';

/** Runs `work` on a connection of its own, for a check of a host at start-up or by an operator, and closes the connection. */
export async function onOwnConnection<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  { pipeline = false }: { pipeline?: boolean } = {},
): Promise<T> {
  const client = await connectClient(url, { pipeline, application_name: 'gateway host check', ...checkDeadlines } as pg.ClientConfig);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs `work` in a transaction that is always rolled back. */
export async function inRolledBackTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin isolation level read committed');
  try {
    return await work();
  } finally {
    await client.query('rollback').catch(() => {}); // PostgreSQL rolls back when the connection is lost
  }
}
