import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { serveRole } from '@gateway/shared/store';
import { checkoutDir } from '@gateway/testing/checkout';
import { freshDatabase, ownPostgres, type TestDatabase } from '@gateway/testing/database/servers';
import { prepareTemplate } from '@gateway/testing/database/template';
import pg from 'pg';
import { type Filling, fillFast } from './many-payments.ts';

/** A database with past payments. */
export interface FilledDatabase extends TestDatabase {
  payments: number;
  filling: Filling;
}

export interface FilledDatabases {
  /** From the smallest to the largest. */
  databases: FilledDatabase[];
  close(): Promise<void>;
}

/** Fills one database of each size, on the server of this test run. */
export async function fillSmall(sizes: readonly number[]): Promise<FilledDatabases> {
  const databases: FilledDatabase[] = [];
  for (const payments of sizes) {
    const database = await freshDatabase();
    databases.push({ ...database, payments, filling: await fillFast(database.url, payments) });
  }
  return { databases, close: async () => void (await Promise.all(databases.map(({ drop }) => drop()))) };
}

const bytesPerPayment = 4_200; // measured: tables and indexes of the gateway and of the host
const leftFree = 8e9; // bytes for the index builds, the log, and other programs

/** The largest number of payments, at most `wished`, that fits on the disk with 1,100,000 others. */
export function fitting(wished: number): number {
  const { bavail, bsize } = statfsSync(checkoutDir);
  const fits = Math.floor((bavail * bsize - leftFree) / bytesPerPayment / 1.05) - 1_100_000;
  return Math.min(wished, Math.floor(fits / 100_000) * 100_000);
}

/** Settings of a server with large tables. Nothing of its own accord may run between two measurements. */
const serverSettings = {
  shared_buffers: `${Math.floor(totalmem() / 4 / 2 ** 20)}MB`, // a quarter of the memory, as PostgreSQL's manual advises
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
};

/**
 * Indexes with random keys: each create reads another page of each. A server that has run for a day has them in its buffers. Only in the
 * cache of the operating system they may be pushed out by the filling of the next database, and each create then waits for the disk.
 */
const warmUp = [
  'create extension pg_prewarm',
  `select pg_prewarm(name::regclass) from unnest(array['gateway.payments_of_order', 'gateway.releases_pkey',
     'gateway.releases_host_order_key_release_key', 'gateway.attempts_of_charge', 'pos.orders_pkey', 'pos.payments_pkey',
     'pos.order_items_order_id_line_no_key']) name`,
  'checkpoint',
];

/** Fills one database of each size, all in one server that only this test file uses. Its files are deleted when the test run ends. */
export async function fillLarge(sizes: readonly number[]): Promise<FilledDatabases> {
  const server = await ownPostgres();
  await statements(server.url('postgres'), [
    ...Object.entries(serverSettings).map(([name, value]) => `alter system set ${name} = '${value}'`),
    'create database tpl',
  ]);
  await server.stop();
  await server.start();
  await prepareTemplate(server.url('tpl'));
  const databases: FilledDatabase[] = [];
  for (const payments of sizes) {
    const name = `past_${payments}`;
    await statements(server.url('postgres'), [`create database ${name} template tpl`]);
    const url = server.url(name);
    const serveUrl = Object.assign(new URL(url), { username: serveRole }).href;
    const filling = await fillFast(url, payments);
    console.log(
      `${payments} payments: ${Math.round(payments / filling.seconds)} a second, ${Math.round(filling.bytes / payments)} bytes each`,
    );
    databases.push({ url, serveUrl, drop: async () => {}, payments, filling });
  }
  for (const { url } of databases) await statements(url, warmUp);
  spawnSync('sync'); // what the fillings wrote is on the disk before anything is measured
  return { databases, close: () => server.stop() };
}

async function statements(url: string, texts: readonly string[]): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  for (const text of texts) await client.query(text);
  await client.end();
}
