import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { anOperatorBrowser } from '@gateway/testing/operator/operator-browser';
import type { Redis } from 'ioredis';
import type { OutageRun } from './outage-run.ts';

const maxPayments = 50;

/**
 * Everything the gateway gave out: logs, Pub/Sub, the contents of Redis, the rows that events and operators' lists are made of, and
 * the answers of every route about payments.
 */
export async function allOutputs({ stack, published }: OutageRun): Promise<string> {
  return [
    ...logs(stack.dataDir),
    ...published,
    ...(await redisContents(stack.redis)),
    ...(await storedRows()),
    ...(await responses()),
  ].join('\n');

  async function storedRows(): Promise<string[]> {
    const tables = ['payment_events', 'outbox', 'discrepancies', 'webhook_inbox', 'idempotency_keys', 'refunds', 'audit'];
    const queries = tables.map((table) => stack.pos.query<{ line: string }>(`select t::text as line from gateway.${table} t`));
    return (await Promise.all(queries)).flatMap(({ rows }) => rows.map(({ line }) => line));
  }

  async function responses(): Promise<string[]> {
    const { rows } = await stack.pos.query<{ id: string; order_key: string }>(
      `select id, order_key from gateway.payments p
        where exists (select from gateway.attempts a where a.payment_id = p.id and a.no is distinct from p.shown_attempt)
        order by id desc limit ${maxPayments}`,
    );
    const payments = '/transaction/payments';
    const routes = [
      `${payments}?limit=100`,
      '/stores/JKT-01/events?after=0&limit=1000',
      '/stores/JKT-01/snapshot',
      ...rows.flatMap(({ id, order_key }) => [
        `${payments}/${id}`,
        `${payments}/${id}/timeline`,
        `/transaction/orders/${order_key}/payment`,
      ]),
    ];
    const till = stack.till();
    const bodies = await Promise.all(routes.map(async (route) => JSON.stringify((await till.request('GET', route)).body)));
    const pages = ['/operator', '/operator/queues', '/operator/queues/api/queues?activeQueue=charge&status=completed'];
    const operator = anOperatorBrowser(stack.api);
    await operator.signIn(stack.operator.user, stack.operator.password);
    const pageTexts = await Promise.all(pages.map(async (page) => (await operator.get(page)).text));
    return [...bodies, ...pageTexts, await stack.fetchMonitor('worker', '/metrics'), await stack.fetchMonitor('api', '/metrics')];
  }
}

/** Without the simulator's log, because the simulator is the provider. */
export function logs(dataDir: string): string[] {
  const folder = path.join(dataDir, 'logs');
  const ownLogs = readdirSync(folder).filter((name) => /^(api|worker|notifier)/.test(name));
  return ownLogs.map((name) => readFileSync(path.join(folder, name), 'utf8'));
}

export async function redisContents(redis: Redis): Promise<string[]> {
  const contents: string[] = [];
  for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>)
    for (const key of keys) contents.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`);
  return contents;
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'set':
      return redis.smembers(key);
    case 'stream':
      return redis.xrange(key, '-', '+');
    default:
      return null;
  }
}
