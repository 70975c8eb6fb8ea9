import { freshDatabase, ownPostgres, type TestDatabase } from '@gateway/testing/database/servers';
import { connectDatabase, type Database } from './database.ts';
import { isConnectionLoss } from './errors.ts';
import { inTransaction, pipelined } from './transaction.ts';

describe('a transaction', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase(null);
    db = connectDatabase(database.url, { name: 'test', max: 2 });
    await db.pool.query('create table t (id int primary key)');
  });
  beforeEach(() => db.pool.query('truncate t'));
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  const add = (id: number) => ({ text: 'insert into t values ($1)', values: [id] });
  const ids = async () => (await db.pool.query('select id from t order by id')).rows.map(({ id }) => id);

  it('keeps all of it, sent in one go', async () => {
    await inTransaction(db, (trx) => pipelined([trx.query(add(1)), trx.query(add(2)), trx.commit()]));
    expect(await ids()).toEqual([1, 2]);
  });

  it('keeps nothing when a statement in the middle fails, and throws that one, not "transaction is aborted"', async () => {
    const work = inTransaction(db, (trx) => pipelined([trx.query(add(1)), trx.query(add(1)), trx.query(add(3)), trx.commit()]));
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await ids()).toEqual([]);
  });

  it('throws that one also when only what stands behind it is waited for', async () => {
    const work = inTransaction(db, async (trx) => {
      void trx.query({ text: 'select 1 / 0' });
      await trx.query(add(1));
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
  });

  it('does not take a rolled back commit for a commit', async () => {
    const work = inTransaction(db, async (trx) => {
      void trx.query(add(1));
      void trx.query(add(1)); // nobody looks at this one
      await trx.commit();
    });
    await expect(work).rejects.toThrow(/rolled back/);
  });

  it('fails, and not the process, when its connection breaks while nothing is under way', async () => {
    const work = inTransaction(db, async (trx) => {
      const { rows } = await trx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      await db.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
      await trx.query(add(1));
    });
    expect(isConnectionLoss(await work.catch((error: unknown) => error))).toBe(true);
    expect(await ids()).toEqual([]);
  });

  it('gives its connection back clean, whatever happened in it', async () => {
    for (let n = 0; n < 10; n++) await inTransaction(db, () => Promise.reject(new Error('ours'))).catch(() => {});
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
    await inTransaction(db, (trx) => trx.query(add(7)));
    expect(await ids()).toEqual([7]);
  });
});

describe('a database that is restarted', () => {
  it('fails what was under way, and serves the next call', async () => {
    const server = await ownPostgres();
    const errors: Error[] = [];
    const db = connectDatabase(server.url('postgres'), { name: 'test', onError: (error) => errors.push(error) });
    await db.pool.query('select 1');

    const slow = db.pool.query('select pg_sleep(60)').catch((error: unknown) => error);
    await server.kill();
    expect(isConnectionLoss(await slow)).toBe(true);
    const refused = await db.pool.query('select 1').catch((error: unknown) => error);
    expect(isConnectionLoss(refused)).toBe(true);

    await server.start();
    expect((await db.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await db.close();
    await server.stop();
  });
});
