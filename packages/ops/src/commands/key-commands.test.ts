import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { clients } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { keyCommands } from '../commands.ts';

let database: TestDatabase;
let db: Database;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  database = await freshDatabase();
  db = connectDatabase(database.url, { name: 'test' });
  env = { POS_DATABASE_URL: database.serveUrl, MIDTRANS_MODE: 'test', XENDIT_MODE: 'test' };
});
afterAll(async () => {
  await db?.close();
  await database?.drop();
});

const keys = (...line: string[]) => runCommand(keyCommands, line, env);
const aKey = (...more: string[]) =>
  runForJson<{ id: string; secret: string; expires_at: string | null }>(
    keyCommands,
    ['create', '--name', 'Till', '--host', 'pos', '--tenant', 'm1', ...more],
    env,
  );

describe('npm run keys', () => {
  it('creates a key that expires, and shows it without its secret', async () => {
    const { id, secret, expires_at } = await aKey('--expires', '90d');
    const days = (Date.parse(expires_at ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(89.9);
    const { out } = await keys('show', id);
    expect(out).toContain(`expires     ${expires_at}`);
    expect(out).toContain('last used   never');
    expect(out).not.toContain(secret);
  });

  it('rotates a key: a new secret, the old one for the overlap, and an audit row without either', async () => {
    const { id, secret } = await aKey();
    const rotated = await runForJson<{ secret: string; previous_until: string }>(keyCommands, ['rotate', id, '--overlap', '2h'], env);
    const active = await clients.active(db.knex);
    const validUntil = (each: string) => active.get(clients.hashSecret(each).toString('hex'))?.validUntil?.toISOString();
    expect([validUntil(secret), validUntil(rotated.secret)]).toEqual([rotated.previous_until, undefined]);
    const audit = await db.knex('gateway.audit').where({ action: 'rotate-key' }).select('subject', 'details');
    expect(audit).toEqual([{ subject: id, details: { previous_until: rotated.previous_until } }]);
  });

  it.each([
    [['show', 'cli_none'], 'unknown key cli_none'],
    [['rotate', 'cli_none'], 'unknown key cli_none'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 'm', '--expires', '2020-01-01'], '--expires must be in the future'],
    [['create', '--name', 'x', '--host', 'pos', '--tenant', 'm', '--expires', 'soon'], '--expires must be a time such as'],
  ])('refuses %j', async (line, sentence) => {
    const { code, err } = await keys(...line);
    expect([code, err.includes(sentence)]).toEqual([1, true]);
  });
});
