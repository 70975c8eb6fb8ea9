import { describeBehindPgBouncer, itWithNamedStatements, startPgBouncer } from '@gateway/testing/database/pgbouncer';
import { freshDatabase } from '@gateway/testing/database/servers';
import { checkSession, connectDatabase, inTransaction, isTransient } from '../../postgres/index.ts';
import type { HostStatement } from '../host-statement.ts';
import { preparedStatements } from './prepared-statements.ts';

describeBehindPgBouncer('statements of a host behind PgBouncer', () => {
  itWithNamedStatements('are prepared again when the host changes a column, so that the next transaction succeeds', async (settings) => {
    const database = await freshDatabase(null);
    const bouncer = await startPgBouncer(database.url, { pool_mode: 'transaction', ...settings });
    await checkSession(bouncer.url);
    const db = connectDatabase(bouncer.url, { name: 'test', max: 1 });
    await db.pool.query('create table due (total numeric); insert into due values (1.0)');
    const prepared = preparedStatements('pos');
    const order = { name: 'order', text: 'select total from due -- the sum' } as HostStatement;
    const read = () => inTransaction(db, (trx) => prepared.send(trx, order, []));
    expect(await read()).toEqual([{ total: '1.0' }]);
    await db.pool.query('alter table due alter total type bigint');
    const error = await read().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'cached plan must not change result type' });
    expect(isTransient(error)).toBe(true);
    expect(await read()).toEqual([{ total: '1' }]);
    await db.close();
    await bouncer.stop();
    await database.drop();
  });
});
