import { connectRedis } from '@gateway/shared/queue';
import { manualClock } from '@gateway/shared/runtime';
import { flushTestRedis, type OwnServer, ownRedis, testRedisUrl } from '@gateway/testing/database/servers';
import type { Candidate } from './accounts.ts';
import { createPollSlots } from './poll-slots.ts';

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
  ['shared through Redis', redis],
  ['of one process', null],
])('poll slots %s', (_, sharedRedis) => {
  const pollSlots = createPollSlots(sharedRedis, clock);
  const reserved = async (candidate: Candidate, earliest: number, times = 1) => {
    const all: number[] = [];
    for (let n = 0; n < times; n++) all.push((await pollSlots.reserve(candidate, at(earliest))).getTime() - at(0).getTime());
    return all;
  };

  it('are at the wished time when they are free', async () => {
    expect(await reserved(account('alone', 5), 3_070)).toEqual([3_070]);
  });

  it('follow each other at the account’s calls per second when many are wished for the same time', async () => {
    expect(await reserved(account('crowd', 5), 3_070, 6)).toEqual([3_070, 3_200, 3_400, 3_600, 3_800, 4_000]);
    expect(await reserved(account('slow', 1), 3_070, 3)).toEqual([3_070, 4_000, 5_000]);
  });

  it('are the first free ones, also before reserved ones', async () => {
    const some = account('gaps', 5);
    await reserved(some, 10_000, 10);
    expect(await reserved(some, 9_800, 2)).toEqual([9_800, 12_000]);
  });

  it('are counted per account', async () => {
    await reserved(account('one', 5), 3_000, 10);
    expect(await reserved(account('other', 5), 3_000)).toEqual([3_000]);
  });

  it('let each of 25 QRs be polled every 5 s, and each of 50 every 10 s', async () => {
    for (const [count, cycleMs] of [
      [25, 5_000],
      [50, 10_000],
    ] as const) {
      const candidate = account(`till ${count}`, 5);
      const polls = await Promise.all(Array.from({ length: count }, async () => (await reserved(candidate, 3_000))[0] as number));
      for (let round = 0; round < 3; round++) {
        for (const [index, poll] of polls.entries()) {
          const [next] = await reserved(candidate, poll + 3_000);
          expect((next as number) - poll).toBe(cycleMs);
          polls[index] = next as number;
        }
      }
    }
  });
});

it('a reservation costs Redis the same with thousands of QRs on display', async () => {
  const pollSlots = createPollSlots(redis, clock);
  const crowd = account('thousands', 5);
  for (let n = 0; n < 3_000; n++) await pollSlots.reserve(crowd, at(3_000));
  await redis.config('RESETSTAT');
  for (let n = 0; n < 20; n++) await pollSlots.reserve(crowd, at(3_000));
  const calls = /cmdstat_zcount:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
  expect(Number(calls)).toBeLessThanOrEqual(20 * 14);
  expect(await pollSlots.reserve(crowd, at(3_000))).toEqual(at(3_000 + 3_020 * 200));
});

it('workers with one Redis reserve different slots, and go on without Redis', async () => {
  const server: OwnServer & { url: string } = await ownRedis();
  const clients = [connectRedis(server.url, { name: 'one' }), connectRedis(server.url, { name: 'two' })] as const;
  const [one, two] = clients.map((client) => createPollSlots(client, clock)) as [
    ReturnType<typeof createPollSlots>,
    ReturnType<typeof createPollSlots>,
  ];
  const candidate = account('shared', 5);
  await Promise.all(clients.map((client) => client.ping().catch(() => new Promise((ready) => client.once('ready', ready)))));
  const slots = await Promise.all([
    one.reserve(candidate, at(0)),
    two.reserve(candidate, at(0)),
    one.reserve(candidate, at(0)),
    two.reserve(candidate, at(0)),
  ]);
  expect(new Set(slots.map(Number)).size).toBe(4);
  await server.kill();
  expect(await one.reserve(candidate, at(0))).toEqual(at(0));
  for (const client of clients) client.disconnect();
});
