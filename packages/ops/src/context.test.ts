import { readContext } from './context.ts';

const live = { HOSTS_DIR: '/nonexistent' }; // it is the default
const test = { MIDTRANS_MODE: 'test', XENDIT_MODE: 'test' };
const elsewhere = 'postgres://u:p@10.0.0.5/pos';
const withTls = `${elsewhere}?sslmode=verify-full`;

describe('in live mode no command uses a server of another machine without TLS', () => {
  it.each([
    ['POS_DATABASE_URL', { POS_DATABASE_URL: elsewhere }],
    ['POS_MIGRATE_URL', { POS_DATABASE_URL: withTls, POS_MIGRATE_URL: elsewhere }],
    ['REDIS_URL', { POS_DATABASE_URL: withTls, REDIS_URL: 'redis://:p@cache:6379' }],
  ])('%s', (name, urls) => {
    expect(() => readContext({ ...live, ...urls })).toThrow(`${name}: `);
    const allowed = { ALLOW_PLAINTEXT: name.replace('MIGRATE', 'DATABASE') };
    expect(readContext({ ...live, ...urls, ...allowed }).urls.hosts).toMatchObject({ POS_DATABASE_URL: urls.POS_DATABASE_URL });
    expect(() => readContext({ ...live, ...urls, ...test })).not.toThrow();
  });

  it('the file of a host', () => {
    const { needsTls } = readContext({ ...live, POS_DATABASE_URL: withTls, ALLOW_PLAINTEXT: 'erp/database.url' });
    expect([needsTls('pos/database.url'), needsTls('erp/database.url')]).toEqual([true, false]);
  });
});
