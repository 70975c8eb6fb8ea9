import { runProgram } from '@gateway/testing/stack/ops-program';
import type { Fault, Provider } from '@gateway/testing/stack/simulator-client';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { type Operator, startOperator } from './accounts/operator.ts';

/** `npm run soak:prove -- --seconds=60`; in `npm test` an account is proven at the command line by packages/local-stack/test/accounts.test.ts */
const limitS = Number(process.env.SOAK_SECONDS ?? 0);
const describeInFull = limitS > 0 ? describe : describe.skip;

interface MisSetting {
  provider: Provider;
  /** The key that is entered here, when it is not the one that the provider has. */
  entered?: string;
  /** The key of the provider. */
  key?: string;
  /** Options of `accounts add`. */
  options?: string;
  /** What is set up otherwise at the provider. */
  atProvider?: Record<string, unknown>;
  /** Variables of the command. */
  environment?: NodeJS.ProcessEnv;
  fault?: Fault['fault'];
  /** How far the provider's clock is moved, milliseconds. It does not go back. */
  clockMs?: number;
}

describeInFull('ops -- accounts prove, at the command line', () => {
  let stack: TestStack;
  let operator: Operator;
  beforeAll(async () => {
    stack = await startTestStack();
    operator = startOperator({ DATA_DIR: stack.dataDir });
  }, 60_000);
  afterAll(async () => {
    operator?.close();
    await stack?.stop();
  });

  let count = 0;

  /** Adds an account that is set up like this, and proves it in a process of its own. */
  async function prove(
    name: string,
    { provider, entered, key, options = '', atProvider = {}, environment = {}, fault, clockMs = 0 }: MisSetting,
  ) {
    const id = `account-${++count}`;
    const atTheirs = key ?? (provider === 'midtrans' ? `SB-Mid-server-${id}` : `xnd_development_${id}`);
    const ours = entered ?? atTheirs;
    const publicUrl = environment.PUBLIC_URL ?? stack.api;
    await stack.simulator.openAccount(provider, id, atTheirs, {
      notification_url: `${publicUrl}/webhooks/${provider}/${id}`,
      ...atProvider,
    });
    if (fault) await stack.simulator.fault(provider, { operation: 'any', fault, times: null, account: id });
    if (clockMs > 0) await stack.simulator.advance(clockMs);
    const secrets = provider === 'midtrans' ? { server_key: ours } : { secret_key: ours, callback_token: `${atTheirs}-token` };
    await operator.ops(`accounts add ${provider}/${id}${options && ` ${options}`}`, secrets);
    const startedAt = performance.now();
    const { code, out, err } = await runProgram('ops', ['accounts', 'prove', `${provider}/${id}`, '--json'], stack.dataDir, {
      environment,
    });
    const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
    const { cause, advice } = JSON.parse(out) as { cause: string | null; advice: string | null };
    process.stdout.write(`| ${name} | ${cause} | ${seconds} s |\n`);
    return { code, cause, advice, seconds, err };
  }

  it.each<Provider>(['midtrans', 'xendit'])(
    'proves a complete account of %s',
    async (provider) => {
      expect(await prove(`complete, ${provider}`, { provider })).toMatchObject({ code: 0, cause: null });
    },
    120_000,
  );

  const unreachable = 'http://127.0.0.1:1';
  it.each<[string, string, MisSetting | (() => MisSetting)]>([
    ['a wrong key', 'wrong_key', { provider: 'midtrans', entered: 'SB-Mid-server-wrong' }],
    ['a live key in test mode', 'wrong_mode', { provider: 'midtrans', key: 'Mid-server-live' }],
    ['a test key in live mode', 'wrong_mode', { provider: 'xendit', options: '--mode live', environment: { XENDIT_MODE: 'live' } }],
    ['a wrong callback token', 'callback_token_wrong', { provider: 'xendit', atProvider: { callback_token: 'another-token' } }],
    [
      'a callback address that is not registered',
      'callback_not_registered',
      { provider: 'midtrans', atProvider: { notification_url: null } },
    ],
    ['an address that cannot be reached', 'address_unreachable', { provider: 'midtrans', environment: { PUBLIC_URL: unreachable } }],
    ['broken TLS', 'address_tls', () => ({ provider: 'midtrans', environment: { PUBLIC_URL: stack.api.replace('http:', 'https:') } })],
    ['QRIS that is not activated', 'qris_not_active', { provider: 'xendit', atProvider: { qris_active: false } }],
    ['an IP address that is not allowed', 'ip_not_allowed', { provider: 'xendit', atProvider: { address_allowed: false } }],
    [
      'a wrong acquirer',
      'wrong_acquirer',
      { provider: 'midtrans', options: '--acquirer gopay', atProvider: { acquirers: ['airpay shopee'] } },
    ],
    [
      'an unknown sub-account',
      'sub_account_unknown',
      { provider: 'xendit', options: '--for-user-id u-2', atProvider: { sub_accounts: ['u-1'] } },
    ],
    ['a rate limit', 'rate_limited', { provider: 'xendit', fault: 'rate_limited' }],
    ['a provider that never answers', 'provider_unreachable', { provider: 'midtrans', fault: 'hang' }],
    ['a clock that is 10 minutes off', 'clock_skewed', { provider: 'midtrans', clockMs: 600_000 }], // last: the clock of the simulator stays
  ])(
    'names %s within the limit: %s',
    async (name, expected, planted) => {
      const { code, cause, advice, seconds } = await prove(name, typeof planted === 'function' ? planted() : planted);
      expect([code, cause, advice]).toEqual([1, expected, expect.stringMatching(/\w{3}/)]);
      expect(seconds).toBeLessThanOrEqual(limitS);
    },
    180_000,
  );
});
