import { once } from 'node:events';
import { flushTestRedis, type OwnServer, ownRedis, testRedisUrl } from '@gateway/testing/database/servers';
import { manualClock } from '../runtime/index.ts';
import { type AccountBudget, createPollSlots } from './poll-slots.ts';
import { connectRedis } from './redis.ts';

const account = (id: string, callsPerSecond: number): AccountBudget => ({ account: `midtrans/${id}`, callsPerSecond });
const store = (tenant: string, storeId: string) => ({ tenant, storeId });
const owner = store('one', 'JKT-01');

const at = (ms: number) => new Date(Date.UTC(2026, 2, 2) + ms);
const clock = manualClock(at(0));
const redis = connectRedis(testRedisUrl(), { name: 'test' });
beforeAll(async () => {
  await flushTestRedis();
  if (redis.status !== 'ready') await once(redis, 'ready'); // a loop of refused reservations would leave no turn to connect
});
afterAll(() => redis.disconnect());

describe.each([
  ['shared through Redis', redis],
  ['of one process', null],
])('poll slots %s', (_, sharedRedis) => {
  const pollSlots = createPollSlots(sharedRedis, clock);
  const reserved = async (candidate: AccountBudget, earliest: number, times = 1) => {
    const all: number[] = [];
    for (let n = 0; n < times; n++) all.push((await pollSlots.reserve(candidate, owner, at(earliest))).getTime() - at(0).getTime());
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

  it('of questions about money do not wait for polls, and the polls after them leave room', async () => {
    const busy = account('money', 5);
    await reserved(busy, 0, 100);
    const ofMoney: number[] = [];
    for (let n = 0; n < 3; n++) ofMoney.push((await pollSlots.reserveForMoney(busy, owner, at(0))).getTime() - at(0).getTime());
    expect(ofMoney).toEqual([0, 400, 800]);
    expect(await pollSlots.reserveForMoney(account('idle', 5), owner, at(0))).toEqual(at(0));
    if (!sharedRedis) expect(await reserved(busy, 0)).toEqual([103 * 200]); // through Redis it waits in a lane
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
  for (let n = 0; n < 3_000; n++) await pollSlots.reserve(crowd, owner, at(3_000));
  await redis.config('RESETSTAT');
  for (let n = 0; n < 20; n++) await pollSlots.reserve(crowd, owner, at(3_000));
  const calls = /cmdstat_zcount:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1];
  expect(Number(calls)).toBeLessThanOrEqual(20 * 14);
});

describe('a store that asks for more than the account’s budget', () => {
  it('leaves slots to every other store: each of them waits hardly longer than ten seconds for its slot', async () => {
    const pollSlots = createPollSlots(redis, clock);
    const busy = account('busy', 5);
    const waitMs = async (of: { tenant: string; storeId: string }) =>
      (await pollSlots.reserve(busy, of, at(0))).getTime() - at(0).getTime();
    const loop = async (of: { tenant: string; storeId: string }, times: number) => {
      for (let n = 0; n < times; n++) await waitMs(of);
    };
    await loop(store('loud', 'A'), 300);
    await loop(store('loud', 'B'), 300);
    await loop(store('other loud', 'C'), 300);
    for (const quiet of ['D', 'E', 'F']) expect(await waitMs(store('quiet', quiet))).toBeLessThanOrEqual(13_000);
  });

  it('gets every slot within ten seconds when no other store asks', async () => {
    const pollSlots = createPollSlots(redis, clock);
    const alone = account('no neighbours', 5);
    const slots = await Promise.all(Array.from({ length: 50 }, () => pollSlots.reserve(alone, owner, at(0))));
    expect(slots.at(-1)).toEqual(at(49 * 200));
  });
});

it('a call that is made at once takes a slot, so that the polls after it leave room for it', async () => {
  const pollSlots = createPollSlots(redis, clock);
  const shared = account('calls', 5);
  for (let n = 0; n < 3; n++) await pollSlots.reserveAfterCall(shared, owner, at(3_000));
  expect(await pollSlots.reserve(shared, owner, at(0))).toEqual(at(600));
  expect(await pollSlots.reserve(shared, owner, at(3_000))).toEqual(at(3_600));
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
    one.reserve(candidate, owner, at(0)),
    two.reserve(candidate, owner, at(0)),
    one.reserve(candidate, owner, at(0)),
    two.reserve(candidate, owner, at(0)),
  ]);
  expect(new Set(slots.map(Number)).size).toBe(4);
  await server.kill();
  expect(await one.reserve(candidate, owner, at(0))).toEqual(at(0));
  for (const client of clients) client.disconnect();
});
