import { once } from 'node:events';
import { connectRedis } from '@gateway/shared/queue';
import { manualClock } from '@gateway/shared/runtime';
import { flushTestRedis, testRedisUrl } from '@gateway/testing/database/servers';
import { createFairQueue } from './fair-queue.ts';
import { createLockOut } from './lock-out.ts';

const clock = manualClock();
const redis = connectRedis(testRedisUrl(), { name: 'test' });
beforeAll(async () => {
  await Promise.all([once(redis, 'ready'), flushTestRedis()]);
});
afterAll(() => redis.disconnect());

const wait = async (lockOut: ReturnType<typeof createLockOut>, name: string | null, address: string) =>
  (await lockOut.take({ name, address })).waitSeconds;

it('wrong passwords are counted by name and address, for all processes together', async () => {
  const [one, other] = [createLockOut(redis, clock), createLockOut(redis, clock)];
  for (let n = 0; n < 5; n++) for (const process of [one, other]) expect(await wait(process, 'budi', '192.0.2.1')).toBeNull();
  expect([await wait(one, 'budi', '192.0.2.1'), await wait(other, 'budi', '192.0.2.1')]).toEqual([60, 60]);
  expect([await wait(one, 'siti', '192.0.2.1'), await wait(one, 'budi', '192.0.2.2')]).toEqual([null, null]);
  clock.advance(60_000);
  expect(await wait(other, 'budi', '192.0.2.1')).toBeNull();
});

it('guesses that are refused do not ask Redis', async () => {
  const lockOut = createLockOut(redis, clock);
  for (let n = 0; n < 11; n++) await wait(lockOut, 'budi', '192.0.2.6');
  await flushTestRedis();
  clock.advance(20_000);
  expect(await wait(lockOut, 'budi', '192.0.2.6')).toBe(40);
  clock.advance(40_000);
  expect(await wait(lockOut, 'budi', '192.0.2.6')).toBeNull();
});

it('names that no operator has are counted as one name of their address', async () => {
  const lockOut = createLockOut(redis, clock);
  for (let n = 0; n < 10; n++) await wait(lockOut, null, '192.0.2.3');
  expect([await wait(lockOut, null, '192.0.2.3'), await wait(lockOut, 'budi', '192.0.2.3')]).toEqual([60, null]);
});

it('a right password ends the count, and its address is known from then on', async () => {
  const lockOut = createLockOut(redis, clock);
  const login = { name: 'budi', address: '192.0.2.4' };
  for (let n = 0; n < 9; n++) await lockOut.take(login);
  expect(await lockOut.take(login)).toEqual({ waitSeconds: null, isKnown: false });
  await lockOut.admit(login);
  expect(await lockOut.take(login)).toEqual({ waitSeconds: null, isKnown: true });
});

it('counts on in each process while Redis is unavailable', async () => {
  const broken = connectRedis('redis://127.0.0.1:1', { name: 'test' });
  const lockOut = createLockOut(broken, clock);
  for (let n = 0; n < 10; n++) expect(await wait(lockOut, 'budi', '192.0.2.5')).toBeNull();
  expect(await wait(lockOut, 'budi', '192.0.2.5')).toBe(60);
  broken.disconnect();
});

it('a crowd in one lane of the queue delays another lane by one piece of work', async () => {
  const queued = createFairQueue({ seats: 20, busyShare: 1 });
  const order: string[] = [];
  const run = (lane: string) => queued(lane, async () => void order.push(lane));
  await Promise.all([...Array.from({ length: 20 }, () => run('crowd')), run('budi')]);
  expect(order.indexOf('budi')).toBeLessThanOrEqual(2);
  const { promise: end, resolve: finish } = Promise.withResolvers<void>();
  const running = queued('crowd', () => end);
  const waiting = Array.from({ length: 20 }, () => run('crowd'));
  await expect(run('crowd')).rejects.toThrow('20 wait in this lane');
  finish();
  await Promise.all([running, ...waiting]);
});

it('the queue pauses after each piece of work, so that work takes no more than its share of the time', async () => {
  const queued = createFairQueue({ seats: 20, busyShare: 0.25 });
  const begun = performance.now();
  let [workedMs, share] = [0, 1];
  const work = async () => {
    const from = performance.now();
    share = workedMs / (from - begun); // of the pieces before this one, each with its pause
    while (performance.now() - from < 5);
    workedMs += performance.now() - from;
  };
  await Promise.all(Array.from({ length: 6 }, () => queued('crowd', work)));
  expect(share).toBeLessThan(0.35);
});
