import { consoleFigures, webhookEndpoints } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { upTo } from '@gateway/testing/relay/relay-fixture';
import { answering, type Receiver, type Respond, startReceiver } from '@gateway/testing/webhooks/receiver';
import { startWebhookFixture, type WebhookFixture } from '@gateway/testing/webhooks/webhook-fixture';

const distinct = (numbers: number[]) => [...new Set(numbers)];
const hour = 3_600_000;
let fixture: WebhookFixture;
let receiver: Receiver;
beforeAll(async () => {
  fixture = await startWebhookFixture();
});
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  await fixture.reset();
  await receiver.close();
});
afterAll(() => fixture.close());

/** What the overview of the operators' pages says. */
const failingSince = async () => (await consoleFigures.waiting(fixture.db)).failingSince;
const endpointNow = (id: string) => webhookEndpoints.find(fixture.db.pool, 'client', id);
describe('an endpoint that fails', () => {
  it('with 500 on a half of all deliveries gets each event, in the order of its store', async () => {
    const [a, b] = [await fixture.store(), await fixture.store()];
    const done: number[] = [];
    receiver.respond(({ body }, answer, count) => {
      const fails = count % 2 === 1;
      if (!fails && body.includes(a)) done.push((JSON.parse(body) as { seq: number }).seq);
      answer.writeHead(fails ? 500 : 200).end();
    });
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(...upTo(5).flatMap(() => [a, b]));
    await Promise.all([fixture.untilDelivered(id, a, 5), fixture.untilDelivered(id, b, 5)]);
    expect(distinct(done)).toEqual(upTo(5)); // a lease of one store may end during its delivery, because the other store sets the clock
    expect([distinct(receiver.seqs(a)), distinct(receiver.seqs(b))]).toEqual([upTo(5), upTo(5)]);
  });

  it.each<[string, Respond]>([
    ['hangs', () => {}],
    ['closes early', (_webhook, answer) => void answer.destroy()],
    ['answers a redirect', answering(302, { location: 'http://127.0.0.1:1/' })],
    ['answers 404', answering(404)],
  ])('because it %s gets the same event again', async (_how, respond) => {
    const store = await fixture.store();
    receiver.respond(respond);
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch({ limitMs: 300 });
    await fixture.happen(store, store);
    await eventually(async () => (await fixture.cursor(id, store))?.tries === 1);
    receiver.respond(answering(200));
    await fixture.untilDelivered(id, store, 2);
    expect(distinct(receiver.seqs())).toEqual([1, 2]);
    expect(receiver.received[0]?.headers['webhook-id']).toBe(receiver.received[1]?.headers['webhook-id']);
  });

  it('with 429 is tried again when its Retry-After is over, not before', async () => {
    const store = await fixture.store();
    receiver.respond(answering(429, { 'retry-after': '120' }));
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(store);
    const [delivery] = await eventually(async () => {
      const all = await fixture.deliveries(id);
      return all[0]?.state === 'retrying' && all;
    });
    expect(delivery?.nextTryAt?.getTime()).toBe(fixture.clock.now().getTime() + 120_000);
  });

  it('answering 10 MB is read no further than 64 KiB, and the event counts as delivered', async () => {
    const store = await fixture.store();
    receiver.respond((_webhook, answer) => {
      answer.on('error', () => {});
      answer.writeHead(200);
      answer.end(Buffer.alloc(10_000_000));
    });
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(store, store);
    await eventually(async () => (await fixture.deliveries(id)).filter(({ state }) => state === 'delivered').length === 2);
    expect(receiver.seqs()).toEqual([1, 2]);
  });

  it('for an hour is shown to operators, and gets everything afterwards, in order', async () => {
    const store = await fixture.store();
    receiver.respond(answering(503));
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(store, store, store);
    const end = fixture.clock.now().getTime() + hour;
    await eventually(async () => {
      await fixture.toNextTry(id, store);
      return fixture.clock.now().getTime() > end;
    });
    expect(await failingSince()).not.toBeNull();
    receiver.respond(answering(200));
    receiver.received.length = 0;
    await fixture.untilDelivered(id, store, 3);
    expect(receiver.seqs()).toEqual([1, 2, 3]);
  });

  it.each([
    ['answers 410', 410, /410 Gone/],
    ['fails for 72 hours', 500, /72 hours.*answered 500/],
  ])(
    'is disabled when it %s and gets nothing more, its owner sees why, operators see no failure any more, and enabled again it gets what waited',
    async (_how, status, reason) => {
      const store = await fixture.store();
      receiver.respond(answering(status));
      const { id } = await fixture.endpoint({ url: receiver.url });
      fixture.dispatch();
      await fixture.happen(store, store);
      await eventually(async () => (await fixture.cursor(id, store))?.tries === 1);
      fixture.clock.advance(71 * hour); // the tries of the last hour follow
      const disabled = await eventually(async () => {
        await fixture.toNextTry(id, store);
        const endpoint = await endpointNow(id);
        return endpoint?.disabledAt && endpoint;
      });
      expect(disabled.disabledReason).toMatch(reason);
      expect(await failingSince()).toBeNull();
      const attempts = receiver.received.length;
      const another = await startReceiver();
      await fixture.endpoint({ url: another.url });
      await fixture.happen(store);
      await another.waitsFor(1); // the dispatcher has claimed meanwhile
      expect(receiver.received.length).toBe(attempts);
      await another.close();
      expect((await fixture.deliveries(id)).map(({ state }) => state).sort()).toEqual(['failed', 'pending', 'pending']);
      receiver.respond(answering(200));
      receiver.received.length = 0;
      await webhookEndpoints.change(fixture.db, 'client', id, { disabled: false }, fixture.clock.now());
      await receiver.waitsFor(3);
      expect(receiver.seqs()).toEqual([1, 2, 3]);
    },
  );
});
