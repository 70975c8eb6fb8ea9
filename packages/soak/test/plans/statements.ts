import pg from 'pg';

/** A statement that this process sent, with the values of its parameters. */
export interface SentStatement {
  /** Its name, or its text when it has none. */
  name: string;
  isNamed: boolean;
  text: string;
  values: unknown[];
}

type QueryConfig = { name?: string; text?: string; values?: unknown[] };

/** Runs `work`, and records every query that this process sends meanwhile, in order. */
export async function statementsOf(work: () => Promise<unknown>): Promise<SentStatement[]> {
  const sent: SentStatement[] = [];
  const { query } = pg.Client.prototype;
  pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
    const [first, second] = args as [string | QueryConfig, unknown];
    const config = typeof first === 'string' ? { text: first } : (first ?? {});
    const { text = '', name, values = Array.isArray(second) ? second : [] } = config as QueryConfig;
    if (/^\s*(with|select|insert|update|delete)\b/i.test(text))
      sent.push({ name: name || text, isNamed: Boolean(name), text, values: [...values] });
    return (query as (...all: unknown[]) => unknown).apply(this, args);
  } as typeof query;
  try {
    await work();
  } finally {
    pg.Client.prototype.query = query;
  }
  return sent;
}

/** Whether the statement is about a table of the gateway or of the host. */
export const isOurs = ({ text }: SentStatement): boolean => /\b(gateway|pos)\./.test(text);

/** The plan of a statement for any values, as our sessions make it (`plan_cache_mode`), also of a statement without a name. */
export async function planOf(client: pg.Client, { text }: SentStatement): Promise<string> {
  const { rows } = await client.query<{ 'QUERY PLAN': string }>(`explain (generic_plan, costs off) ${text}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

/** The nodes of a plan that read a table or an index from end to end, or everything that it has of a host. */
export const longScans = (plan: string): string[] =>
  plan
    .split(/^ *(?:-> *)?(?=\S.* on )/m)
    .filter((node) => /^(?:Index|Seq)\b.*\bScan/.test(node) && !/Index Cond: \((?!host = [^()]*\)$)/m.test(node));

/** How many pages of 8 KB these statements read, when they run once more in a transaction that is rolled back. */
export async function pagesRead(client: pg.Client, statements: readonly SentStatement[]): Promise<number> {
  let pages = 0;
  await client.query('begin');
  try {
    for (const sent of statements.filter(isOurs)) pages += await pagesOfOne(client, sent);
  } finally {
    await client.query('rollback');
  }
  return pages;
}

/** 0 for a statement that fails: the process tries from time to time whether a host's statements can be run at all. */
async function pagesOfOne(client: pg.Client, { text, values }: SentStatement): Promise<number> {
  await client.query('savepoint one');
  try {
    const explain = `explain (analyze, buffers, format json) ${text}`;
    const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Record<string, number> }[] }>({ text: explain, values });
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan ?? {};
    return (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0);
  } catch {
    await client.query('rollback to savepoint one');
    return 0;
  }
}
