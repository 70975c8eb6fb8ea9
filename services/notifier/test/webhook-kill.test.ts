import { type ChildProcess, fork } from 'node:child_process';
import type { DispatcherStep } from '@gateway/notifier/src/webhooks/dispatcher.ts';
import { wakeUpChannel } from '@gateway/shared/queue';
import { migrate } from '@gateway/shared/store';
import { ownPostgres } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, eventFixture, upTo } from '@gateway/testing/relay/relay-fixture';
import { type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { startWebhookFixture, type WebhookFixture, webhookProcess } from '@gateway/testing/webhooks/webhook-fixture';

let fixture: WebhookFixture;
let receiver: Receiver;
const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await fixture.close();
  await receiver.close();
});

async function startNotifier(environment: Record<string, string> = {}): Promise<ChildProcess> {
  const child = fork(webhookProcess, {
    execArgv: ['--conditions=source'],
    env: { DATABASE_URL: fixture.serveUrl, REDIS_URL: fixture.redisUrl, DATABASE_KEY: fixture.key, ...environment },
  });
  running.push(child);
  await new Promise((ready, failed) =>
    child.once('message', ready).once('exit', () => failed(new Error('the notifier ended at its start'))),
  );
  return child;
}

const seqsOf = (store: string) =>
  receiver
    .events()
    .filter(({ store_id }) => store_id === store)
    .map(({ seq }) => seq);
/** The seqs in the order in which each arrived first. */
const firstArrivals = (store: string) => [...new Set(seqsOf(store))];

describe('a sender of webhooks that is killed', () => {
  it.each<DispatcherStep>(['noted', 'claimed', 'sent', 'concluded'])(
    'after the step %s loses no event and changes no order in a store',
    async (at) => {
      fixture = await startWebhookFixture();
      receiver = await startReceiver();
      await fixture.endpoint({ url: receiver.url });
      const stores = await Promise.all(upTo(3).map(() => fixture.store()));
      const crashing = await startNotifier({ CRASH_AT: at, CRASH_AT_TIME: '3' });
      let written = 0;
      while (crashing.exitCode === null && crashing.signalCode === null) {
        await commitEvents(
          fixture.db,
          [...stores, ...stores].map((store) => eventFixture(store)),
        );
        await fixture.redis.publish(wakeUpChannel(fixture.key), '');
        written += 2;
      }
      expect(crashing.signalCode).toBe('SIGKILL');
      await fixture.redis.flushall();
      await startNotifier({ CLOCK_AHEAD_MS: '60000' });
      await eventually(() => stores.every((store) => new Set(seqsOf(store)).size === written));
      for (const store of stores) expect(firstArrivals(store)).toEqual(upTo(written));
      const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
      expect(new Set(ids).size).toBe(3 * written);
    },
  );
});

describe('a restart of the database', () => {
  it('loses no event that waits, and changes no order', async () => {
    const server = await ownPostgres({ durable: true });
    await migrate(server.url('postgres'));
    fixture = await startWebhookFixture({ url: server.url('postgres') });
    receiver = await startReceiver((_webhook, answer, count) => void answer.writeHead(count % 4 === 0 ? 500 : 200).end());
    const store = await fixture.store();
    await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(...upTo(3).map(() => store));
    await receiver.waitsFor(3);
    await server.kill();
    await server.start();
    await eventually(async () => {
      await fixture.happen(store);
      return true;
    });
    await eventually(() => {
      fixture.clock.advance(5_000);
      return new Set(seqsOf(store)).size === 4;
    });
    expect(firstArrivals(store)).toEqual(upTo(4));
    await fixture.close();
    await server.stop();
    fixture = { ...fixture, close: async () => {} };
  });
});
