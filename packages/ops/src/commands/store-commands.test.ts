import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { settings, stores } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let database: TestDatabase;
let db: Database;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  env = {
    POS_DATABASE_URL: database.serveUrl,
    MIDTRANS_MODE: 'test',
    XENDIT_MODE: 'test',
    MIDTRANS_SERVER_KEY: 'SB-Mid-server-1',
    PROVIDER_ACCOUNTS: '{"midtrans":{"jkt":{"secretKey":"SB-Mid-server-2"}}}',
  };
  await stores.register(db.pool, db.pool, 'JKT-01', { host: 'pos', tenant: 'm1' }, new Date());
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const set = (...args: string[]) => runCommand(opsCommands, ['stores', 'set', ...args], env);
const auditRows = () => db.knex('gateway.audit').where({ action: 'set-store' }).orderBy('id').select('actor', 'subject', 'details');
const settingsOf = async (storeId: string) => {
  const control = await settings.createControlCache(db.knex);
  control.stop();
  return control.current?.settings.get(storeId);
};

describe('stores set', () => {
  it('sets what is named, leaves the rest, and writes before and after to the audit log', async () => {
    await set('JKT-01', '--accounts', 'midtrans=jkt', '--late-money', 'hold', '--name', 'Jakarta Pusat');
    const { code, out } = await set('JKT-01', '--providers', 'xendit,midtrans', '--timezone', 'Asia/Jakarta');
    expect(code).toBe(0);
    expect(out).toContain('Every process knows within 2 seconds.');
    expect(await settingsOf('JKT-01')).toEqual({ lateMoney: 'hold', providers: ['xendit', 'midtrans'], accounts: { midtrans: 'jkt' } });
    const [first, second] = await auditRows();
    expect(first).toEqual({
      actor: 'cli budi',
      subject: 'JKT-01',
      details: {
        before: { late_money: 'accept', providers: null, accounts: {}, name: null, timezone: null },
        after: { late_money: 'hold', providers: null, accounts: { midtrans: 'jkt' }, name: 'Jakarta Pusat', timezone: null },
      },
    });
    expect(second.details).toMatchObject({ before: first.details.after, after: { timezone: 'Asia/Jakarta' } });
  });

  it('may come before the first payment of the store, and says that there is none', async () => {
    const { code, err } = await set('SBY-09', '--late-money', 'refund');
    expect([code, err.includes('no payment was made for store SBY-09 yet')]).toEqual([0, true]);
  });

  it.each([
    [['JKT-01', '--colour', 'red'], "Unknown option '--colour'"],
    [['JKT-01', '--accounts', 'midtrans=bdg'], 'unknown account midtrans/bdg; known accounts of midtrans: default, jkt'],
    [['JKT-01', '--accounts', 'doku=jkt'], 'unknown provider doku'],
    [['JKT-01', '--accounts', 'midtrans'], 'expected <provider>=<account>'],
    [['JKT-01', '--providers', 'doku'], 'unknown provider doku'],
    [['JKT-01', '--providers', 'xendit,xendit'], 'each provider once'],
    [['JKT-01', '--late-money', 'keep'], '--late-money must be one of accept, refund, hold'],
    [['JKT-01', '--timezone', 'Mars/Base'], 'must be a time zone'],
    [['JKT-01', '--name', 'a\u001b[2Jb'], 'no control characters'],
    [['JKT-01'], 'nothing to set'],
    [['JKT/01', '--late-money', 'hold'], 'invalid store id'],
  ])('changes nothing and exits with 1 for %j', async (args, sentence) => {
    const before = [await settingsOf('JKT-01'), (await auditRows()).length];
    const { code, err } = await set(...args);
    expect([code, err.includes(sentence)]).toEqual([1, true]);
    expect([await settingsOf('JKT-01'), (await auditRows()).length]).toEqual(before);
  });
});

describe('stores list and show', () => {
  it('have registered stores and those with settings', async () => {
    await set('SBY-09', '--late-money', 'refund');
    const rows = await runForJson<{ store_id: string; host: string | null; late_money: string }[]>(opsCommands, ['stores', 'list'], env);
    expect(rows.map(({ store_id, host }) => [store_id, host])).toEqual([
      ['JKT-01', 'pos'],
      ['SBY-09', null],
    ]);
    const { out } = await runCommand(opsCommands, ['stores', 'show', 'SBY-09'], env);
    expect(out).toMatch(/late money\s+refund/);
  });

  it('exit with 1 for a store without payments and settings', async () => {
    const { code, err } = await runCommand(opsCommands, ['stores', 'show', 'NOPE-1'], env);
    expect([code, err.includes('unknown store NOPE-1')]).toEqual([1, true]);
  });
});
