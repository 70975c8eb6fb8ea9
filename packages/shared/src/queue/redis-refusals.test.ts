import { rmSync } from 'node:fs';
import { type OwnRedis, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { Redis } from 'ioredis';
import { asPaymentId } from '../payment/index.ts';
import { createLogger } from '../runtime/index.ts';
import { openQueues } from './enqueue.ts';
import { connectRedis, connectSubscriber } from './redis.ts';
import { defineScript } from './redis-script.ts';
import { startWork } from './work.ts';

let own: OwnRedis;
let admin: Redis;
let redis: Redis;
beforeAll(async () => {
  own = await ownRedis();
  admin = new Redis(own.url);
  admin.on('error', () => {}); // a test kills the server
  redis = connectRedis(own.url, { name: 'test' });
  await eventually(() => redis.status === 'ready');
});
afterAll(async () => {
  admin?.disconnect();
  redis?.disconnect();
  await own?.stop();
});

const count = defineScript(`redis.call('INCR', KEYS[1]) return redis.call('INCR', KEYS[1])`);
const job = (n: number) => ['expire-payment', { host: 'pos', paymentId: asPaymentId(`pay_${n}`), leaseNo: 1 }] as const;

describe('a Redis that refuses writes', () => {
  it.each([
    ['OOM', () => admin.config('SET', 'maxmemory', '1'), () => admin.config('SET', 'maxmemory', '0')],
    ['MISCONF', breakDisk, () => admin.config('SET', 'stop-writes-on-bgsave-error', 'no')],
    ['READONLY', () => admin.replicaof('127.0.0.1', 9), () => admin.replicaof('NO', 'ONE')],
  ])(
    '%s: a script and a job fail at once and change nothing, and both succeed afterwards without a new process',
    async (why, refuse, accept) => {
      const queues = openQueues(own.url, { withinMs: 2_000 });
      expect(await queues.enqueue(...job(1))).toBe(true);
      await redis.set(why, 0);
      await refuse();
      await expect(count(redis, [why], [])).rejects.toThrow(/OOM|MISCONF|READONLY|isn't writeable|Connection is closed/);
      expect(await queues.enqueue(...job(2))).toBe(false); // the sweep runs what the queue does not accept
      expect(await admin.get(why)).toBe('0');
      await accept();
      expect(await eventually(() => count(redis, [why], []))).toBe(2);
      await eventually(() => queues.enqueue(...job(3)));
      await queues.close();
    },
  );

  it('a worker whose jobs it refuses asks again once a second, and takes them as soon as it may', async () => {
    const queues = openQueues(own.url, { withinMs: 5_000 });
    const done: string[] = [];
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const handler = async ({ paymentId }: { paymentId: string }) => {
      await released;
      done.push(paymentId);
      return 'already_done';
    };
    const refusedAt: number[] = [];
    const log = createLogger('test', 'silent');
    log.warn = () => void refusedAt.push(performance.now());
    const work = startWork(own.url, { 'expire-payment': handler } as never, log);
    for (let n = 4; n < 100; n++) await queues.enqueue(...job(n));
    await admin.config('SET', 'min-replicas-to-write', '1');
    release();
    await eventually(() => refusedAt.length >= 8);
    await admin.config('SET', 'min-replicas-to-write', '0');
    await eventually(() => done.includes('pay_99'));
    await work.close();
    await queues.close();
    expect((refusedAt[7] as number) - (refusedAt[0] as number)).toBeGreaterThan(900); // without the wait there are thousands in this time
  });

  it('a client that waits for Redis sends the write again to the server that accepts it', async () => {
    const patient = connectSubscriber(own.url, { name: 'test' });
    await patient.ping();
    await admin.replicaof('127.0.0.1', 9);
    const written = patient.set('patient', 'written');
    await eventually(async () => (await admin.info('errorstats')).includes('errorstat_READONLY'));
    await admin.replicaof('NO', 'ONE');
    expect(await written).toBe('OK');
    patient.disconnect();
  });

  it('killed in the middle of a script: the caller learns of it at once, and the script runs after the restart', async () => {
    const endless = defineScript('while true do end');
    const running = endless(redis, ['endless'], []);
    running.catch(() => {});
    await eventually(isBusy);
    await own.kill();
    await expect(running).rejects.toThrow();
    await own.start();
    expect(await eventually(() => count(redis, ['after'], []))).toBe(2);
  });
});

async function isBusy(): Promise<boolean> {
  const client = new Redis(own.url, { maxRetriesPerRequest: 0, commandTimeout: 100 });
  client.on('error', () => {}); // the ping rejects with the same error
  const answer = await client.ping().catch(() => 'busy');
  client.disconnect();
  return answer === 'busy';
}

/** The folder of the snapshots is gone, as on a disk that fails. */
async function breakDisk(): Promise<void> {
  const [, dir] = (await admin.config('GET', 'dir')) as [string, string];
  rmSync(dir, { recursive: true });
  await admin.config('SET', 'save', '1 1');
  await admin.bgsave();
  await eventually(async () => (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'));
}
