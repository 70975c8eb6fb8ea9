import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadReference } from '@gateway/host-kit';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { startTcpProxy } from '@gateway/testing/tcp-proxy';
import pg from 'pg';
import { log, referenceFolder } from '../../test/host-fixture.ts';
import { connectDatabase, type Queryable } from '../postgres/index.ts';
import { newReference } from '../runtime/index.ts';
import { HostUnavailable, UnknownHost } from './host-error.ts';
import { loadHosts } from './host-folder.ts';
import { formatProblem } from './host-problem.ts';
import { createHosts, type Hosts, type HostsOptions } from './hosts.ts';

const shipped = path.dirname(referenceFolder('pos').path);
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
  for (const id of ['pos', 'erp']) cpSync(path.join(shipped, id), path.join(directory, id), { recursive: true });
  connected = [];
});
afterEach(async () => {
  await hosts?.close();
  hosts = undefined;
  rmSync(directory, { recursive: true });
});

async function asOwner(work: (client: pg.Client) => Promise<unknown>, url = database.url): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await work(client);
  await client.end();
}

async function startHosts(urls: Record<string, string | undefined> = {}, options: Partial<HostsOptions> = {}): Promise<Hosts> {
  const connect = (url: string) => {
    connected.push(url);
    return connectDatabase(url, { name: 'test' });
  };
  const all = { POS_DATABASE_URL: database.url, ERP_DATABASE_URL: database.url, ...urls };
  hosts = await createHosts({ ...loadHosts(directory), urls: all, connect, log, recheckEveryMs: 3_600_000, ...options });
  return hosts;
}

const write = (file: string, text: string) => writeFileSync(path.join(directory, file), text);
const readyIds = () => hosts?.ready().map(({ id }) => id);

describe('the hosts of a process', () => {
  it('are found by id, by client key and by reference', async () => {
    const all = await startHosts();
    expect(all.byId('erp')).toMatchObject({ id: 'erp', flavour: 'erp', folder: { timezone: 'Asia/Jakarta' } });
    expect(all.of({ host: 'pos' })).toBe(all.byId('pos'));
    expect(all.forReference(`${newReference('erp')}-2`)).toMatchObject({ id: 'erp' });
    expect(all.forReference('order-1234')).toBeNull();
    expect(() => all.byId('order')).toThrow(UnknownHost);
  });

  it('share one pool when they share a database', async () => {
    const all = await startHosts();
    expect(connected).toEqual([database.url]);
    expect(all.byId('pos').db).toBe(all.byId('erp').db);
    expect(all.databases()).toEqual([{ db: all.byId('pos').db, database: 'ERP_DATABASE_URL', hosts: ['erp', 'pos'] }]);
  });

  it('run their statements over their pool', async () => {
    const { db, orders } = (await startHosts()).byId('erp');
    expect(await orders.readDue(db.pool, { orderKey: 'INV/JKT/2026/00001', tenant: 'RSA' })).toBeNull();
  });
});

describe('a host that does not fit its database', () => {
  beforeEach(() => write('pos/paid.sql', "update pos.payments set state = 'settled' where external_ref = :reference returning id"));

  it('is unavailable with the reason, and the others are ready', async () => {
    const all = await startHosts();
    expect(readyIds()).toEqual(['erp']);
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: [expect.stringContaining('pos/paid.sql:1:25: does not fit the database')],
    });
    expect(() => all.byId('pos')).toThrow(HostUnavailable);
  });

  it('still has a location, so that webhooks for it can be stored', async () => {
    const location = (await startHosts()).forReference(newReference('pos'));
    expect((await location?.db.pool.query('select 1 as one'))?.rows).toEqual([{ one: 1 }]);
  });

  it('is ready after a recheck once the database fits again', async () => {
    const all = await startHosts();
    await asOwner((client) => client.query('alter table pos.payments rename column status to state'));
    write('pos/nothing', ''); // the folder is not read again: only the database has changed
    await all.recheck();
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: expect.arrayContaining([expect.stringContaining('pos/failed.sql')]),
    });
    await asOwner((client) =>
      client.query('alter table pos.payments rename column state to status; alter table pos.payments add state pos.payment_status'),
    );
    await all.recheck();
    expect(readyIds()).toEqual(['erp', 'pos']);
    await asOwner((client) => client.query('alter table pos.payments drop column state'));
  });
});

it.each([
  ['a folder that cannot be read', () => write('pos/host.yaml', 'id: pos\n'), 'pos/host.yaml:1:1: flavour'],
  [
    'a variable that is not set',
    () => write('pos/host.yaml', referenceYaml().replace('POS_DATABASE_URL', 'TILL_URL')),
    'names TILL_URL, which is not set',
  ],
])('with %s, that host is unavailable, also for its references, and the others are ready', async (_, breakFolder, why) => {
  breakFolder();
  const all = await startHosts();
  expect(readyIds()).toEqual(['erp']);
  expect(
    all
      .states()
      .find(({ id }) => id === 'pos')
      ?.why.join(),
  ).toContain(why);
  expect(() => all.forReference(newReference('pos'))).toThrow(HostUnavailable);
  await all.recheck();
});

const referenceYaml = () =>
  `id: pos\nflavour: pos\ndatabase: POS_DATABASE_URL\ntimezone: Asia/Makassar\nmoney: { rounding: up, record: charged, max_residue: "1" }\nreconcile: off\n`;

describe('a database that is down at the start', () => {
  it('makes only its host unavailable, and needs no restart', async () => {
    const late = `${database.url}_late`;
    const all = await startHosts({ POS_DATABASE_URL: late });
    expect(readyIds()).toEqual(['erp']);
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: [expect.stringMatching(/^database unavailable: database ".*_late" does not exist \(3D000\)$/)],
    });
    await asOwner((client) => client.query(`create database ${new URL(late).pathname.slice(1)}`));
    await asOwner((client) => loadReference(client, referenceFolder('pos'), { demo: false }), late);
    await all.recheck();
    expect(readyIds()).toEqual(['erp', 'pos']);
    await all.close();
    hosts = undefined;
    await asOwner((client) => client.query(`drop database ${new URL(late).pathname.slice(1)} with (force)`));
  });

  it('is noticed automatically when it comes back', async () => {
    const late = `${database.url}_later`;
    const connect = (url: string) => connectDatabase(url, { name: 'test' });
    hosts = await createHosts({ ...loadHosts(directory), urls: { POS_DATABASE_URL: late }, connect, log, recheckEveryMs: 20 });
    await asOwner((client) => client.query(`create database ${new URL(late).pathname.slice(1)}`));
    await asOwner((client) => loadReference(client, referenceFolder('pos'), { demo: false }), late);
    while (!readyIds()?.includes('pos')) await new Promise((soon) => setTimeout(soon, 10));
    await hosts.close();
    hosts = undefined;
    await asOwner((client) => client.query(`drop database ${new URL(late).pathname.slice(1)} with (force)`));
  });
});

describe('a database that goes down while its hosts are ready', () => {
  it('is reported until it is back; the host stays usable, because the database may be back at any moment', async () => {
    const url = new URL(database.url);
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const all = await startHosts({ POS_DATABASE_URL: url.href });
    await proxy.disconnect();
    await all.recheck();
    expect(all.states()).toContainEqual({ id: 'pos', ready: false, why: ['database unavailable: ECONNREFUSED'] });
    expect(all.states()).toContainEqual({ id: 'erp', ready: true, why: [] });
    expect(readyIds()).toEqual(['erp', 'pos']);
    await proxy.reconnect();
    await all.recheck();
    expect(all.states()).toContainEqual({ id: 'pos', ready: true, why: [] });
    await all.close();
    hosts = undefined;
    await proxy.disconnect();
  });
});

describe('a host that changes while it is served', () => {
  const readDue = (all: Hosts) => {
    const { db, orders } = all.byId('erp');
    return orders.readDue(db.pool, { orderKey: 'INV/JKT/2026/00001', tenant: 'RSA' }).then(
      () => null,
      (error: Error) => error.message,
    );
  };
  const whyOf = (all: Hosts) =>
    all
      .states()
      .find(({ id }) => id === 'erp')
      ?.why.join();

  it.each([
    [
      'a renamed column',
      'alter table erp."Sales Invoice" rename column company_code to company',
      'alter table erp."Sales Invoice" rename column company to company_code',
      'erp/order.sql:',
    ],
    [
      'a renamed table',
      'alter table erp."Sales Invoice" rename to "Invoice"',
      'alter table erp."Invoice" rename to "Sales Invoice"',
      'relation "erp.Sales Invoice" does not exist',
    ],
  ])('is compared at once with %s, readiness names the place, and it is ready without a restart', async (_, change, undo, reason) => {
    const all = await startHosts();
    await asOwner((client) => client.query(change));
    expect(await readDue(all)).toContain('does not exist');
    await eventually(() => whyOf(all)?.includes('does not fit the database'));
    expect(whyOf(all)).toContain(reason);
    expect(() => all.byId('erp')).toThrow(HostUnavailable);
    await asOwner((client) => client.query(undo));
    await all.recheck();
    expect(whyOf(all)).toBe('');
    expect(await readDue(all)).toBeNull();
  });

  it('has its reads proven by readiness, with a row of ours: a right that is missing is named before a till asks', async () => {
    const readOwnRows = async (connection: Queryable) => connection.query({ text: 'select from gateway_rows' });
    await asOwner((client) => client.query('create table gateway_rows ()'));
    const all = await startHosts({}, { readOwnRows });
    await asOwner((client) => client.query('drop table gateway_rows'));
    await all.recheck();
    expect(whyOf(all)).toContain('schema gateway cannot be used');
  });

  it('is reported unavailable with a wrong password and a renamed database, in the words of PostgreSQL', async () => {
    const role = `serve_${Math.random().toString(36).slice(2)}`;
    const url = new URL(database.url);
    await asOwner((client) => client.query(`create role ${role} superuser login password 'one'`));
    Object.assign(url, { username: role, password: 'one' });
    const all = await startHosts({ ERP_DATABASE_URL: url.href });
    expect(whyOf(all)).toBe('');
    await asOwner((client) => client.query(`alter role ${role} password 'two'`));
    await all.recheck();
    expect(whyOf(all)).toBe(`database unavailable: password authentication failed for user "${role}" (28P01)`);
    await asOwner((client) => client.query(`alter role ${role} password 'one'`));
    await all.recheck();
    expect(whyOf(all)).toBe('');
    await all.close();
    hosts = undefined;
    await asOwner((client) => client.query(`drop role ${role}`));
  });
});

describe('reloading the folders', () => {
  it('installs all of them: changed, new and removed', async () => {
    const all = await startHosts();
    write('pos/host.yaml', referenceYaml());
    cpSync(path.join(directory, 'erp'), path.join(directory, 'erp2'), { recursive: true });
    write('erp2/host.yaml', referenceYaml().replace('id: pos', 'id: erp2').replace('POS_', 'ERP_'));
    for (const file of ['order', 'items', 'charges', 'created', 'paid', 'expired', 'failed', 'cancelled'])
      cpSync(path.join(directory, 'erp', `${file}.sql`), path.join(directory, 'erp2', `${file}.sql`));
    rmSync(path.join(directory, 'erp'), { recursive: true });
    expect(await all.reload(directory)).toEqual([]);
    expect(readyIds()).toEqual(['erp2', 'pos']);
    expect(all.byId('pos').folder).toMatchObject({ timezone: 'Asia/Makassar', money: { rounding: 'up' } });
    expect(connected).toEqual([database.url]);
  });

  it.each([
    ['cannot be read', () => write('erp/paid.sql', 'select $1')],
    ['does not fit its database', () => write('erp/paid.sql', 'select nothing from nowhere')],
  ])('keeps the host of a folder that %s as it was, and installs the others', async (_, breakFolder) => {
    const all = await startHosts();
    const before = all.byId('erp');
    write('pos/host.yaml', referenceYaml());
    breakFolder();
    expect(await all.reload(directory)).toEqual([expect.objectContaining({ file: 'erp/paid.sql' })]);
    expect(all.byId('erp')).toBe(before);
    expect(all.byId('pos').folder).toMatchObject({ timezone: 'Asia/Makassar' });
    expect(readyIds()).toEqual(['erp', 'pos']);
  });

  it('migrates and serves a database whose URL is in a file beside host.yaml, and one bad file holds back no other host', async () => {
    const migrated: string[] = [];
    const all = await startHosts({}, { migrate: async (url) => migrated.push(url) });
    const url = `${database.url}?application_name=file`;
    for (const id of ['pos2', 'pos3']) {
      cpSync(path.join(shipped, 'pos'), path.join(directory, id), { recursive: true });
      write(
        `${id}/host.yaml`,
        referenceYaml().replace('id: pos', `id: ${id}`).replace('database: POS_DATABASE_URL', 'database_url_file: database.url'),
      );
    }
    write('pos2/database.url', `${url}\n`);
    write('pos3/database.url', 'host=secret-host\n');
    const problems = await all.reload(directory);
    expect(problems.map(formatProblem)).toEqual(['pos3/database.url: must hold one URL that starts with postgres://']);
    expect(readyIds()).toEqual(['erp', 'pos', 'pos2']);
    expect(all.byId('pos2').database).toBe('pos2/database.url');
    expect(migrated).toEqual([url]);
    await all.reload(directory);
    expect(migrated).toEqual([url]); // a database that is served already is not migrated again
  });
});
