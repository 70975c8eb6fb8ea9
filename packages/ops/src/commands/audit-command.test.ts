import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { payments } from '@gateway/shared/store';
import { hostsDir } from '@gateway/testing/checkout';
import { freshDatabase } from '@gateway/testing/database/servers';
import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let env: NodeJS.ProcessEnv;
let pos: Database;
let drop: () => Promise<void>;
beforeAll(async () => {
  const database = await freshDatabase();
  drop = database.drop;
  const url = database.serveUrl;
  env = { POS_DATABASE_URL: url, ERP_DATABASE_URL: url, CONTROL_DATABASE_URL: url, HOSTS_DIR: hostsDir };
  pos = connectDatabase(database.url, { name: 'test' });
});
afterAll(async () => {
  await pos.close();
  await drop();
});

interface AuditJson {
  payments: number;
  hosts: string[];
  broken: number;
  waiting: number;
}

describe('npm run ops -- audit', () => {
  it('reports what it compared, and that every invariant holds', async () => {
    await payments.insert(pos.pool, aPayment({ checkAt: new Date() }));
    expect(await runForJson<AuditJson>(opsCommands, ['audit'], env)).toMatchObject({
      payments: 1,
      hosts: ['erp', 'pos', 'till'],
      broken: 0,
      waiting: 0,
      charges: null,
    });
    const { out } = await runCommand(opsCommands, ['audit', '--since', '2d'], env);
    expect(out).toMatch(/I1 +- +- +what was paid is recorded[\s\S]*I9[\s\S]*1 payments, the orders of erp and pos/);
  });

  it('leaves out payments before --since', async () => {
    expect(await runForJson<AuditJson>(opsCommands, ['audit', '--since', new Date(Date.now() - 1).toISOString()], env)).toMatchObject({
      payments: 0,
    });
  });

  it('exits with 1 and names the finding when an invariant is broken', async () => {
    await payments.insert(pos.pool, aPayment({ checkAt: null }));
    const { code, out, err } = await runCommand(opsCommands, ['audit'], env);
    expect(code).toBe(1);
    expect(out).toMatch(/broken +I8 open_payment_overdue +pay_\S+ +created +-/);
    expect(err).toContain('error: 1 finding needs an operator');
  });

  it('audits the other hosts when one database is unavailable', async () => {
    const oneDatabaseDown = { ...env, ERP_DATABASE_URL: 'postgres://127.0.0.1:1/erp' };
    const { code, out, err } = await runCommand(opsCommands, ['audit'], oneDatabaseDown);
    expect(code).toBe(1);
    expect(out).toContain('2 payments, the orders of pos');
    expect(err).toMatch(/error: host erp unavailable, not checked: .*\n.*error: ERP_DATABASE_URL unavailable: /);
  });
});
