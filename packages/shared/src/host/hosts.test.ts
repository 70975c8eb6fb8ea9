import { loadReference } from '@gateway/host-kit';
import { eventually } from '@gateway/testing/eventually';
import { startTcpProxy } from '@gateway/testing/tcp-proxy';
import { referenceFolder } from '../../test/host-fixture.ts';
import { otherYaml, useHosts } from '../../test/hosts-fixture.ts';
import type { Queryable } from '../postgres/index.ts';
import { newReference } from '../runtime/index.ts';
import { HostUnavailable, UnknownHost } from './host-error.ts';
import type { Hosts } from './hosts.ts';

const hosts = useHosts();

describe('the hosts of a process', () => {
  it('are found by id, by client key and by reference', async () => {
    const all = await hosts.start();
    expect(all.byId('erp')).toMatchObject({ id: 'erp', flavour: 'erp', folder: { timezone: 'Asia/Jakarta' } });
    expect(all.of({ host: 'pos' })).toBe(all.byId('pos'));
    expect(all.forReference(`${newReference('erp')}-2`)).toMatchObject({ id: 'erp' });
    expect(all.forReference('order-1234')).toBeNull();
    expect(() => all.byId('order')).toThrow(UnknownHost);
  });

  it('share one pool when they share a database', async () => {
    const all = await hosts.start();
    expect(hosts.connected()).toEqual([hosts.url()]);
    expect(all.byId('pos').db).toBe(all.byId('erp').db);
    expect(all.databases()).toEqual([{ db: all.byId('pos').db, database: 'ERP_DATABASE_URL', hosts: ['erp', 'pos'] }]);
  });

  it('run their statements over their pool', async () => {
    const { db, orders } = (await hosts.start()).byId('erp');
    expect(await orders.readDue(db.pool, { orderKey: 'INV/JKT/2026/00001', tenant: 'RSA' })).toBeNull();
  });
});

describe('a host that does not fit its database', () => {
  beforeEach(() => hosts.write('pos/paid.sql', "update pos.payments set state = 'settled' where external_ref = :reference returning id"));

  it('is unavailable with the reason, and the others are ready', async () => {
    const all = await hosts.start();
    expect(hosts.readyIds()).toEqual(['erp']);
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: [expect.stringContaining('pos/paid.sql:1:25: does not fit the database')],
    });
    expect(() => all.byId('pos')).toThrow(HostUnavailable);
  });

  it('still has a location, so that webhooks for it can be stored', async () => {
    const location = (await hosts.start()).forReference(newReference('pos'));
    expect((await location?.db.pool.query('select 1 as one'))?.rows).toEqual([{ one: 1 }]);
  });

  it('is ready after a recheck once the database fits again', async () => {
    const all = await hosts.start();
    await hosts.asOwner((client) => client.query('alter table pos.payments rename column status to state'));
    hosts.write('pos/nothing', ''); // the folder is not read again: only the database has changed
    await all.recheck();
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: expect.arrayContaining([expect.stringContaining('pos/failed.sql')]),
    });
    await hosts.asOwner((client) =>
      client.query('alter table pos.payments rename column state to status; alter table pos.payments add state pos.payment_status'),
    );
    await all.recheck();
    expect(hosts.readyIds()).toEqual(['erp', 'pos']);
    await hosts.asOwner((client) => client.query('alter table pos.payments drop column state'));
  });
});

it.each([
  ['a folder that cannot be read', () => hosts.write('pos/host.yaml', 'id: pos\n'), 'pos/host.yaml:1:1: flavour'],
  [
    'a variable that is not set',
    () => hosts.write('pos/host.yaml', otherYaml.replace('POS_DATABASE_URL', 'TILL_URL')),
    'names TILL_URL, which is not set',
  ],
])('with %s, that host is unavailable, also for its references, and the others are ready', async (_, breakFolder, why) => {
  breakFolder();
  const all = await hosts.start();
  expect(hosts.readyIds()).toEqual(['erp']);
  expect(
    all
      .states()
      .find(({ id }) => id === 'pos')
      ?.why.join(),
  ).toContain(why);
  expect(() => all.forReference(newReference('pos'))).toThrow(HostUnavailable);
  await all.recheck();
});

describe('a database that is down at the start', () => {
  it('makes only its host unavailable, and needs no restart', async () => {
    const late = `${hosts.url()}_late`;
    const all = await hosts.start({ POS_DATABASE_URL: late });
    expect(hosts.readyIds()).toEqual(['erp']);
    expect(all.states()).toContainEqual({
      id: 'pos',
      ready: false,
      why: [expect.stringMatching(/^database unavailable: database ".*_late" does not exist \(3D000\)$/)],
    });
    await hosts.asOwner((client) => client.query(`create database ${new URL(late).pathname.slice(1)}`));
    await hosts.asOwner((client) => loadReference(client, referenceFolder('pos'), { demo: false }), late);
    await all.recheck();
    expect(hosts.readyIds()).toEqual(['erp', 'pos']);
    await hosts.close();
    await hosts.asOwner((client) => client.query(`drop database ${new URL(late).pathname.slice(1)} with (force)`));
  });

  it('is noticed automatically when it comes back', async () => {
    const late = `${hosts.url()}_later`;
    await hosts.start({ POS_DATABASE_URL: late }, { recheckEveryMs: 20 });
    await hosts.asOwner((client) => client.query(`create database ${new URL(late).pathname.slice(1)}`));
    await hosts.asOwner((client) => loadReference(client, referenceFolder('pos'), { demo: false }), late);
    while (!hosts.readyIds()?.includes('pos')) await new Promise((soon) => setTimeout(soon, 10));
    await hosts.close();
    await hosts.asOwner((client) => client.query(`drop database ${new URL(late).pathname.slice(1)} with (force)`));
  });
});

describe('a database that does not answer', () => {
  it('holds up the checks of its own hosts only: another one is ready as soon as its database is back', async () => {
    let isPosAway = true;
    let erpChecks = 0;
    const { promise: answer, resolve: answerErp } = Promise.withResolvers<void>();
    const readOwnRows = async (_connection: Queryable, id: string) => {
      if (id === 'pos' && isPosAway) throw new Error('the database is offline');
      if (id === 'erp' && ++erpChecks > 1) await answer; // not the one of the start
    };
    await hosts.start({}, { recheckEveryMs: 20, readOwnRows });
    expect(hosts.readyIds()).toEqual(['erp']);
    await eventually(() => erpChecks > 1);
    isPosAway = false;
    await eventually(() => hosts.readyIds()?.includes('pos'));
    expect(erpChecks).toBe(2);
    answerErp();
  });
});

describe('a database that goes down while its hosts are ready', () => {
  it('is reported until it is back; the host stays usable, because the database may be back at any moment', async () => {
    const url = new URL(hosts.url());
    const proxy = await startTcpProxy(Number(url.port));
    url.port = String(proxy.port);
    const all = await hosts.start({ POS_DATABASE_URL: url.href });
    await proxy.disconnect();
    await all.recheck();
    expect(all.states()).toContainEqual({ id: 'pos', ready: false, why: ['database unavailable: ECONNREFUSED'] });
    expect(all.states()).toContainEqual({ id: 'erp', ready: true, why: [] });
    expect(hosts.readyIds()).toEqual(['erp', 'pos']);
    await proxy.reconnect();
    await all.recheck();
    expect(all.states()).toContainEqual({ id: 'pos', ready: true, why: [] });
    await hosts.close();
    await proxy.disconnect();
  });
});

describe('a server that takes no new connection for a check', () => {
  it('keeps its hosts ready as long as it answers the connections that tills have, and not a moment longer', async () => {
    const role = `serve_${Math.random().toString(36).slice(2)}`;
    const url = Object.assign(new URL(hosts.url()), { username: role, password: 'one' });
    await hosts.asOwner((client) =>
      client.query(`create role ${role} login password 'one'; grant pg_read_all_data, pg_write_all_data to ${role}`),
    );
    const all = await hosts.start({ ERP_DATABASE_URL: url.href, POS_DATABASE_URL: url.href });
    await all.recheck(); // also makes a connection of the pool
    await hosts.asOwner((client) => client.query(`alter role ${role} connection limit 1`));
    await all.recheck();
    expect(all.states().map(({ ready, why }) => [ready, why])).toEqual(Array(2).fill([true, []]));
    await hosts.asOwner((client) =>
      client.query(
        `alter role ${role} connection limit 0; select pg_terminate_backend(pid) from pg_stat_activity where usename = '${role}'`,
      ),
    );
    await all.recheck();
    expect(all.states().map(({ ready, why }) => [ready, why])).toEqual(
      Array(2).fill([false, [`database unavailable: too many connections for role "${role}" (53300)`]]),
    );
    await hosts.close();
    await hosts.asOwner((client) => client.query(`drop role ${role}`));
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
    const all = await hosts.start();
    await hosts.asOwner((client) => client.query(change));
    expect(await readDue(all)).toContain('does not exist');
    await eventually(() => whyOf(all)?.includes('does not fit the database'));
    expect(whyOf(all)).toContain(reason);
    expect(() => all.byId('erp')).toThrow(HostUnavailable);
    await hosts.asOwner((client) => client.query(undo));
    await all.recheck();
    expect(whyOf(all)).toBe('');
    expect(await readDue(all)).toBeNull();
  });

  it('has its reads proven by readiness, with a row of ours: a right that is missing is named before a till asks', async () => {
    const readOwnRows = async (connection: Queryable) => connection.query({ text: 'select from gateway_rows' });
    await hosts.asOwner((client) => client.query('create table gateway_rows ()'));
    const all = await hosts.start({}, { readOwnRows });
    await hosts.asOwner((client) => client.query('drop table gateway_rows'));
    await all.recheck();
    expect(whyOf(all)).toContain('schema gateway cannot be used');
  });

  it('is reported unavailable with a wrong password and a renamed database, in the words of PostgreSQL', async () => {
    const role = `serve_${Math.random().toString(36).slice(2)}`;
    const url = new URL(hosts.url());
    await hosts.asOwner((client) => client.query(`create role ${role} superuser login password 'one'`));
    Object.assign(url, { username: role, password: 'one' });
    const all = await hosts.start({ ERP_DATABASE_URL: url.href });
    expect(whyOf(all)).toBe('');
    await hosts.asOwner((client) => client.query(`alter role ${role} password 'two'`));
    await all.recheck();
    expect(whyOf(all)).toBe(`database unavailable: password authentication failed for user "${role}" (28P01)`);
    await hosts.asOwner((client) => client.query(`alter role ${role} password 'one'`));
    await all.recheck();
    expect(whyOf(all)).toBe('');
    await hosts.close();
    await hosts.asOwner((client) => client.query(`drop role ${role}`));
  });
});
