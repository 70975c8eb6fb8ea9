import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import type { PoolClient } from 'pg';
import { connectDatabase, type Database, inTransaction } from '../../postgres/index.ts';
import * as retention from '../maintenance/retention.ts';
import * as auditLog from './audit.ts';
import * as auditChain from './audit-chain.ts';

let database: TestDatabase;
let db: Database;
let owner: Database;
let admin: PoolClient; // may do what an owner of the tables may
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.serveUrl, { name: 'test', max: 12 });
  owner = connectDatabase(database.url, { name: 'test' });
  admin = await owner.pool.connect();
});
afterAll(async () => {
  admin?.release();
  await owner?.close();
  await db?.close();
  await database?.drop();
});

const by = { actor: 'dewi', at: new Date('2026-03-02T03:00:00.123Z'), reason: 'a reason with “quotes” and a line\nfeed' };
const append = (subject: string) => auditLog.append(db.pool, { action: 'hold', subject, details: { b: 1, a: [2.5, null] } }, by);
const verdict = async () => (await auditChain.verify(db.pool)).tampering;

/** What an owner of the tables can do, undone afterwards. */
async function tamperedWith(...statements: string[]): Promise<auditChain.Tampering | null> {
  await admin.query('begin; set local session_replication_role = replica'); // no trigger
  for (const statement of statements) await admin.query(statement);
  const { tampering } = await auditChain.verify(admin);
  await admin.query('rollback');
  return tampering;
}

describe('the audit log', () => {
  it('is one chain, also when many actions are written at the same time and some of them are rolled back', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        inTransaction(db, async (trx) => {
          await auditLog.append(trx, { action: 'hold', subject: `midtrans ${n}` }, by);
          if (n % 5 === 0) throw new Error('rolled back');
        }).catch(() => null),
      ),
    );
    const { rows, head, tampering } = await auditChain.verify(db.pool);
    expect([rows, head?.id, tampering]).toEqual([48, 48, null]);
  });

  it('is continued by a process that knows no hash', async () => {
    await db.pool.query(`insert into gateway.audit (at, actor, action, subject) values (now(), 'cli old', 'hold', 'x')`);
    expect(await verdict()).toBeNull();
  });

  it('is kept by retention', async () => {
    await retention.pruneRows(db, new Date('2099-01-01'));
    await retention.dropExpiredPartitions(db, new Date('2099-01-01'));
    expect(await auditChain.verify(db.pool)).toMatchObject({ rows: 49, tampering: null });
  });
});

describe('the first row that was tampered with is named', () => {
  const rehash = (id: number) =>
    `update gateway.audit a set hash = sha256(previous_hash || convert_to(gateway.audit_text(a), 'UTF8')) where id = ${id}`;

  it.each<[string, auditChain.Tampering, string[]]>([
    ['a changed actor', { id: 7, kind: 'changed' }, [`update gateway.audit set actor = 'siti' where id = 7`]],
    ['a changed time', { id: 7, kind: 'changed' }, [`update gateway.audit set at = at + interval '1 microsecond' where id = 7`]],
    ['a changed reason', { id: 49, kind: 'changed' }, [`update gateway.audit set details = '{"reason":"x"}' where id = 49`]],
    [
      'a changed row with its hash computed anew',
      { id: 7, kind: 'changed' },
      [`update gateway.audit set actor = 'x' where id = 7`, rehash(7)],
    ],
    [
      'the last row with its hash computed anew',
      { id: 49, kind: 'changed' },
      [`update gateway.audit set actor = 'x' where id = 49`, rehash(49)],
    ],
    ['a removed row', { id: 7, kind: 'removed' }, ['delete from gateway.audit where id in (7, 8)']],
    ['the first row removed', { id: 1, kind: 'removed' }, ['delete from gateway.audit where id = 1']],
    ['the last rows removed', { id: 48, kind: 'removed' }, ['delete from gateway.audit where id >= 48']],
    [
      'an inserted row without a hash',
      { id: 50, kind: 'inserted' },
      [`insert into gateway.audit (id, at, actor, action, subject) overriding system value values (50, now(), 'x', 'hold', 'y')`],
    ],
    [
      'a row put in the place of a removed one',
      { id: 7, kind: 'inserted' },
      [
        'delete from gateway.audit where id = 7',
        `insert into gateway.audit (id, at, actor, action, subject) overriding system value values (7, now(), 'x', 'hold', 'y')`,
      ],
    ],
  ])('%s', async (_, expected, statements) => {
    expect(await tamperedWith(...statements)).toEqual(expected);
    expect(await verdict()).toBeNull();
  });

  it('a chain that was written anew is not the one whose end was kept elsewhere', async () => {
    const head = (await auditChain.verify(db.pool)).head ?? { id: 0, hash: '' };
    await append('after');
    expect(await auditChain.verify(db.pool, head)).toMatchObject({ hasKnown: true, tampering: null });
    expect(await auditChain.verify(db.pool, { ...head, hash: '00' })).toMatchObject({ hasKnown: false, tampering: null });
  });
});

describe('a row that is older than the chain', () => {
  it('is covered by the first link', async () => {
    const older = await freshDatabase();
    const old = connectDatabase(older.url, { name: 'test' });
    await old.pool.query(`alter table gateway.audit disable trigger chain_audit;
      insert into gateway.audit (at, actor, action, subject) select now(), 'dewi', 'hold', n::text from generate_series(1, 3) n;
      alter table gateway.audit enable trigger chain_audit`);
    expect(await auditChain.verify(old.pool)).toEqual({ rows: 0, head: null, tampering: null, hasKnown: false });
    await auditLog.append(old.pool, { action: 'hold', subject: 'first' }, by);
    expect(await auditChain.verify(old.pool)).toMatchObject({ rows: 1, head: { id: 4 }, tampering: null });
    await old.pool.query(`update gateway.audit set actor = 'siti' where id = 2`);
    expect((await auditChain.verify(old.pool)).tampering).toEqual({ id: 3, kind: 'older_than_chain' });
    await old.close();
    await older.drop();
  });
});
