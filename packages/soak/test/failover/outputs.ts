import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Redis } from 'ioredis';
import type { Ward } from './ward.ts';

const manyPayments = 50;

/**
 * All that the gateway has told anybody: logs, Pub/Sub, what is kept in Redis, the rows that become events and notes for operators,
 * and the answers of every route that speaks of payments.
 */
export async function everythingTold({ house, heard }: Ward): Promise<string> {
  return [...logs(house.dataDir), ...heard, ...(await keptInRedis(house.redis)), ...(await told()), ...(await answers())].join('\n');

  async function told(): Promise<string[]> {
    const tables = ['payment_events', 'outbox', 'discrepancies', 'webhook_inbox', 'idempotency_keys', 'refunds', 'audit'];
    const asked = tables.map((table) => house.pos.query<{ said: string }>(`select t::text as said from gateway.${table} t`));
    return (await Promise.all(asked)).flatMap(({ rows }) => rows.map(({ said }) => said));
  }

  async function answers(): Promise<string[]> {
    const { rows } = await house.pos.query<{ id: string; order_key: string }>(
      `select id, order_key from gateway.payments p
        where exists (select from gateway.attempts a where a.payment_id = p.id and a.no is distinct from p.shown_attempt)
        order by id desc limit ${manyPayments}`,
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
    const till = house.till();
    const said = await Promise.all(routes.map(async (route) => JSON.stringify((await till.request('GET', route)).body)));
    const pages = ['/operator', '/operator/queues', '/operator/queues/api/queues?activeQueue=charge&status=completed'];
    const authorization = `Basic ${Buffer.from(`${house.operator.user}:${house.operator.password}`).toString('base64')}`;
    const shown = await Promise.all(pages.map(async (page) => (await fetch(`${house.api}${page}`, { headers: { authorization } })).text()));
    return [...said, ...shown, await house.ask('worker', '/metrics'), await house.ask('api', '/metrics')];
  }
}

/** Not the simulator's: that is the provider. */
function logs(dataDir: string): string[] {
  const folder = path.join(dataDir, 'logs');
  const ours = readdirSync(folder).filter((name) => /^(api|worker|notifier)/.test(name));
  return ours.map((name) => readFileSync(path.join(folder, name), 'utf8'));
}

async function keptInRedis(redis: Redis): Promise<string[]> {
  const kept: string[] = [];
  for await (const keys of redis.scanStream({ count: 500 }) as AsyncIterable<string[]>)
    for (const key of keys) kept.push(`${key} ${JSON.stringify(await contentOf(redis, key))}`);
  return kept;
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
