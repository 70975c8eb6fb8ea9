import { z } from 'zod';
import { type MasterKeys, manualClock, plusMs, readEnvironment, sealedSecret } from '../runtime/index.ts';
import { type StoredAccount, sealSecrets } from './account-directory.ts';
import { accountDirectoryOf, providerEnvironment } from './provider-accounts.ts';
import { accountKey } from './qris-provider.ts';

const masterKey = sealedSecret.newMasterKey('1');
const otherKey = sealedSecret.newMasterKey('2');
const clock = manualClock();
const base = {
  MIDTRANS_MODE: 'test',
  XENDIT_MODE: 'test',
  MIDTRANS_SERVER_KEY: 'SB-Mid-server-env',
  XENDIT_BASE_URL: 'http://127.0.0.1:1/xendit',
};

const read = (env: NodeJS.ProcessEnv) => readEnvironment(z.looseObject(providerEnvironment), env);
const keysOf = (text: string): MasterKeys => read({ MASTER_KEYS: text }).MASTER_KEYS;

function aRow(account: string, secrets: Record<string, string>, more: Partial<StoredAccount> = {}): StoredAccount {
  const row = {
    provider: 'midtrans',
    account,
    mode: 'test',
    acquirer: null,
    forUserId: null,
    previous: [],
    disabledAt: null,
    ...more,
  } as const;
  return { ...row, sealed: more.sealed ?? sealSecrets(keysOf(masterKey), row, secrets) };
}

function directoryWith(rows: readonly StoredAccount[] | null, env: NodeJS.ProcessEnv = { MASTER_KEYS: masterKey }, isLocalStack = false) {
  const state = { rows };
  const errors: unknown[] = [];
  const log = { error: (fields: unknown) => void errors.push(fields) } as never;
  const directory = accountDirectoryOf(read({ ...base, ...env }), { isLocalStack, stored: () => state.rows, clock, log });
  return { ...directory, errors, change: (changed: readonly StoredAccount[] | null) => (state.rows = changed) };
}

describe('the accounts as of now', () => {
  it('are those of the environment, then those of the control database, with address and acquirer of the environment', () => {
    const xendit = aRow('jkt', { secret_key: 'xnd_development_2', callback_token: 'token' }, { provider: 'xendit', forUserId: 'u-1' });
    const { all } = directoryWith([aRow('jkt', { server_key: 'SB-Mid-server-2' }), xendit]);
    expect(all().map(accountKey)).toEqual(['midtrans/default', 'midtrans/jkt', 'xendit/jkt']);
    expect(all().slice(1)).toEqual([
      {
        provider: 'midtrans',
        id: 'jkt',
        mode: 'test',
        baseUrl: 'https://api.sandbox.midtrans.com',
        acquirer: 'gopay',
        secretKey: 'SB-Mid-server-2',
        webhookSecrets: ['SB-Mid-server-2'],
      },
      {
        provider: 'xendit',
        id: 'jkt',
        mode: 'test',
        baseUrl: 'http://127.0.0.1:1/xendit',
        secretKey: 'xnd_development_2',
        webhookSecrets: ['token'],
        forUserId: 'u-1',
      },
    ]);
  });

  it('follow each new copy, and an account that did not change stays the same object', () => {
    const [one, two] = [aRow('one', { server_key: 'key-1' }), aRow('two', { server_key: 'key-2' })];
    const directory = directoryWith([one]);
    const before = directory.find('midtrans', 'one');
    expect(directory.find('midtrans', 'two')).toBeNull();
    directory.change([one, { ...two, disabledAt: clock.now() }]);
    expect(directory.find('midtrans', 'one')).toBe(before);
    expect(directory.find('midtrans', 'two')).toMatchObject({ secretKey: 'key-2', isDisabled: true });
  });

  it('accept a replaced webhook secret until its time is over', () => {
    const previous = [{ sealed: aRow('jkt', { server_key: 'old-key' }).sealed, until: plusMs(clock.now(), 60_000) }];
    const directory = directoryWith([aRow('jkt', { server_key: 'new-key' }, { previous })]);
    expect(directory.find('midtrans', 'jkt')).toMatchObject({ secretKey: 'new-key', webhookSecrets: ['new-key', 'old-key'] });
    clock.advance(60_000);
    expect(directory.find('midtrans', 'jkt')).toMatchObject({ webhookSecrets: ['new-key'] });
  });

  it('keep the last good copy of one that cannot be opened any more, and report that once', () => {
    const directory = directoryWith([aRow('jkt', { server_key: 'key-1' })]);
    expect(directory.find('midtrans', 'jkt')).toMatchObject({ secretKey: 'key-1' });
    const sealed = sealSecrets(keysOf(otherKey), { provider: 'midtrans', account: 'jkt' }, { server_key: 'key-2' });
    for (const _ of [1, 2]) {
      directory.change([aRow('jkt', {}, { sealed })]);
      expect(directory.find('midtrans', 'jkt')).toMatchObject({ secretKey: 'key-1' });
    }
    expect(directory.errors).toHaveLength(1);
    expect(JSON.stringify(directory.errors)).toContain('a master key that MASTER_KEYS does not have');
  });

  it('say that one is unreadable, not unknown, while it cannot be known', () => {
    const unread = directoryWith(null);
    expect([unread.find('midtrans', 'jkt'), unread.find('midtrans', 'default')]).toEqual([
      'unreadable',
      expect.objectContaining({ id: 'default' }),
    ]);
    const ofAnotherRow = aRow('jkt', {}, { sealed: aRow('bdg', { server_key: 'key-1' }).sealed });
    expect(directoryWith([ofAnotherRow]).find('midtrans', 'jkt')).toBe('unreadable');
    expect(directoryWith([]).find('midtrans', 'jkt')).toBeNull();
  });

  it('are those of the environment alone without a master key, and where both have one of the same name', () => {
    const rows = [aRow('default', { server_key: 'stored' }), aRow('jkt', { server_key: 'stored' })];
    expect(directoryWith(rows, {}).all()).toMatchObject([{ secretKey: 'SB-Mid-server-env' }]);
    expect(directoryWith(rows).find('midtrans', 'default')).toMatchObject({ secretKey: 'SB-Mid-server-env' });
  });

  it.each<[string, NodeJS.ProcessEnv, boolean, boolean]>([
    ['a process that was checked for test mode', {}, false, false],
    ['a local stack', { MIDTRANS_MODE: 'live', MIDTRANS_SERVER_KEY: '' }, true, false],
    ['a process that was checked for live mode', { MIDTRANS_MODE: 'live' }, false, true],
  ])('use a live account in %s only if that moves real money', (_, env, isLocalStack, isUsed) => {
    const directory = directoryWith(
      [aRow('jkt', { server_key: 'Mid-server-1' }, { mode: 'live' })],
      { MASTER_KEYS: masterKey, ...env },
      isLocalStack,
    );
    expect(directory.find('midtrans', 'jkt') !== 'unreadable').toBe(isUsed);
    expect(directory.errors).toHaveLength(isUsed ? 0 : 1);
  });
});
