import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { findRedis } from '../src/servers/embedded-redis.ts';
import { allGone, freshFolder, runStackProcess, type StackProcess, stopEverything, until } from './stack-process.ts';

afterAll(stopEverything);

describe('a start that fails gives the reason in one sentence, exits with 1 and leaves no process', () => {
  it('an invalid environment: every wrong variable is named at once, and no value is printed', async () => {
    const stack = await refused({
      API_PORT: 'http',
      WORKER_PROCESSES: '0',
      REDIS_URL: 'redis.secret.example',
      XENDIT_BASE_URL: 'https://xendit.example',
    });
    for (const name of ['API_PORT', 'WORKER_PROCESSES', 'REDIS_URL', 'XENDIT_SECRET_KEY', 'XENDIT_CALLBACK_TOKEN'])
      expect(stack.printed()).toContain(`  ${name}: `);
    expect(stack.printed()).not.toContain('redis.secret.example');
  });

  it('a provider in live mode', async () => {
    const stack = await refused({ MIDTRANS_MODE: 'live' });
    expect(stack.printed()).toContain('MIDTRANS_MODE: must be test, never live');
  });

  it('a DATA_DIR that is a file', async () => {
    const file = path.join(freshFolder(), 'file');
    writeFileSync(file, '');
    const stack = await refused({ DATA_DIR: file });
    expect(stack.printed()).toMatch(/^DATA_DIR \S+ cannot be used: it is a file\. /);
  });

  it('a DATA_DIR that this user cannot read', async () => {
    const folder = path.join(freshFolder(), 'closed');
    mkdirSync(folder);
    const asRoot = process.getuid?.() === 0;
    chmodSync(path.dirname(folder), asRoot ? 0o700 : 0o500);
    chmodSync(folder, 0);
    const stack = await refused({ DATA_DIR: path.join(folder, 'data'), ...(asRoot ? { RUN_AS: '65534' } : {}) });
    expect(stack.printed()).toMatch(/^DATA_DIR \S+ cannot be used: this user may not read and write it\. /);
    chmodSync(path.dirname(folder), 0o700);
  });

  it('a REDIS_SERVER that is no Redis server', async () => {
    const stack = await refused({ REDIS_SERVER: '/bin/true' });
    expect(stack.printed()).toContain('REDIS_SERVER=/bin/true cannot be run: it is not a Redis server');
  });

  it('a Redis or database URL where no server answers', async () => {
    const redis = await refused({ REDIS_URL: 'redis://:secret@127.0.0.1:1' });
    expect(redis.printed()).toMatch(/^REDIS_URL: 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/m);
    const database = await refused({ POS_DATABASE_URL: 'postgres://pos:secret@127.0.0.1:1/pos' });
    expect(database.printed()).toMatch(/^POS_DATABASE_URL: 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/m);
    expect(database.printed() + redis.printed()).not.toContain('secret');
  });

  it('a service that does not start: its last output is shown', async () => {
    const stack = await refused({ CORS_ORIGINS: 'nonsense' });
    expect(stack.printed()).toMatch(
      /(api|worker|notifier|simulator) did not start: exited \(code 1\)\n.*\n {2}CORS_ORIGINS: must be origins\n$/,
    );
  });
});

it('without a Redis server, and without a way to download one, the error names three ways to provide it', async () => {
  const nowhere = freshFolder();
  const search = findRedis({ cacheDir: path.join(nowhere, 'redis'), environment: { PATH: nowhere } });
  await expect(search).rejects.toThrow(
    /^No Redis was found, and the download failed \(this system has no apt-get\)\. .*apt-get install redis-server.*REDIS_SERVER.*REDIS_URL/,
  );
});

it('a stack that is stopped while it starts stops what it has started, and exits with 0', async () => {
  const stack = runStackProcess();
  await until(
    () => stack.family().length >= 3,
    () => 'a watchdog and two servers',
  );
  const family = stack.family();
  stack.signal('SIGTERM');
  expect(await stack.ended).toBe(0);
  await allGone(family, 10_000); // the watchdog exits a moment later
  expect(stack.printed()).toMatch(/stopping…\nstopped\n$/);
});

async function refused(environment: NodeJS.ProcessEnv): Promise<StackProcess> {
  const family = new Set<number>();
  const stack = runStackProcess(environment);
  const pidCollector = setInterval(() => {
    for (const pid of stack.family()) family.add(pid);
  }, 50);
  expect(await stack.ended).toBe(1);
  clearInterval(pidCollector);
  await allGone([...family], 10_000); // the watchdog exits a moment later
  expect(stack.printed()).not.toMatch(/\n\s+at /);
  return stack;
}
