import { connectDatabase, type Database } from '@gateway/shared/postgres';
import { type AccountDirectory, fixedAccounts, type ProviderAccount, providerEnvironment } from '@gateway/shared/provider';
import { systemClock as clock, readEnvironment } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { testRedisUrl } from '@gateway/testing/database/servers';
import { type Simulator, startSimulator } from '@gateway/testing/simulator';
import { z } from 'zod';
import { type ProofDeps, proveAccount } from './prove-account.ts';

let api: ApiHarness;
let simulator: Simulator;
let control: Database;
let served: ProviderAccount[] = []; // the accounts that the api has
beforeAll(async () => {
  const accountDirectory: AccountDirectory = {
    all: () => served,
    find: (provider, id) => fixedAccounts(served).find(provider, id),
    mayChange: () => false,
  };
  [api, simulator] = await Promise.all([startApiHarness({ accountDirectory }), startSimulator()]);
  api.clock.advance(Date.now() - api.clock.now().getTime()); // `accounts prove` compares times of the api with its own
  control = connectDatabase(api.databaseUrl, { name: 'test' });
});
afterAll(async () => {
  await control?.close();
  await simulator?.stop();
  await api?.close();
});

const providers = readEnvironment(z.looseObject(providerEnvironment), {});
let count = 0;

interface Planted {
  provider: 'midtrans' | 'xendit';
  /** What the simulator has set up otherwise than a complete account. */
  atProvider?: Record<string, unknown>;
  /** What the account of the gateway has otherwise. */
  account?: Partial<ProviderAccount>;
  /** The webhook address, when it is not that of the api. */
  address?: () => string;
  /** Run before. @returns what undoes it */
  plant?: (id: string) => () => void;
}

async function prove({ provider, atProvider = {}, account: other = {}, address, plant }: Planted, more: Partial<ProofDeps> = {}) {
  count += 1;
  const id = `account-${count}`;
  const isMidtrans = provider === 'midtrans';
  const secretKey = isMidtrans ? `SB-Mid-server-${count}` : `xnd_development_${count}`;
  const account: ProviderAccount = {
    provider,
    id,
    mode: 'test',
    baseUrl: simulator.urls[provider],
    secretKey,
    webhookSecrets: [isMidtrans ? secretKey : `token-${count}`],
    ...(isMidtrans ? { acquirer: 'gopay' } : {}),
    ...other,
  };
  served = [account];
  const url = address?.() ?? `${api.url}/webhooks/${provider}/${id}`;
  const secrets = isMidtrans ? { server_key: secretKey } : { secret_key: secretKey, callback_token: account.webhookSecrets[0] };
  simulator.fakes[provider].putAccount(id, { ...secrets, notification_url: url, ...atProvider });
  const undo = plant?.(id);
  try {
    return await proveAccount({
      account,
      providers,
      control,
      redisUrl: testRedisUrl(),
      address: url,
      limitMs: 20_000,
      waitMs: 3_000,
      confirm: async () => false,
      onStep: () => {},
      clock,
      ...more,
    });
  } finally {
    undo?.();
  }
}

const limited = (provider: Planted['provider']) => (account: string) => {
  simulator.controls.addFault(provider, { fault: 'rate_limited', times: null, account } as never);
  return () => simulator.controls.clearFaults(provider);
};
const closedPort = () => 'http://127.0.0.1:1/webhooks/midtrans/x';
const withoutTls = () => `https://127.0.0.1:${api.port}/webhooks/midtrans/x`;

describe('accounts prove', () => {
  it.each<Planted['provider']>(['midtrans', 'xendit'])('proves every step of a complete account of %s', async (provider) => {
    const { cause, steps } = await prove({ provider });
    expect([cause, steps.map(({ step, verdict }) => `${step} ${verdict}`)]).toEqual([
      null,
      ['credentials', 'clock', 'mode', 'qris', 'charge', 'qr', 'cancel', 'webhook'].map((step) => `${step} proven`),
    ]);
  });

  it.each<[string, string, Planted]>([
    ['a wrong key', 'wrong_key', { provider: 'midtrans', account: { secretKey: 'SB-Mid-server-other' } }],
    ['a wrong key', 'wrong_key', { provider: 'xendit', account: { secretKey: 'xnd_development_other' } }],
    [
      'a live key in test mode',
      'wrong_mode',
      { provider: 'midtrans', account: { secretKey: 'Mid-server-1' }, atProvider: { server_key: 'Mid-server-1' } },
    ],
    ['a live key in test mode that is refused', 'wrong_mode', { provider: 'xendit', account: { secretKey: 'xnd_production_1' } }],
    ['a test key in live mode', 'wrong_mode', { provider: 'midtrans', account: { mode: 'live' } }],
    ['a test key in live mode', 'wrong_mode', { provider: 'xendit', account: { mode: 'live' } }],
    ['a wrong callback token', 'callback_token_wrong', { provider: 'xendit', atProvider: { callback_token: 'another-token' } }],
    [
      'a callback address that is not registered',
      'callback_not_registered',
      { provider: 'midtrans', atProvider: { notification_url: null } },
    ],
    [
      'a callback address that is not registered',
      'callback_not_registered',
      { provider: 'xendit', atProvider: { notification_url: null } },
    ],
    ['an address that cannot be reached', 'address_unreachable', { provider: 'midtrans', address: closedPort }],
    ['an address with broken TLS', 'address_tls', { provider: 'midtrans', address: withoutTls }],
    ['QRIS that is not activated', 'qris_not_active', { provider: 'midtrans', atProvider: { qris_active: false } }],
    ['QRIS that is not activated', 'qris_not_active', { provider: 'xendit', atProvider: { qris_active: false } }],
    ['an IP address that is not allowed', 'ip_not_allowed', { provider: 'xendit', atProvider: { address_allowed: false } }],
    ['an unknown acquirer', 'wrong_acquirer', { provider: 'midtrans', account: { acquirer: 'shopee' } }],
    [
      'an acquirer that is not active',
      'wrong_acquirer',
      { provider: 'midtrans', account: { acquirer: 'airpay shopee' }, atProvider: { acquirers: ['gopay'] } },
    ],
    [
      'an unknown sub-account',
      'sub_account_unknown',
      { provider: 'xendit', account: { forUserId: 'u-2' }, atProvider: { sub_accounts: ['u-1'] } },
    ],
    ['a rate limit', 'rate_limited', { provider: 'midtrans', plant: limited('midtrans') }],
    ['a rate limit', 'rate_limited', { provider: 'xendit', plant: limited('xendit') }],
  ])('names %s: %s', async (_, expected, planted) => {
    const { cause, steps } = await prove(planted);
    expect([cause, steps.filter(({ verdict }) => verdict === 'failed')]).toEqual([
      expected,
      [expect.objectContaining({ advice: { en: expect.stringMatching(/\w{3}/), id: expect.stringMatching(/\w{3}/) } })],
    ]);
  });

  it('names broken TLS of the provider’s address', async () => {
    const baseUrl = simulator.urls.midtrans.replace('http:', 'https:');
    expect((await prove({ provider: 'midtrans', account: { baseUrl } })).cause).toBe('provider_tls');
  });

  it('makes no charge in live mode before it was confirmed, and cancels the one that it makes', async () => {
    const live = {
      provider: 'midtrans',
      account: { mode: 'live', secretKey: 'Mid-server-7', webhookSecrets: ['Mid-server-7'] },
      atProvider: { server_key: 'Mid-server-7' },
    } as const;
    const creates = () => simulator.fakes.midtrans.faults.rules[0]?.applied;
    simulator.controls.addFault('midtrans', { operation: 'create', fault: 'slow', times: null } as never); // counts the calls
    expect((await prove(live)).cause).toBe('not_confirmed');
    expect(creates()).toBe(0);
    expect((await prove(live, { confirm: async () => true })).cause).toBeNull();
    expect(creates()).toBe(1);
    simulator.controls.clearFaults('midtrans');
  });

  it('names a clock that is 10 minutes off', async () => {
    simulator.clock.advance(600_000); // last: this clock does not go back
    expect((await prove({ provider: 'midtrans' })).cause).toBe('clock_skewed');
  });
});
