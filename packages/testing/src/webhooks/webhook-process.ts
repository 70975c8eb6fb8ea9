// A program: the relay and the webhook dispatcher of the database at `DATABASE_URL`, called `DATABASE_KEY` in Redis. It kills itself with
// SIGKILL when the dispatcher reaches the step `CRASH_AT` for the `CRASH_AT_TIME`th time: one of the dispatcher (noted, claimed, sent or
// concluded), or `before` or `after` and the name of a statement. Its clock is `CLOCK_AHEAD_MS` ahead, so that the leases of a process that
// was killed before are over. It sends `ready`, starts when it receives `go`, and ends its deliveries when it receives `close`.

import { createRelay } from '@gateway/notifier/src/relay.ts';
import { startRelayLoop } from '@gateway/notifier/src/relay-loop.ts';
import { createRelayMetrics } from '@gateway/notifier/src/relay-metrics.ts';
import { createWakeUp, createWakeUps } from '@gateway/notifier/src/wake-up.ts';
import { startDispatcher } from '@gateway/notifier/src/webhooks/dispatcher.ts';
import { createDispatcherMetrics } from '@gateway/notifier/src/webhooks/dispatcher-metrics.ts';
import { createWebhookSender } from '@gateway/notifier/src/webhooks/send-webhook.ts';
import { createWebhookSigner } from '@gateway/notifier/src/webhooks/sign-webhook.ts';
import { connectDatabase } from '@gateway/shared/postgres';
import { connectRedis, connectSubscriber } from '@gateway/shared/queue';
import { createLogger, createMetrics, createNetworkRule, plusMs, systemClock } from '@gateway/shared/runtime';
import { testMasterKeys } from './test-secrets.ts';

const { DATABASE_URL = '', REDIS_URL = '', DATABASE_KEY: key = '', CRASH_AT, CRASH_AT_TIME = '1', CLOCK_AHEAD_MS = '0' } = process.env;
process.once('disconnect', () => process.exit());

const clock = { now: () => plusMs(systemClock.now(), Number(CLOCK_AHEAD_MS)) };
const log = createLogger('notifier', 'silent');
const redis = connectRedis(REDIS_URL, { name: 'notifier' });
await new Promise((ready) => redis.once('ready', ready));
const wakeUp = createWakeUp();
createWakeUps(connectSubscriber(REDIS_URL, { name: 'subscriber' }), () => {}).add(key, wakeUp);
const database = { key, db: connectDatabase(DATABASE_URL, { name: 'notifier' }) };

process.send?.('ready');
await new Promise((go) => process.once('message', go));

let stepsLeft = Number(CRASH_AT_TIME);
const comeTo = (step: string): void => {
  if (step === CRASH_AT && --stepsLeft === 0) process.kill(process.pid, 'SIGKILL');
};
const { pool } = database.db;
const query = pool.query.bind(pool) as (statement: { name?: string }) => Promise<unknown>;
pool.query = (async (statement: { name?: string }) => {
  comeTo(`before ${statement.name}`);
  const result = await query(statement);
  comeTo(`after ${statement.name}`);
  return result;
}) as typeof pool.query;
const dispatcher = startDispatcher({
  database,
  activeClients: () => new Set(['client']),
  sender: createWebhookSender(createNetworkRule({ allowedNetworks: [], isLocalStack: true }), clock),
  signer: createWebhookSigner(testMasterKeys),
  clock,
  log,
  metrics: createDispatcherMetrics(createMetrics('webhooks'))(key),
  onStep: comeTo,
});
const relay = createRelay({
  database,
  redis,
  clock: systemClock,
  log,
  metrics: createRelayMetrics(createMetrics('notifier'), systemClock)(key),
  onNumbered: dispatcher.numbered,
});
startRelayLoop(relay, { database: key, wakeUp, log });
process.on('message', (message) => {
  if (message === 'close') void dispatcher.close();
});
