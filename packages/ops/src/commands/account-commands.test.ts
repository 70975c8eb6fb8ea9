import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { sealedSecret } from '@gateway/shared/runtime';
import { providerAccounts, webhookEndpoints } from '@gateway/shared/store';
import { freshDatabase, type TestDatabase } from '@gateway/testing/database/servers';
import { type Simulator, startSimulator } from '@gateway/testing/simulator';
import { runCommand, runForJson } from '../../test/run-command.ts';
import { opsCommands } from '../commands.ts';

let database: TestDatabase;
let db: Database;
let simulator: Simulator;
let env: NodeJS.ProcessEnv;
const folder = mkdtempSync(path.join(tmpdir(), 'secrets-'));
const [oldKey, newKey] = [sealedSecret.newMasterKey('2025'), sealedSecret.newMasterKey('2026')];
const canaries = ['SB-Mid-server-canary-1', 'SB-Mid-server-canary-2', 'xnd_development_canary', 'canary-token'];

beforeAll(async () => {
  [database, simulator] = await Promise.all([freshDatabase(), startSimulator()]);
  db = connectDatabase(database.url, { name: 'test' });
  env = {
    POS_DATABASE_URL: database.serveUrl,
    MIDTRANS_MODE: 'test',
    XENDIT_MODE: 'test',
    MIDTRANS_SERVER_KEY: 'SB-Mid-server-environment',
    MIDTRANS_BASE_URL: simulator.urls.midtrans,
    XENDIT_BASE_URL: simulator.urls.xendit,
    PUBLIC_URL: 'https://pay.example.id/',
    MASTER_KEYS: oldKey,
  };
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await simulator?.stop();
  await db?.close();
  await database?.drop();
});

const accounts = (line: string, input?: unknown, more: NodeJS.ProcessEnv = {}) =>
  runCommand(opsCommands, ['accounts', ...line.split(' ')], { ...env, ...more }, input === undefined ? '' : JSON.stringify(input));
const auditRows = () => db.knex('gateway.audit').orderBy('id').select('action', 'subject', 'details');

describe('accounts add', () => {
  it('stores the secrets sealed, shows fingerprints, and names the address to register', async () => {
    const { code, out } = await accounts('add midtrans/jkt --acquirer gopay', { server_key: canaries[0] });
    expect(code).toBe(0);
    expect(out).toContain('Register https://pay.example.id/webhooks/midtrans/jkt at the provider');
    const file = path.join(folder, 'xendit.json');
    writeFileSync(file, JSON.stringify({ secret_key: canaries[2], callback_token: canaries[3] }));
    const added = await runForJson<{ secrets: object }>(
      opsCommands,
      ['accounts', 'add', 'xendit/jkt', '--for-user-id', 'u-1', '--secrets-file', file],
      env,
    );
    const fingerprint = expect.stringMatching(/^sha256:[0-9a-f]{12}$/);
    expect(added).toMatchObject({ mode: 'test', for_user_id: 'u-1', secrets: { secret_key: fingerprint, callback_token: fingerprint } });
    const rows = JSON.stringify([await db.knex('gateway.provider_accounts').select('*'), await auditRows()]);
    for (const canary of canaries) expect(rows + out).not.toContain(canary);
    expect((await auditRows()).map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'add-account midtrans/jkt',
      'add-account xendit/jkt',
    ]);
  });

  it.each<[string, string, unknown, string]>([
    ['an account that exists', 'add midtrans/jkt', { server_key: 'SB-Mid-server-x' }, 'midtrans/jkt exists'],
    ['an account of the environment', 'add midtrans/default', { server_key: 'SB-Mid-server-x' }, 'is an account of the environment'],
    ['an unknown provider', 'add doku/jkt', { server_key: 'SB-Mid-server-x' }, 'unknown provider doku'],
    ['an invalid id', 'add midtrans/Jkt', { server_key: 'SB-Mid-server-x' }, 'an account is <provider>/<id>'],
    ['an unknown mode', 'add midtrans/x --mode sandbox', { server_key: 'SB-Mid-server-x' }, '--mode must be test or live'],
    [
      'a sub-account where there are none',
      'add midtrans/x --for-user-id u',
      { server_key: 'SB-Mid-server-x' },
      'midtrans has no sub-accounts',
    ],
    ['a missing secret', 'add xendit/x', { secret_key: 'xnd_canary' }, 'the secrets lack callback_token'],
    ['an unknown secret', 'add midtrans/x', { client_key: 'SB-Mid-canary' }, 'unknown field "client_key"; expected server_key'],
    ['white space', 'add midtrans/x', { server_key: 'SB-Mid canary' }, 'server_key must be 4 to 500 characters without white space'],
    ['no JSON object', 'add midtrans/x', 'SB-Mid-canary', 'expected one JSON object with the secrets'],
    ['nothing', 'add midtrans/x', undefined, 'expected one JSON object with the secrets'],
  ])('changes nothing for %s, and shows no secret', async (_, line, input, sentence) => {
    const before = await providerAccounts.list(db.knex);
    const { code, out, err } = await accounts(line, input);
    expect([code, err.includes(sentence)]).toEqual([1, true]);
    expect(out + err).not.toContain('canary');
    expect(await providerAccounts.list(db.knex)).toEqual(before);
  });

  it('says what to do without a master key', async () => {
    const { code, err } = await accounts('add midtrans/x', { server_key: 'SB-Mid-server-x' }, { MASTER_KEYS: '' });
    expect([code, err.includes('MASTER_KEYS is not set')]).toEqual([1, true]);
  });
});

describe('accounts list and show', () => {
  it('have the accounts of the environment, marked so, and the added ones', async () => {
    const { out } = await accounts('list');
    expect(out).toMatch(/midtrans\/default\s+test\s+enabled\s+environment\s+server_key sha256:/);
    expect(out).toMatch(/midtrans\/jkt\s+test\s+enabled\s+database/);
    const shown = await accounts('show xendit/jkt');
    expect(shown.out).toContain('webhooks    https://pay.example.id/webhooks/xendit/jkt');
    expect((await accounts('show xendit/nope')).err).toContain('unknown account xendit/nope');
  });
});

describe('accounts rotate', () => {
  it('changes nothing when the provider does not accept the new key', async () => {
    const before = await providerAccounts.list(db.knex);
    const { code, err } = await accounts('rotate midtrans/jkt', { server_key: canaries[1] });
    expect([code, err]).toEqual([1, expect.stringContaining('the provider does not accept the new key (unauthorized)')]);
    expect(await providerAccounts.list(db.knex)).toEqual(before);
  });

  it('replaces a key that the provider accepts; the old webhook secret is valid for 24 h', async () => {
    simulator.fakes.midtrans.putAccount('jkt', { server_key: canaries[1] });
    const { code, out } = await accounts('rotate midtrans/jkt', { server_key: canaries[1] });
    expect([code, out.includes('Webhooks signed with the old secret are accepted until')]).toEqual([0, true]);
    const row = await providerAccounts.find(db.knex, { provider: 'midtrans', account: 'jkt' });
    const hours = ((row?.previous[0]?.until.getTime() ?? 0) - (row?.updatedAt.getTime() ?? 0)) / 3_600_000;
    expect(hours).toBe(24);
    const { details } = (await auditRows()).at(-1);
    expect(details.before.secrets.server_key).not.toBe(details.after.secrets.server_key);
  });

  it('keeps a secret that is not given, and then needs no old webhook secret', async () => {
    simulator.fakes.xendit.putAccount('jkt', { secret_key: 'xnd_development_new', callback_token: canaries[3] });
    const { out } = await accounts('rotate xendit/jkt', { secret_key: 'xnd_development_new' });
    expect(out).not.toContain('old secret');
    const [before, after] = [(await auditRows()).at(-1).details.before.secrets, (await auditRows()).at(-1).details.after.secrets];
    expect([before.callback_token === after.callback_token, before.secret_key === after.secret_key]).toEqual([true, false]);
  });
});

describe('accounts disable and enable', () => {
  it('switch an added account, are written once to the audit log, and refuse one of the environment', async () => {
    const count = (await auditRows()).length;
    expect((await accounts('disable midtrans/jkt')).out).toContain('midtrans/jkt is disabled');
    expect((await accounts('disable midtrans/jkt')).out).toContain('midtrans/jkt was disabled already');
    expect((await accounts('enable midtrans/jkt')).out).toContain('midtrans/jkt is enabled');
    expect((await auditRows()).slice(count).map(({ action }) => action)).toEqual(['disable-account', 'enable-account']);
    const refused = await accounts('disable midtrans/default');
    expect([refused.code, refused.err.includes('npm run ops -- hold midtrans --account default')]).toEqual([1, true]);
  });
});

describe('accounts reseal', () => {
  it('moves every secret, also replaced ones, to the first master key; then the old key is not needed', async () => {
    const both = { MASTER_KEYS: `${newKey},${oldKey}` };
    const keys = sealedSecret.masterKeysVariable();
    const sealed = sealedSecret.seal(keys.parse(oldKey), webhookEndpoints.sealedRow('we_1'), 'whsec_canary');
    const endpoint = {
      id: 'we_1',
      clientId: 'c',
      host: 'pos',
      tenant: 't',
      url: 'https://hook.example.id/',
      events: ['*'],
      storeIds: null,
      description: null,
    };
    await webhookEndpoints.create(db, endpoint, sealed, new Date());
    expect((await accounts('reseal', undefined, both)).out).toContain(
      '2 accounts were sealed again, and the secrets of 1 webhook endpoints',
    );
    expect((await accounts('reseal', undefined, both)).out).toContain(
      '0 accounts were sealed again, and the secrets of 0 webhook endpoints',
    );
    const [moved] = (await webhookEndpoints.find(db.pool, 'c', 'we_1'))?.secrets ?? [];
    expect(sealedSecret.open(keys.parse(newKey), webhookEndpoints.sealedRow('we_1'), moved?.sealed ?? '')).toBe('whsec_canary');
    const rows = await providerAccounts.list(db.knex);
    expect(rows.flatMap(({ sealed, previous }) => [sealed, ...previous.map((each) => each.sealed)]).map(sealedSecret.sealedWith)).toEqual([
      '2026',
      '2026',
      '2026',
    ]);
    expect((await accounts('rotate midtrans/jkt', { server_key: canaries[1] }, { MASTER_KEYS: newKey })).code).toBe(0);
  });
});
