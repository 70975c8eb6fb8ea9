import type { EnvironmentError } from './environment.ts';
import { requireSafeEnvironment } from './safe-environment.ts';

interface Situation {
  isLocalStack: boolean;
  allowPlaintext: string[];
  isLive: boolean;
  liveModes: string[];
  httpsOnly?: Record<string, string>;
}
const live: Situation = { isLocalStack: false, isLive: true, liveModes: ['MIDTRANS_MODE'], allowPlaintext: [] };
const problemsOf = (variables: object, { isLocalStack, allowPlaintext, ...use }: Situation): readonly string[] => {
  try {
    requireSafeEnvironment({ LOCAL_STACK: isLocalStack, ALLOW_PLAINTEXT: allowPlaintext, ...variables }, use);
    return [];
  } catch (error) {
    return (error as EnvironmentError).problems;
  }
};
const tls = 'sslmode=verify-full';

describe('live mode', () => {
  it.each([
    ['a database of another machine', { POS_DATABASE_URL: 'postgres://u:p@10.0.0.5/pos' }, 'POS_DATABASE_URL: add sslmode=verify-full'],
    [
      'TLS that verifies no certificate',
      { KIOSK_DATABASE_URL: 'postgres://u:p@db/pos?sslmode=no-verify' },
      'KIOSK_DATABASE_URL: add sslmode',
    ],
    [
      'a host parameter that leads elsewhere',
      { CONTROL_DATABASE_URL: 'postgres://localhost/c?host=10.0.0.5' },
      'CONTROL_DATABASE_URL: add',
    ],
    ['a database that is migrated with another user', { POS_MIGRATE_URL: 'postgres://u:p@10.0.0.5/pos' }, 'POS_MIGRATE_URL: add sslmode'],
    ['a Redis of another machine', { REDIS_URL: 'redis://:p@cache:6379' }, 'REDIS_URL: begin it with rediss'],
    ['one of several databases', { POS_DATABASE_URL: 'postgres://u:p@localhost,10.0.0.5/pos' }, 'POS_DATABASE_URL: add sslmode'],
    ['one of several sentinels', { REDIS_URL: 'redis+sentinel://:p@localhost:1,cache:1/m' }, 'REDIS_URL: begin it with rediss'],
  ])('refuses %s without TLS, by name and without its value', (_, config, problem) => {
    const problems = problemsOf(config, live);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(problems.join()).not.toContain('p@');
    expect(problemsOf(config, { ...live, isLive: false, liveModes: [] })).toEqual([]);
    expect(problemsOf(config, { ...live, allowPlaintext: Object.keys(config).map((name) => name.replace('MIGRATE', 'DATABASE')) })).toEqual(
      [],
    );
    expect(problemsOf(config, { ...live, allowPlaintext: ['OTHER_DATABASE_URL'] })).toHaveLength(1);
  });

  it.each([
    `postgres://db.example/pos?${tls}`,
    'postgres://localhost/pos',
    'postgres://127.0.0.1:5433/pos',
    'postgres://[::1]/pos',
    'postgres:///pos?host=/var/run/postgresql',
  ])('accepts %s', (url) => {
    expect(problemsOf({ POS_DATABASE_URL: url, REDIS_URL: 'rediss://cache:6380' }, live)).toEqual([]);
  });

  it('refuses addresses without HTTPS, by name', () => {
    const httpsOnly = {
      PUBLIC_URL: 'http://pay.example.id',
      MIDTRANS_BASE_URL: 'http://127.0.0.1:9',
      XENDIT_BASE_URL: 'https://api.xendit.co',
    };
    expect(problemsOf({}, { ...live, httpsOnly })).toEqual([
      'PUBLIC_URL: must begin with https:// in live mode',
      'MIDTRANS_BASE_URL: must begin with https:// in live mode',
    ]);
  });

  it('needs TLS to every server that is not named in ALLOW_PLAINTEXT, and a local stack needs it to none', () => {
    const config = { LOCAL_STACK: false, ALLOW_PLAINTEXT: ['REDIS_URL'] };
    const names = ['warung/database.url', 'REDIS_URL'];
    expect(names.map(requireSafeEnvironment(config, { liveModes: ['XENDIT_MODE'] }))).toEqual([true, false]);
    expect(names.map(requireSafeEnvironment(config, { liveModes: [] }))).toEqual([false, false]);
    expect(names.map(requireSafeEnvironment({ ...config, LOCAL_STACK: true }, { liveModes: [], isLive: true }))).toEqual([false, false]);
  });

  it('is refused on a local stack', () => {
    expect(problemsOf({}, { ...live, isLocalStack: true })).toEqual(['MIDTRANS_MODE: must not be live when LOCAL_STACK=1']);
  });
});

it.each([
  ['XENDIT_CALLBACK_TOKEN_PREVIOUS', 'demo-callback-token'],
  ['PROVIDER_ACCOUNTS', { midtrans: { jkt: { secretKey: 'SB-Mid-server-demo' } } }],
  ['REDIS_URL', 'redis://gateway:demo@127.0.0.1'],
  ['REDIS_URL', 'redis+cluster://gateway:demo@a:1,b:1'],
])('outside a local stack a demo secret in %s is refused by name', (name, value) => {
  expect(problemsOf({ [name]: value }, { ...live, isLive: false })).toEqual([expect.stringMatching(`^${name}: is public`)]);
  expect(problemsOf({ [name]: value }, { ...live, isLocalStack: true, liveModes: [] })).toEqual([]);
});
