import { z } from 'zod';
import { EnvironmentError, readEnvironment } from '../runtime/index.ts';
import { accountsOf, providerEnvironment } from './provider-accounts.ts';
import { accountKey } from './qris-provider.ts';

const read = (env: NodeJS.ProcessEnv) => accountsOf(readEnvironment(z.looseObject(providerEnvironment), env));
const both = { MIDTRANS_SERVER_KEY: 'SB-Mid-server-1', XENDIT_SECRET_KEY: 'xnd_1', XENDIT_CALLBACK_TOKEN: 'token' };

describe('the accounts', () => {
  it('are those whose secret key is set', () => {
    expect(read({})).toEqual([]);
    expect(read({ XENDIT_SECRET_KEY: 'xnd_1' }).map(accountKey)).toEqual(['xendit/default']);
    expect(read(both).map(accountKey)).toEqual(['midtrans/default', 'xendit/default']);
  });

  it('are live by default, at the provider’s own URL', () => {
    expect(read(both)).toMatchObject([
      { mode: 'live', baseUrl: 'https://api.midtrans.com', acquirer: 'gopay', webhookSecrets: ['SB-Mid-server-1'] },
      { mode: 'live', baseUrl: 'https://api.xendit.co', webhookSecrets: ['token'] },
    ]);
    expect(read({ ...both, MIDTRANS_MODE: 'test', XENDIT_BASE_URL: 'http://127.0.0.1:3010/xendit' })).toMatchObject([
      { mode: 'test', baseUrl: 'https://api.sandbox.midtrans.com' },
      { baseUrl: 'http://127.0.0.1:3010/xendit' },
    ]);
  });

  it('accept webhooks signed with the previous secret while it is set', () => {
    const rotating = { ...both, MIDTRANS_SERVER_KEY_PREVIOUS: 'SB-Mid-server-0', XENDIT_CALLBACK_TOKEN_PREVIOUS: 'old' };
    expect(read(rotating).map(({ webhookSecrets }) => webhookSecrets)).toEqual([
      ['SB-Mid-server-1', 'SB-Mid-server-0'],
      ['token', 'old'],
    ]);
  });

  it('may be several, and a setting that is left out is the one of the default account', () => {
    const further = {
      midtrans: { jkt: { secretKey: 'SB-Mid-server-2', acquirer: 'airpay shopee' } },
      xendit: { bdg: { secretKey: 'xnd_2', forUserId: 'u-1' } },
    };
    expect(read({ ...both, PROVIDER_ACCOUNTS: JSON.stringify(further) })).toMatchObject([
      { id: 'default' },
      { id: 'jkt', secretKey: 'SB-Mid-server-2', webhookSecrets: ['SB-Mid-server-2'], acquirer: 'airpay shopee', mode: 'live' },
      { id: 'default' },
      { id: 'bdg', secretKey: 'xnd_2', webhookSecrets: ['token'], forUserId: 'u-1' },
    ]);
  });

  it.each([
    [{ MIDTRANS_SERVER_KEY: 'a b' }, 'MIDTRANS_SERVER_KEY: must not contain white space'],
    [{ XENDIT_MODE: 'sandbox' }, 'XENDIT_MODE: must be test or live'],
    [{ MIDTRANS_BASE_URL: 'ftp://example.com' }, 'MIDTRANS_BASE_URL: must be a URL'],
    [{ PROVIDER_ACCOUNTS: '{' }, 'PROVIDER_ACCOUNTS: must be JSON'],
    [{ PROVIDER_ACCOUNTS: '{"doku":{}}' }, 'PROVIDER_ACCOUNTS'],
    [{ PROVIDER_ACCOUNTS: '{"midtrans":{"A b":{"secretKey":"x"}}}' }, 'PROVIDER_ACCOUNTS'],
    [{ PROVIDER_ACCOUNTS: '{"midtrans":{"jkt":{"secretKey":"SECRET x"}}}' }, 'must not contain white space'],
  ])('are refused with the name of the variable and without its value when %j is set', (env, message) => {
    const reading = () => read(env);
    expect(reading).toThrow(EnvironmentError);
    expect(reading).toThrow(message);
    expect(reading).not.toThrow('SECRET');
  });
});
