import path from 'node:path';
import { connectDatabase, type Database, insertPayment } from '@gateway/shared/store';
import { aPayment } from '../../../testing/a-payment.ts';
import { freshDatabase } from '../../../testing/servers.ts';
import { answered, typed } from '../test/typed.ts';
import { auditCommand } from './audit-command.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  env = { POS_DATABASE_URL: database.url, HOSTS_DIR: path.resolve(import.meta.dirname, '../../../hosts') };
  env.ERP_DATABASE_URL = database.url;
  pos = connectDatabase(database.url, { name: 'test' });
});
afterAll(async () => {
  await pos.close();
  await drop();
});

interface Told {
  payments: number;
  hosts: string[];
  broken: number;
  waiting: number;
}

describe('npm run ops -- audit', () => {
  it('says what it looked at, and that all holds', async () => {
    await insertPayment(pos.pool, aPayment({ checkAt: new Date() }));
    expect(await answered<Told>([auditCommand], ['audit'], env)).toMatchObject({
      payments: 1,
      hosts: ['erp', 'pos'],
      broken: 0,
      waiting: 0,
      charges: null,
    });
    const { out } = await typed([auditCommand], ['audit', '--since', '2d'], env);
    expect(out).toMatch(/I1 +- +- +what was paid is recorded[\s\S]*I9[\s\S]*1 payments, the orders of erp and pos/);
  });

  it('leaves out what is older than asked for', async () => {
    expect(await answered<Told>([auditCommand], ['audit', '--since', new Date(Date.now() - 1).toISOString()], env)).toMatchObject({
      payments: 0,
    });
  });

  it('ends with 1 when something is broken, and names it', async () => {
    await insertPayment(pos.pool, aPayment({ checkAt: null }));
    const { code, out, err } = await typed([auditCommand], ['audit'], env);
    expect(code).toBe(1);
    expect(out).toMatch(/broken +I8 open_payment_forgotten +pay_\S+ +created +-/);
    expect(err).toContain('error: 1 broken: a person has to look');
  });

  it('reads what can be read when the book of one host cannot', async () => {
    const halved = { ...env, ERP_DATABASE_URL: 'postgres://127.0.0.1:1/erp' };
    const { code, out, err } = await typed([auditCommand], ['audit'], halved);
    expect(code).toBe(1);
    expect(out).toContain('2 payments, the orders of pos');
    expect(err).toMatch(/error: host erp is out, its book was not read: .*\n.*error: ERP_DATABASE_URL cannot be asked: /);
  });
});
