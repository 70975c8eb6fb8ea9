// A notifier of one database, which kills itself outright at a step of the relay: `CRASH_AT` numbered, published or marked.
import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { systemClock as clock, createLogger, createMetrics } from '@gateway/shared/runtime';
import { connectDatabase } from '@gateway/shared/store';
import { createBell, listenForRings } from '../src/bell.ts';
import { createRelay } from '../src/relay.ts';
import { startRelayLoop } from '../src/relay-loop.ts';
import { createRelayMetrics } from '../src/relay-metrics.ts';

const { DATABASE_URL = '', REDIS_URL = '', DATABASE_KEY: key = '', CRASH_AT, CRASH_AT_TIME = '1' } = process.env;
process.once('disconnect', () => process.exit());

const log = createLogger('notifier', 'silent');
const redis = connectRedis(REDIS_URL, { name: 'notifier' });
await new Promise((ready) => redis.once('ready', ready));
const bell = createBell();
listenForRings(connectSubscriber(REDIS_URL, { name: 'bell' }), new Map([[key, bell]]), () => {});

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
startRelayLoop(relay, { database: key, bell, log });
process.send?.('ready');
