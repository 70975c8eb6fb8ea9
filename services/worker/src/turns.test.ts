import { connectRedis } from '@gateway/shared/queue';
import { manualClock } from '@gateway/shared/runtime';
import { flushTestRedis, type OwnServer, ownRedis, testRedisUrl } from '../../../testing/servers.ts';
import type { Candidate } from './route.ts';
import { createTurns } from './turns.ts';

const account = (id: string, callsPerSecond: number) =>
  ({
    provider: { account: { provider: 'midtrans', id, mode: 'test' } },
    traits: { callsPerSecond: { test: callsPerSecond, live: 1 } },
  }) as Candidate;

const at = (ms: number) => new Date(Date.UTC(2026, 2, 2) + ms);
const clock = manualClock(at(0));
const redis = connectRedis(testRedisUrl(), { name: 'test' });
beforeAll(flushTestRedis);
afterAll(() => redis.disconnect());

describe.each([
  ['with Redis, which all workers share', redis],
  ['without Redis', null],
])('turns %s', (_, shared) => {
  const turns = createTurns(shared, clock);
  const taken = async (of: Candidate, earliest: number, times = 1) => {
    const all: number[] = [];
    for (let n = 0; n < times; n++) all.push((await turns.take(of, at(earliest))).getTime() - at(0).getTime());
    return all;
  };

  it('whoever is alone asks when it wants to', async () => {
    expect(await taken(account('alone', 5), 3_070)).toEqual([3_070]);
  });

  it('who come together ask one after the other, as often in a second as the account allows', async () => {
    expect(await taken(account('crowd', 5), 3_070, 6)).toEqual([3_070, 3_200, 3_400, 3_600, 3_800, 4_000]);
    expect(await taken(account('slow', 1), 3_070, 3)).toEqual([3_070, 4_000, 5_000]);
  });

  it('whoever wants to ask sooner takes what is free', async () => {
    const some = account('gaps', 5);
    await taken(some, 10_000, 10);
    expect(await taken(some, 9_800, 2)).toEqual([9_800, 12_000]);
  });

  it('accounts do not wait for each other', async () => {
    await taken(account('one', 5), 3_000, 10);
    expect(await taken(account('other', 5), 3_000)).toEqual([3_000]);
  });

  it('25 QRs are each asked about every five seconds, 50 every ten', async () => {
    for (const [count, cycleMs] of [
      [25, 5_000],
      [50, 10_000],
    ] as const) {
      const of = account(`till ${count}`, 5);
      const looks = await Promise.all(Array.from({ length: count }, async () => (await taken(of, 3_000))[0] as number));
      for (let round = 0; round < 3; round++) {
        for (const [index, look] of looks.entries()) {
          const [next] = await taken(of, look + 3_000);
          expect((next as number) - look).toBe(cycleMs);
          looks[index] = next as number;
        }
      }
    }
  });
});

it('finding a turn costs Redis the same with thousands of live QRs', async () => {
  const turns = createTurns(redis, clock);
  const crowd = account('thousands', 5);
  for (let n = 0; n < 3_000; n++) await turns.take(crowd, at(3_000));
  await redis.config('RESETSTAT');
  for (let n = 0; n < 20; n++) await turns.take(crowd, at(3_000));
  const calls = /cmdstat_zcount:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
  expect(Number(calls)).toBeLessThanOrEqual(20 * 14);
  expect(await turns.take(crowd, at(3_000))).toEqual(at(3_000 + 3_020 * 200));
});

it('workers of one Redis are given different turns; without it each goes on by itself', async () => {
  const own: OwnServer & { url: string } = await ownRedis();
  const clients = [connectRedis(own.url, { name: 'one' }), connectRedis(own.url, { name: 'two' })] as const;
  const [one, two] = clients.map((client) => createTurns(client, clock)) as [
    ReturnType<typeof createTurns>,
    ReturnType<typeof createTurns>,
  ];
  const of = account('shared', 5);
  await Promise.all(clients.map((client) => client.ping().catch(() => new Promise((ready) => client.once('ready', ready)))));
  const turns = await Promise.all([one.take(of, at(0)), two.take(of, at(0)), one.take(of, at(0)), two.take(of, at(0))]);
  expect(new Set(turns.map(Number)).size).toBe(4);
  await own.kill();
  expect(await one.take(of, at(0))).toEqual(at(0));
  for (const client of clients) client.disconnect();
});
