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

/** The folder of a host that ships with the project. */
export function referenceFolder(id: 'pos' | 'erp'): HostFolder {
  return readable(readHostFolder(path.join(hostsDir, id)));
}

export function readable(read: ReturnType<typeof readHostFolder>): HostFolder {
  if ('errors' in read) throw new Error(JSON.stringify(read.errors, null, 2));
  return read;
}

/** Reads a copy of a reference host with some of its files replaced; null removes a file. */
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

/** A database with two pipelined connections, so that one can hold a lock that the other waits for. */
export interface TestHostDatabase {
  url: string;
  client: pg.Client;
  other: pg.Client;
  close(): Promise<void>;
}

/** Creates a database with the tables of a host, or an empty one for null. `demo` also loads the demo rows. */
export async function hostDatabase(folder: HostFolder | null, { demo = true } = {}): Promise<TestHostDatabase> {
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

/** Runs `work` in a `read committed` transaction with the session of the host, as the gateway does. */
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

/** The values of a write, with `overrides` for the ones that matter to the test. */
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

/** Narrows a value that the test needs. @throws when it is missing */
export function must<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('the value is missing');
  return value;
}
