import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { freshDatabase } from '@gateway/testing/database/servers';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let env: NodeJS.ProcessEnv;
let control: Database;
let closing: (() => unknown)[];
beforeAll(async () => {
  const [pos, controlDatabase] = await Promise.all([freshDatabase(), freshDatabase()]);
  env = { CONTROL_DATABASE_URL: controlDatabase.serveUrl, POS_DATABASE_URL: pos.serveUrl, TILL_DATABASE_URL: pos.serveUrl };
  control = connectDatabase(controlDatabase.url, { name: 'test' });
  closing = [() => control.close(), pos.drop, controlDatabase.drop];
});
afterAll(async () => {
  for (const close of closing) await close();
});

const ops = (...line: string[]) => runCommand(opsCommands, line, env);

describe('ops -- actions', () => {
  it('list shows who changed what and why, of the control database too', async () => {
    await ops('hold', 'midtrans', '--reason', 'outage', '--as', 'siti');
    await ops('release', 'midtrans');
    const { out } = await ops('actions', 'list', '--subject', 'midtrans/* store *');
    expect(out).toMatch(/CONTROL_DATABASE_URL +2 +\S+ +cli budi +release +midtrans\/\* store \* +-\n.* 1 +\S+ +cli siti +hold +.* outage/);
    expect(await runForJson(opsCommands, ['actions', 'list', '--actor', 'cli siti'], env)).toMatchObject([{ action: 'hold' }]);
  });

  it('verify exits with 0, and with 1 and the first row that was tampered with', async () => {
    const { code, out } = await ops('actions', 'verify');
    const [end = ''] = /\b2:[0-9a-f]{64}\b/.exec(out) ?? [];
    expect([code, end]).toEqual([0, expect.stringMatching(/./)]);
    expect((await ops('actions', 'verify', '--known', end)).code).toBe(0);
    expect((await ops('actions', 'verify', '--known', end.replace(/.$/, end.endsWith('0') ? '1' : '0'))).code).toBe(1);
    await control.pool.query(`update gateway.audit set details = '{"reason":"none"}' where id = 1`);
    const tampered = await ops('actions', 'verify');
    expect([tampered.code, tampered.err]).toEqual([
      1,
      expect.stringContaining('error: CONTROL_DATABASE_URL: row 1 of the audit log was changed'),
    ]);
  });
});
