import { readFileSync } from 'node:fs';
import path from 'node:path';
import { demoKeys } from '@gateway/shared/runtime';
import { anOperatorBrowser } from '@gateway/testing/operator/operator-browser';
import { logs, redisContents } from '../failover/outputs.ts';
import type { Installation } from './installation.ts';

const tables = ['payment_events', 'outbox', 'discrepancies', 'webhook_inbox', 'idempotency_keys', 'refunds', 'audit'];

/** Searches everything that the gateway gave out for the secrets of this installation. */
export async function leakedSecrets({ stack, redis, pos }: Installation): Promise<{ how: string; faults: string[] }> {
  const secrets = {
    ...(JSON.parse(readFileSync(path.join(stack.dataDir, 'secrets.json'), 'utf8')) as Record<string, string>),
    posKey: demoKeys.pos,
    tillKey: demoKeys.till,
  };
  const places = {
    logs: logs(stack.dataDir),
    Redis: await redisContents((await redis.master()).client),
    tables: await storedRows(pos.pool),
    'Bull Board': await boardPages(stack),
  };
  const faults = Object.entries(secrets).flatMap(([name, secret]) =>
    Object.entries(places).flatMap(([place, texts]) => (texts.some((text) => text.includes(secret)) ? [`${name} is in ${place}`] : [])),
  );
  const searched = Object.entries(places).map(([place, texts]) => `${place} ${Math.round(texts.join('').length / 1_000)} kB`);
  return { how: `${Object.keys(secrets).length} secrets searched in ${searched.join(', ')}`, faults };
}

async function storedRows(pool: Installation['pos']['pool']): Promise<string[]> {
  const queries = tables.map((table) => pool.query<{ line: string }>(`select t::text as line from gateway.${table} t`));
  return (await Promise.all(queries)).flatMap(({ rows }) => rows.map(({ line }) => line));
}

async function boardPages({ api, operator }: Installation['stack']): Promise<string[]> {
  const browser = anOperatorBrowser(api);
  await browser.signIn(operator.user, operator.password);
  const pages = ['charge', 'verify', 'follow'].flatMap((queue) =>
    ['completed', 'failed', 'active'].map((status) => `/operator/queues/api/queues?activeQueue=${queue}&status=${status}`),
  );
  return Promise.all(pages.map(async (page) => (await browser.get(page)).text));
}
