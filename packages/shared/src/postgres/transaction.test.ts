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

  it('commits every statement that was sent in one round trip', async () => {
    await inTransaction(db, (trx) => pipelined([trx.query(add(1)), trx.query(add(2)), trx.commit()]));
    expect(await ids()).toEqual([1, 2]);
  });

  it('commits nothing when a statement fails, and throws its error, not "transaction is aborted"', async () => {
    const work = inTransaction(db, (trx) => pipelined([trx.query(add(1)), trx.query(add(1)), trx.query(add(3)), trx.commit()]));
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await ids()).toEqual([]);
  });

  it('throws the error of the failed statement also when only a later one is awaited', async () => {
    const work = inTransaction(db, async (trx) => {
      void trx.query({ text: 'select 1 / 0' });
      await trx.query(add(1));
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
  });

  it('throws when the server answers the commit with a rollback', async () => {
    const work = inTransaction(db, async (trx) => {
      void trx.query(add(1));
      void trx.query(add(1)); // its error is not awaited
      await trx.commit();
    });
    await expect(work).rejects.toThrow(/rolled back/);
  });

  it('fails without ending the process when its idle connection breaks', async () => {
    const work = inTransaction(db, async (trx) => {
      const { rows } = await trx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      await db.pool.query('select pg_terminate_backend($1, 5000)', [rows[0]?.pid]);
      await trx.query(add(1));
    });
    expect(isConnectionLoss(await work.catch((error: unknown) => error))).toBe(true);
    expect(await ids()).toEqual([]);
  });

  it('returns its connection to the pool in a clean state, also after an error', async () => {
    for (let n = 0; n < 10; n++) await inTransaction(db, () => Promise.reject(new Error('the work failed'))).catch(() => {});
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
    await inTransaction(db, (trx) => trx.query(add(7)));
    expect(await ids()).toEqual([7]);
  });
});

describe('a database that is restarted', () => {
  it('fails the running statement, and runs the next one', async () => {
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
