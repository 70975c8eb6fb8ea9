import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadReference } from '@gateway/host-kit';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { createHosts, type Hosts, type HostsOptions } from '../src/host/hosts.ts';
import { loadHosts } from '../src/host/index.ts';
import { connectDatabase } from '../src/postgres/index.ts';
import { log, referenceFolder } from './host-fixture.ts';

/** The folder that holds the hosts that ship with the project. */
export const shippedHosts = path.dirname(referenceFolder('pos').path);

/** A `host.yaml` of pos with other settings than the shipped one. */
export const otherYaml = `id: pos\nflavour: pos\ndatabase: POS_DATABASE_URL\ntimezone: Asia/Makassar\nmoney: { rounding: up, record: charged, max_residue: "1" }\nreconcile: off\n`;

/** The hosts pos and erp in one database of the test file. Each test has copies of their folders, which it may change. */
export function useHosts() {
  let database: TestDatabase;
  let directory: string;
  let hosts: Hosts | undefined;
  let connected: string[];

  beforeAll(async () => {
    database = await freshDatabase(null);
    await asOwner(async (client) => {
      for (const id of ['pos', 'erp'] as const) await loadReference(client, referenceFolder(id), { demo: false });
    });
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'hosts-'));
    for (const id of ['pos', 'erp']) cpSync(path.join(shippedHosts, id), path.join(directory, id), { recursive: true });
    connected = [];
  });
  afterEach(async () => {
    await close();
    rmSync(directory, { recursive: true });
  });

  async function asOwner(work: (client: pg.Client) => Promise<unknown>, url = database.url): Promise<void> {
    const client = new pg.Client(url);
    await client.connect();
    await work(client);
    await client.end();
  }

  /** Connects the hosts, and remembers which URLs were connected. */
  async function start(urls: Record<string, string | undefined> = {}, options: Partial<HostsOptions> = {}): Promise<Hosts> {
    const connect = (url: string) => {
      connected.push(url);
      return connectDatabase(url, { name: 'test' });
    };
    const all = { POS_DATABASE_URL: database.url, ERP_DATABASE_URL: database.url, ...urls };
    hosts = await createHosts({ ...loadHosts(directory), urls: all, connect, log, recheckEveryMs: 3_600_000, ...options });
    return hosts;
  }

  async function close(): Promise<void> {
    await hosts?.close();
    hosts = undefined;
  }

  return {
    url: () => database.url,
    directory: () => directory,
    connected: () => connected,
    asOwner,
    start,
    close,
    write: (file: string, text: string) => writeFileSync(path.join(directory, file), text),
    readyIds: () => hosts?.ready().map(({ id }) => id),
  };
}
