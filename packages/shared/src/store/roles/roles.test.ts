import { randomBytes } from 'node:crypto';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import { scramVerifier } from './scram-verifier.ts';

let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  database = await freshDatabase();
  admin = new pg.Client(database.url);
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

/** The message with which PostgreSQL refuses a statement to a role; null when it does not. */
async function refusalOf(role: string, statement: string): Promise<string | null> {
  await admin.query(`begin; set local role ${role}`);
  const refusal = await admin.query(statement).then(
    () => null,
    ({ code, message }: { code: string; message: string }) => (code === '42501' ? message : null),
  );
  await admin.query('rollback');
  return refusal;
}

async function tables(where = 'true'): Promise<string[]> {
  const { rows } = await admin.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'gateway' and ${where} order by 1`,
  );
  return rows.map(({ name }) => name);
}

describe('the role that serves', () => {
  const kept = String.raw`tablename ~ '^(audit|audit_head|payment_events(_\w+)?)$'`;

  it('cannot change or delete the audit log and the history of payments, nor their partitions', async () => {
    const protectedTables = await tables(kept);
    expect(protectedTables.length).toBeGreaterThan(4);
    for (const table of protectedTables)
      for (const statement of [`delete from gateway.${table}`, `truncate gateway.${table}`, `drop table gateway.${table}`])
        expect(await refusalOf('gateway_serve', statement)).toMatch(/permission denied|must be owner/);
    expect(await refusalOf('gateway_serve', `update gateway.audit set actor = 'another'`)).toMatch(/permission denied/);
    expect(await refusalOf('gateway_serve', 'update gateway.audit_head set last_id = 0')).toMatch(/permission denied/);
    expect(await refusalOf('gateway_serve', `update gateway.payment_events set payload = '{}'`)).toMatch(/permission denied/);
    expect(await refusalOf('gateway_serve', `update gateway.outbox set order_key = 'another'`)).toMatch(/permission denied/);
    expect(await refusalOf('gateway_serve', 'delete from gateway.outbox')).toMatch(/permission denied/);
  });

  it('cannot drop young rows by a clock that is years ahead', async () => {
    const expired = async (at: string) =>
      (await admin.query<{ partition: string }>(`select partition from gateway.expired_partitions(${at})`)).rows;
    expect(await expired(`now() + interval '10 years'`)).toEqual(await expired('now()'));
    await admin.query('begin; set local role gateway_serve');
    const { rows } = await admin.query(
      `select gateway.drop_expired_partition(relname::text, now() + interval '10 years') as result from pg_class where relname ~ '^(outbox|payment_events)_[0-9]{8}$'`,
    );
    await admin.query('rollback');
    expect(new Set(rows.map(({ result }) => result))).toEqual(new Set([null]));
  });

  it('may not create anything in the schema, and owns nothing in it', async () => {
    expect(await refusalOf('gateway_serve', 'create table gateway.own (id int)')).toMatch(/permission denied/);
    expect(await tables(`tableowner <> 'gateway_migrate'`)).toEqual([]);
  });
});

describe('the role for reports', () => {
  it('reads every table, but no hash of a client key, and writes nothing', async () => {
    for (const table of (await tables()).filter((name) => name !== 'clients'))
      expect([table, await refusalOf('gateway_read', `select from gateway.${table}`)]).toEqual([table, null]);
    expect(await refusalOf('gateway_read', 'select id, name, scopes from gateway.clients')).toBeNull();
    expect(await refusalOf('gateway_read', 'select secret_sha256 from gateway.clients')).toMatch(/permission denied/);
    for (const table of await tables())
      expect([table, await refusalOf('gateway_read', `delete from gateway.${table}`)]).toEqual([
        table,
        expect.stringMatching(/permission denied/),
      ]);
  });
});

describe('migrate', () => {
  /** A user of the server without rights, and a database that belongs to it. */
  async function ownDatabase(attributes: string): Promise<{ url: string; name: string; drop(): Promise<void> }> {
    const name = `u_${randomBytes(4).toString('hex')}`;
    const own = await freshDatabase(null);
    const url = new URL(own.url);
    await admin.query(`create role ${name} login password 'own' ${attributes}`);
    await admin.query(`alter database ${url.pathname.slice(1)} owner to ${name}`);
    url.username = name;
    url.password = 'own';
    return {
      url: url.href,
      name,
      drop: async () => {
        await own.drop();
        await admin.query(`drop role ${name}`);
      },
    };
  }

  it('without the right to act as gateway_migrate refuses, with the statements for a superuser', async () => {
    const own = await ownDatabase('');
    await expect(migrate(own.url)).rejects.toThrow(new RegExp(`${own.name} may not migrate.*grant gateway_migrate to "${own.name}"`));
    await own.drop();
  });

  it('by a user that a superuser has prepared needs no further right, and the serving user can then serve and nothing else', async () => {
    const own = await ownDatabase('');
    await admin.query(`grant gateway_migrate to ${own.name}`);
    const names = await migrate(own.url);
    expect(names.length).toBeGreaterThan(5);
    expect(await migrate(own.url)).toEqual([]);
    await own.drop();
  });

  it('takes over tables that an earlier version has created as another user', async () => {
    const own = await freshDatabase(null);
    const client = new pg.Client(own.url);
    await client.connect();
    await migrate(own.url);
    await client.query(
      'alter table gateway.payments owner to postgres; alter table gateway.migrations owner to postgres; alter schema gateway owner to postgres',
    );
    await migrate(own.url);
    const { rows } = await client.query(`select distinct tableowner from pg_tables where schemaname = 'gateway'`);
    await client.end();
    await own.drop();
    expect(rows).toEqual([{ tableowner: 'gateway_migrate' }]);
  });

  it('admits a serving user of another name', async () => {
    const name = `s_${randomBytes(4).toString('hex')}`;
    await admin.query(`create role ${name} login password 'own'`);
    const serveUrl = new URL(database.url);
    serveUrl.username = name;
    serveUrl.password = 'own';
    await migrate(database.url, { serveUrl: serveUrl.href });
    const client = new pg.Client(serveUrl.href);
    await client.connect();
    expect(await migrate(serveUrl.href)).toEqual([]); // it finds that there is nothing to do, and needs no right for that
    expect((await client.query('select id from gateway.payments')).rows).toEqual([]);
    await expect(client.query('delete from gateway.payments')).rejects.toThrow('permission denied');
    await client.end();
    await admin.query(`drop role ${name}`);
  });
});

it('a password is stored as PostgreSQL stores it, and logs in', async () => {
  const name = `p_${randomBytes(4).toString('hex')}`;
  await admin.query(`create role ${name} login password ${pg.escapeLiteral(scramVerifier('a b:c$d'))}`);
  const client = new pg.Client(database.url.replace(/\/\/[^@]*@/, `//${name}:${encodeURIComponent('a b:c$d')}@`));
  await client.connect();
  await client.end();
  await admin.query(`drop role ${name}`);
});
