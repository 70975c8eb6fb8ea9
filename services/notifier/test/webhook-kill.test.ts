import { type ChildProcess, fork } from 'node:child_process';
import type { DispatcherStep } from '@gateway/notifier/src/webhooks/dispatcher.ts';
import { wakeUpChannel } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { migrate, webhookCursors, webhookEndpoints } from '@gateway/shared/store';
import { compileCache } from '@gateway/testing/checkout';
import { type OwnServer, ownPostgres } from '@gateway/testing/database/servers';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, eventFixture, upTo } from '@gateway/testing/relay/relay-fixture';
import { answering, type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { startWebhookFixture, type WebhookFixture, webhookProcess } from '@gateway/testing/webhooks/webhook-fixture';

jest.setTimeout(180_000); // processes start in a second, and much later beside other test files

const steps: DispatcherStep[] = ['noted', 'claimed', 'sent', 'concluded'];

let server: OwnServer;
let fixture: WebhookFixture;
let receiver: Receiver;
const running: ChildProcess[] = [];
beforeAll(async () => {
  const own = await ownPostgres({ durable: true });
  server = own;
  await migrate(own.url('postgres'));
  fixture = await startWebhookFixture({ url: own.url('postgres') });
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
  await fixture.reset();
  await receiver.close();
});
afterAll(async () => {
  await fixture?.close();
  await server?.stop();
});

/**
 * A process that relays and dispatches from the message `go` on, and kills itself when it is at a step for the `time`th time. Its clock is past
 * the leases of the `after` processes before it.
 */
async function prepareNotifier(crashAt: string, after: number, time = 3): Promise<ChildProcess> {
  const child = fork(webhookProcess, {
    execArgv: ['--conditions=source'],
    env: {
      ...compileCache,
      DATABASE_URL: fixture.serveUrl,
      REDIS_URL: fixture.redisUrl,
      DATABASE_KEY: fixture.key,
      CLOCK_AHEAD_MS: String(after * 60_000),
      CRASH_AT: crashAt,
      CRASH_AT_TIME: String(time),
    },
  });
  running.push(child);
  await new Promise((ready, failed) =>
    child.once('message', ready).once('exit', () => failed(new Error('the notifier ended at its start'))),
  );
  return child;
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

/** The seqs in the order in which each arrived first. */
const firstArrivals = (store: string) => [...new Set(receiver.seqs(store))];

describe('a sender of webhooks that is killed', () => {
  it(`after each of the steps ${steps.join(', ')} in turn, while Redis is flushed, loses no event and changes no order in a store`, async () => {
    await fixture.endpoint({ url: receiver.url });
    const stores = await Promise.all(upTo(3).map(() => fixture.store()));
    const crashing = await Promise.all(steps.map((step, n) => prepareNotifier(step, n)));
    let written = 0;
    for (const child of crashing) {
      child.send('go');
      while (!hasEnded(child)) {
        const arrived = receiver.received.length;
        await commitEvents(
          fixture.db,
          [...stores, ...stores].map((store) => eventFixture(store)),
        );
        await fixture.redis.publish(wakeUpChannel(fixture.key), '');
        written += 2;
        await eventually(() => hasEnded(child) || receiver.received.length > arrived); // so that no more is written than is sent
      }
      expect(child.signalCode).toBe('SIGKILL');
      await fixture.redis.flushall();
    }
    fixture.clock.set(plusMs(new Date(), steps.length * 60_000));
    fixture.dispatch();
    await fixture.happen(); // numbers what no process has numbered
    await eventually(() => stores.every((store) => new Set(receiver.seqs(store)).size === written));
    for (const store of stores) expect(firstArrivals(store)).toEqual(upTo(written));
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(3 * written);
  });

  it.each(['before', 'after'])(
    '%s it disables an endpoint that answered 410 leaves it disabled with the reason, and no event is lost',
    async (when) => {
      receiver.respond(answering(410));
      const store = await fixture.store();
      const { id } = await fixture.endpoint({ url: receiver.url });
      const child = await prepareNotifier(`${when} webhook-cursors-disable`, 0, 1);
      child.send('go');
      await commitEvents(fixture.db, [eventFixture(store), eventFixture(store)]);
      await eventually(() => hasEnded(child));
      fixture.clock.set(plusMs(new Date(), 60_000)); // the lease of the killed process is over
      fixture.dispatch();
      const { disabledReason } = await eventually(async () => {
        const endpoint = await webhookEndpoints.find(fixture.db.pool, 'client', id);
        return endpoint?.disabledAt && endpoint;
      });
      expect([child.signalCode, disabledReason]).toEqual(['SIGKILL', 'it answered 410 Gone']);
      receiver.respond(answering(204));
      await webhookEndpoints.change(fixture.db, 'client', id, { disabled: false }, fixture.clock.now());
      await fixture.untilDelivered(id, store, 2);
      expect(firstArrivals(store)).toEqual([1, 2]);
    },
  );

  it.each([
    ['before', 60_000],
    ['after', 0],
  ])('%s it gives a delivery back at its end leaves that event to be sent first by the next one', async (when, leaseLeftMs) => {
    receiver.respond(() => {});
    const store = await fixture.store();
    const { id } = await fixture.endpoint({ url: receiver.url });
    const child = await prepareNotifier(`${when} webhook-cursors-give-back`, 0, 1);
    child.send('go');
    await commitEvents(fixture.db, [eventFixture(store), eventFixture(store)]);
    await receiver.waitsFor(1);
    child.send('close');
    await eventually(() => hasEnded(child));
    receiver.respond(answering(204));
    fixture.clock.set(plusMs(new Date(), leaseLeftMs)); // a lease that was ended need not end
    fixture.dispatch();
    await fixture.untilDelivered(id, store, 2);
    expect([child.signalCode, receiver.seqs(store)]).toEqual(['SIGKILL', [1, 1, 2]]);
  });
});

describe('a restart of the database', () => {
  it('loses no event that waits, and changes no order', async () => {
    receiver.respond((_webhook, answer, count) => void answer.writeHead(count % 4 === 0 ? 500 : 200).end());
    const store = await fixture.store();
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(...upTo(3).map(() => store));
    await receiver.waitsFor(3);
    await server.kill();
    await server.start();
    await eventually(async () => {
      await fixture.happen(store);
      return true;
    });
    fixture.clock.advance(webhookCursors.leaseMs); // of the delivery that the restart interrupted
    await fixture.untilDelivered(id, store, 4);
    expect(firstArrivals(store)).toEqual(upTo(4));
  });
});
