import { type OwnServer, ownRedis } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import { channelScreen } from './screens/channel-screen.ts';
import { openOutlets, outboxByStore, sell, typesByPayment, unpublished } from './screens/sales.ts';
import { disturb, type Screen } from './screens/screen.ts';
import { streamScreen } from './screens/stream-screen.ts';

/** `npm run soak:screens -- --payments …` */
const payments = Number(process.env.SOAK_PAYMENTS ?? 200);
const timeoutMs = 120_000 + payments * 200; // long, because other tests run at the same time
jest.setTimeout(timeoutMs);

let redis: OwnServer & { url: string };
let stack: TestStack;
const open: Screen[] = [];

beforeAll(async () => {
  redis = await ownRedis();
  // While Redis is down on a busy machine, a create may take longer than the usual 2 s of a test.
  const environment = { API_PROCESSES: '2', NOTIFIER_PROCESSES: '2', CREATE_LIMIT_MS: '9500' };
  stack = await startTestStack({ redisUrl: redis.url, environment });
});
afterAll(async () => {
  for (const screen of open) screen.close();
  await stack?.stop();
  await redis?.stop();
});

describe(`${payments} payments in 50 stores, with two api processes and two notifiers`, () => {
  it('are received by every screen exactly as the outbox has them, although screens sleep and Redis restarts twice', async () => {
    const storeIds = await openOutlets(stack, 50);
    const where = { api: stack.api, redisUrl: stack.redisUrl, key: 'sk_test_pos_demo' };
    const channels = storeIds.map((storeId) => channelScreen({ ...where, storeId }));
    open.push(...channels, ...storeIds.map((storeId) => streamScreen({ ...where, storeId })));
    const disturbance = disturb(open);

    const selling = sell(stack, storeIds, { count: payments, tills: 20 });
    for (const third of [1, 2]) {
      await eventually(() => selling.sold >= (payments * third) / 3, timeoutMs);
      await redis.kill(); // it loses all its data
      await redis.start();
    }
    await selling.finished;
    await eventually(async () => (await typesByPayment(stack)).filter((types) => types.endsWith('order.paid')).length === payments, 60_000);
    await eventually(async () => (await unpublished(stack)) === 0);
    disturbance.stop();

    const published = await outboxByStore(stack);
    await eventually(() => open.every(({ storeId, received }) => received.length >= (published.get(storeId)?.length ?? 0)), 60_000);
    for (const { storeId, received } of open) expect(received).toEqual(published.get(storeId));
    for (const events of published.values()) expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    expect(new Set(await typesByPayment(stack))).toEqual(new Set(['payment.pending payment.paid order.paid']));
    expect(disturbance.naps).toBeGreaterThan(20); // the screens did sleep,
    expect(channels.reduce((sum, { live }) => sum + live, 0)).toBeGreaterThan(payments); // and received most events live
  });
});
