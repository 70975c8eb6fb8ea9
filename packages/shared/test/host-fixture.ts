import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadReference } from '@gateway/host-kit';
import { hostsDir } from '@gateway/testing/checkout';
import { freshDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { type HostFolder, type HostOrders, type HostWrite, hostOrders, readHostFolder } from '../src/host/index.ts';
import { rupiah } from '../src/payment/index.ts';
import { createLogger, newReference } from '../src/runtime/index.ts';

/** One of the hosts that ship with the project. */
export function referenceFolder(id: 'pos' | 'erp'): HostFolder {
  return readable(readHostFolder(path.join(hostsDir, id)));
}

export function readable(read: ReturnType<typeof readHostFolder>): HostFolder {
  if ('errors' in read) throw new Error(JSON.stringify(read.errors, null, 2));
  return read;
}

/** A copy of a reference host with some of its files replaced (null: taken away), and read again. */
export function folderLike(id: 'pos' | 'erp', files: Readonly<Record<string, string | null>> = {}): ReturnType<typeof readHostFolder> {
  const parent = mkdtempSync(path.join(tmpdir(), 'host-'));
  const dir = path.join(parent, id);
  cpSync(path.join(hostsDir, id), dir, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    if (content === null) rmSync(path.join(dir, name));
    else writeFileSync(path.join(dir, name), content);
  }
  try {
    return readHostFolder(dir);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

export const log = createLogger('test', 'silent');

/** A database with a reference host in it, or with nothing, and two pipelined connections, so that one can stand in the other's way. */
export interface HostDatabase {
  url: string;
  client: pg.Client;
  other: pg.Client;
  close(): Promise<void>;
}

export async function hostDatabase(folder: HostFolder | null, { demo = true } = {}): Promise<HostDatabase> {
  const database = await freshDatabase(null);
  const [client, other] = [pipelined(database.url), pipelined(database.url)];
  await Promise.all([client.connect(), other.connect()]);
  if (folder) await loadReference(client, folder, { demo });
  return {
    url: database.url,
    client,
    other,
    close: async () => {
      await Promise.all([client.end(), other.end()]);
      await database.drop();
    },
  };
}

function pipelined(connectionString: string): pg.Client {
  return new pg.Client({ connectionString, pipeline: true } as pg.ClientConfig);
}

export interface HostTransaction {
  client: pg.Client;
  orders: HostOrders;
}

/** One transaction as the gateway's: read committed, the host's own session. */
export async function inHost<T>(
  folder: HostFolder,
  client: pg.Client,
  tenant: string,
  work: (transaction: HostTransaction) => Promise<T>,
): Promise<T> {
  const orders = hostOrders(folder, { log });
  await client.query('begin isolation level read committed');
  try {
    await client.query(orders.sessionStatement(tenant));
    const result = await work({ client, orders });
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** What a write is told, with `given` in place of what a test does not care about. */
export function aWrite(overrides: Partial<HostWrite> & Pick<HostWrite, 'orderKey' | 'tenant'>): HostWrite {
  return {
    orderVersion: null,
    storeId: 'JKT-01',
    paymentId: 'pay_01jd0000000000000000000000',
    reference: newReference('pos'),
    hostPaymentKey: null,
    refundId: null,
    amount: rupiah(10_000),
    refundAmount: null,
    refundedTotal: null,
    recordAmount: '10000',
    residue: '0',
    now: new Date('2026-03-02T03:00:00.000Z'),
    paidAt: new Date('2026-03-02T02:59:58.000Z'),
    expiresAt: new Date('2026-03-02T03:15:00.000Z'),
    ...overrides,
  };
}

/** What a test has just made sure of. */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the test needs it, and it is not there');
  return value;
}
