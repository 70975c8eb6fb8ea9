import pg from 'pg';
import { checkDeadlines } from '../postgres/index.ts';

/**
 * A connection for one look at a host, by a person or at start-up; closed again whatever happens. Deadlines keep a host that
 * hangs from hanging us: 5 s to connect, 10 s a statement, 2 s a lock.
 */
export async function onOwnConnection<T>(
  url: string,
  work: (client: pg.Client) => Promise<T>,
  { pipeline = false }: { pipeline?: boolean } = {},
): Promise<T> {
  const client = new pg.Client({
    connectionString: url,
    pipeline,
    application_name: 'gateway host check',
    ...checkDeadlines,
  } as pg.ClientConfig);
  client.on('error', () => {}); // the query under way has it too
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Runs `work` in a transaction that is rolled back, whatever comes of it. */
export async function inRolledBackTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin isolation level read committed');
  try {
    return await work();
  } finally {
    await client.query('rollback').catch(() => {}); // a connection that is gone has rolled back
  }
}
