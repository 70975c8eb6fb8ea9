import { eventually } from '../../../testing/eventually.ts';
import { type House, startHouse } from '../../../testing/house.ts';
import { type OwnServer, ownRedis } from '../../../testing/servers.ts';
import { disturb, type Screen } from './screens/a-screen.ts';
import { channelScreen } from './screens/channel-screen.ts';
import { openOutlets, outboxByStore, sell, typesByPayment, waiting } from './screens/shop.ts';
import { streamScreen } from './screens/stream-screen.ts';

/** `npm run soak:screens -- --payments …` */
const payments = Number(process.env.SOAK_PAYMENTS ?? 500);
const patienceMs = 120_000 + payments * 200; // when everybody else tests, too
import.meta.jest.setTimeout(patienceMs);

let redis: OwnServer & { url: string };
let house: House;
const open: Screen[] = [];

beforeAll(async () => {
  redis = await ownRedis();
  house = await startHouse({ redisUrl: redis.url, environment: { API_PROCESSES: '2', NOTIFIER_PROCESSES: '2' } });
});
afterAll(async () => {
  for (const screen of open) screen.close();
  await house?.stop();
  await redis?.stop();
});

describe(`${payments} payments in 50 stores, with two api processes and two notifiers`, () => {
  it('are heard by every screen exactly as the outbox has them, though screens sleep and Redis restarts twice', async () => {
    const storeIds = await openOutlets(house, 50);
    const where = { api: house.api, redisUrl: house.redisUrl, key: 'sk_test_pos_demo' };
    const channels = storeIds.map((storeId) => channelScreen({ ...where, storeId }));
    open.push(...channels, ...storeIds.map((storeId) => streamScreen({ ...where, storeId })));
    const disturbance = disturb(open);

    const selling = sell(house, storeIds, { count: payments, tills: 20 });
    for (const third of [1, 2]) {
      await eventually(() => selling.sold >= (payments * third) / 3, patienceMs);
      await redis.kill(); // and it remembers nothing
      await redis.start();
    }
    await selling.finished;
    await eventually(async () => (await typesByPayment(house)).filter((types) => types.endsWith('order.paid')).length === payments, 60_000);
    await eventually(async () => (await waiting(house)) === 0, 20_000);
    disturbance.stop();

    const told = await outboxByStore(house);
    await eventually(() => open.every(({ storeId, heard }) => heard.length >= (told.get(storeId)?.length ?? 0)), 60_000);
    for (const { storeId, heard } of open) expect(heard).toEqual(told.get(storeId));
    for (const events of told.values()) expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(await typesByPayment(house))).toEqual(new Set(['payment.pending payment.paid order.paid']));
    expect(disturbance.naps).toBeGreaterThan(20); // they did sleep,
    expect(channels.reduce((sum, { live }) => sum + live, 0)).toBeGreaterThan(payments); // and did not read all of it again
  });
});
