import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { startTcpProxy, type TcpProxy } from '@gateway/testing/tcp-proxy';
import { connectDatabase } from './database.ts';
import { connectClient, PoolFull } from './database-client.ts';
import { NoWritableServer } from './database-server.ts';
import { isTransient } from './errors.ts';

let database: TestDatabase;
let proxies: [TcpProxy, TcpProxy];
beforeAll(async () => {
  database = await freshDatabase(null);
  const port = Number(new URL(database.url).port);
  proxies = [await startTcpProxy(port), await startTcpProxy(port)];
});
afterAll(async () => {
  await Promise.all((proxies ?? []).map((proxy) => proxy.disconnect()));
  await database?.drop();
});

/** The database through both proxies: what one of them breaks, the other one must serve. */
function severalHosts(): string {
  const { username, password, pathname } = new URL(database.url);
  return `postgres://${username}:${password}@${proxies.map(({ port }) => `127.0.0.1:${port}`).join(',')}${pathname}?target_session_attrs=read-write`;
}

describe('a database URL with several hosts', () => {
  it('uses a host that answers, and another one without an error when that one dies while no statement runs', async () => {
    const db = connectDatabase(severalHosts(), { name: 'test', max: 2 });
    for (const [dead, alive] of [proxies, proxies.toReversed()] as [TcpProxy, TcpProxy][]) {
      await dead.disconnect();
      expect((await eventually(() => db.pool.query('select 1 as one'))).rows).toEqual([{ one: 1 }]);
      for (let n = 0; n < 5; n++) await db.pool.query('select 1');
      await dead.reconnect();
      alive.dropConnections();
    }
    await db.close();
  });

  it('never uses a server whose transactions are read-only: the error is transient and names the hosts without a password', async () => {
    const { pathname } = new URL(database.url);
    const admin = await connectClient(database.url, {});
    await admin.query(`alter database ${pathname.slice(1)} set default_transaction_read_only to on`);
    const db = connectDatabase(`${severalHosts()}&application_name=standby`, { name: 'test', max: 2 });
    const refused = await db.pool.query('select 1').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(NoWritableServer);
    expect(isTransient(refused)).toBe(true);
    expect(String(refused)).toMatch(/^NoWritableServer: no server of 127\.0\.0\.1:\d+,127\.0\.0\.1:\d+ takes writes: /);
    await admin.query(`alter database ${pathname.slice(1)} reset default_transaction_read_only`);
    expect((await eventually(() => db.pool.query('select 1 as one'))).rows).toEqual([{ one: 1 }]); // it was promoted
    await db.close();
    await admin.end();
  });
});

describe('a pool whose connections are all in use', () => {
  it('refuses at once what would wait for long, and lets the others wait in turn', async () => {
    const db = connectDatabase(database.url, { name: 'test', max: 1 });
    const busy = await db.pool.connect();
    const waiting = Array.from({ length: 200 }, () => db.pool.query('select 1 as one'));
    await expect(db.pool.query('select 1')).rejects.toBeInstanceOf(PoolFull);
    await expect(db.knex.select(1)).rejects.toBeInstanceOf(PoolFull);
    busy.release();
    for (const { rows } of await Promise.all(waiting)) expect(rows).toEqual([{ one: 1 }]);
    await db.close();
  });
});
