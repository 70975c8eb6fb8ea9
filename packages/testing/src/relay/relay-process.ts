// A program: the relay of the database at `DATABASE_URL`, called `DATABASE_KEY` in Redis. It kills itself with SIGKILL when the
// relay reaches the step `CRASH_AT` (numbered, published or marked) for the `CRASH_AT_TIME`th time.

import { createRelay } from '@gateway/notifier/src/relay.ts';
import { startRelayLoop } from '@gateway/notifier/src/relay-loop.ts';
import { createRelayMetrics } from '@gateway/notifier/src/relay-metrics.ts';
import { createWakeUp, createWakeUps } from '@gateway/notifier/src/wake-up.ts';
import { connectDatabase } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { systemClock as clock, createLogger, createMetrics } from '@gateway/shared/runtime';

const { DATABASE_URL = '', REDIS_URL = '', DATABASE_KEY: key = '', CRASH_AT, CRASH_AT_TIME = '1' } = process.env;
process.once('disconnect', () => process.exit());

const log = createLogger('notifier', 'silent');
const redis = connectRedis(REDIS_URL, { name: 'notifier' });
await new Promise((ready) => redis.once('ready', ready));
const wakeUp = createWakeUp();
createWakeUps(connectSubscriber(REDIS_URL, { name: 'subscriber' }), () => {}).add(key, wakeUp);

let stepsLeft = Number(CRASH_AT_TIME);
const relay = createRelay({
  database: { key, db: connectDatabase(DATABASE_URL, { name: 'notifier' }) },
  redis,
  clock,
  log,
  metrics: createRelayMetrics(createMetrics('notifier'), clock)(key),
  onStep: (step) => {
    if (step === CRASH_AT && --stepsLeft === 0) process.kill(process.pid, 'SIGKILL');
  },
});
startRelayLoop(relay, { database: key, wakeUp, log });
process.send?.('ready');
