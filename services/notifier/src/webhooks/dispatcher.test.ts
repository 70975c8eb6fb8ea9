import { connectRedis } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { clients, numberedEvents, settings, webhookCursors } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, eventFixture, upTo } from '@gateway/testing/relay/relay-fixture';
import { answering, type Receiver, startReceiver } from '@gateway/testing/webhooks/receiver';
import { testSecret } from '@gateway/testing/webhooks/test-secrets';
import { startWebhookFixture, type WebhookFixture } from '@gateway/testing/webhooks/webhook-fixture';
import { Webhook } from 'standardwebhooks';
import { defaultPace } from './dispatcher.ts';

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

describe('a delivery', () => {
  it('has the bytes that were published, and official verifiers accept it', async () => {
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    let published = '';
    screen.received.push = (event) => {
      published = JSON.stringify(event);
      return 1;
    };
    const { id } = await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(store);
    await receiver.waitsFor(1);
    const [webhook] = receiver.received;
    expect(new Webhook(testSecret).verify(webhook?.body ?? '', webhook?.headers as Record<string, string>)).toMatchObject({
      seq: 1,
      store_id: store,
    });
    expect(webhook?.headers).toMatchObject({
      'webhook-id': receiver.events()[0]?.event_id,
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^qris-gateway\/\d+\.\d+\.\d+$/),
    });
    await eventually(() => published !== '');
    expect(JSON.parse(webhook?.body ?? '')).toEqual(JSON.parse(published));
    await eventually(async () => (await fixture.deliveries(id))[0]?.state === 'delivered');
  });

  it('is signed with both secrets for 24 hours after a rotation, and then with the new one only', async () => {
    const store = await fixture.store();
    const { id } = await fixture.endpoint({ url: receiver.url });
    const second = `whsec_${Buffer.from('another secret of tests, 32 byte').toString('base64')}`;
    await fixture.rotateSecret(id, second);
    fixture.dispatch();
    await fixture.happen(store);
    await receiver.waitsFor(1);
    const verify = (secret: string, n: number) => {
      const { body = '', headers = {} } = receiver.received[n] ?? {};
      return new Webhook(secret).verify(body, headers as Record<string, string>);
    };
    expect([verify(testSecret, 0), verify(second, 0)]).toHaveLength(2);
    await fixture.untilDelivered(id, store, 1);
    fixture.clock.advance(24 * 3_600_000);
    await fixture.happen(store);
    await receiver.waitsFor(2);
    expect(String(receiver.received[1]?.headers['webhook-signature']).split(' ')).toHaveLength(1);
  });

  it('of a store waits for the earlier one, and stores do not wait for each other', async () => {
    const [slow, fast] = [await fixture.store(), await fixture.store()];
    const held: (() => void)[] = [];
    receiver.respond(({ body }, answer) => {
      const end = () => void answer.writeHead(200).end();
      if (body.includes(slow)) held.push(end);
      else end();
    });
    await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(slow, slow, fast, fast, fast);
    await eventually(() => receiver.seqs(fast).length === 3 && held.length === 1);
    expect(receiver.seqs(slow)).toEqual([1]);
    held[0]?.();
    await eventually(() => held.length === 2);
    held[1]?.();
    expect([receiver.seqs(slow), receiver.seqs(fast)]).toEqual([
      [1, 2],
      [1, 2, 3],
    ]);
  });

  it('is made of the chosen events and stores only', async () => {
    const [chosen, other] = [await fixture.store(), await fixture.store()];
    await fixture.endpoint({ url: receiver.url, events: ['payment.paid'], storeIds: [chosen] });
    const foreign = await startReceiver();
    await fixture.endpoint({ url: foreign.url, tenant: 'another tenant' });
    fixture.dispatch();
    await fixture.happen(other, chosen);
    await receiver.waitsFor(1);
    const { id } = await fixture.endpoint({ url: receiver.url, events: ['refund.failed'] });
    await eventually(async () => (await fixture.cursor(id, chosen))?.target_seq === 1);
    await fixture.happen(chosen);
    await receiver.waitsFor(2);
    await eventually(async () => (await fixture.cursor(id, chosen))?.after_seq === 2, 15_000); // looked through, nothing sent
    expect([receiver.seqs(chosen), receiver.seqs(other), foreign.received]).toEqual([[1, 2], [], []]);
    await foreign.close();
  });
});

describe('an event that was numbered', () => {
  it('is leased by the statement that notes it, unless an earlier event of its store may wait: then that one is sent first', async () => {
    const [idle, behind] = [await fixture.store(), await fixture.store()];
    const { id } = await fixture.endpoint({ url: receiver.url });
    await fixture.happen(idle, idle, behind, behind, behind);
    const now = fixture.clock.now();
    const leasedUntil = plusMs(now, webhookCursors.leaseMs);
    const numbered = (storeId: string, seq: number) => ({
      storeId,
      seq,
      type: 'payment.paid',
      eventId: `evt_${seq}`,
      occurredAt: now,
      body: '{}',
    });
    const note = async (...events: numberedEvents.NumberedEvent[]) => {
      const { started, ready } = await numberedEvents.note(fixture.db, events, now, { endpointIds: [id], leasedUntil });
      return { started: started.map(({ storeId, seq, leaseNo }) => [storeId, seq, leaseNo]), ready: [...ready] };
    };
    expect(await note(numbered(idle, 1))).toEqual({ started: [[idle, 1, 1]], ready: [] });
    expect(await note(numbered(idle, 1), numbered(idle, 2))).toEqual({ started: [], ready: [] }); // the first one is being sent
    expect(await note(numbered(behind, 2))).toEqual({ started: [], ready: [id] }); // another process has numbered the first one
    expect(await note(numbered(behind, 1), numbered(behind, 3))).toEqual({ started: [], ready: [id] });
    const due = await webhookCursors.claim(fixture.db.pool, new Map([[id, 10]]), now, leasedUntil);
    expect(due.map(({ storeId, seq }) => [storeId, seq])).toEqual([[behind, 1]]);
  });
});

describe('a hanging endpoint', () => {
  it('holds no other endpoint up, however many of its stores wait', async () => {
    const stores = await Promise.all(upTo(12).map(() => fixture.store()));
    const hanging = await startReceiver(() => {});
    const { id } = await fixture.endpoint({ url: hanging.url });
    await fixture.endpoint({ url: receiver.url });
    fixture.dispatch({ slotLimits: { all: 8, endpoint: 4, failingEndpoint: 1 } });
    await fixture.happen(...stores, ...stores);
    await receiver.waitsFor(24);
    expect(hanging.received.length).toBeLessThanOrEqual(4);
    expect((await fixture.deliveries(id)).length).toBe(24);
    await fixture.closeDispatchers();
    await hanging.close();
  });
});

describe('a revoked key', () => {
  it('ends the deliveries of its endpoints when the control data is read again: the one in flight is noted, those that wait are not sent', async () => {
    const store = await fixture.store();
    const key = { host: 'pos', tenant: 'bakmi', stores: null, scopes: ['webhooks' as const] };
    const [revoked, other] = [
      await clients.create(fixture.db.knex, { ...key, name: 'revoked' }, fixture.clock.now()),
      await clients.create(fixture.db.knex, { ...key, name: 'other' }, fixture.clock.now()),
    ];
    const control = await settings.createControlCache(fixture.db.knex, { everyMs: 3_600_000 }); // read again by the test
    const { id } = await fixture.endpoint({ url: receiver.url, clientId: revoked.id });
    const inFlight = Promise.withResolvers<() => void>();
    receiver.respond((_webhook, answer) => inFlight.resolve(() => void answer.writeHead(204).end()));
    fixture.dispatch({ activeClients: () => settings.activeClientIds(control), limitMs: 60_000 }); // the test holds an answer back
    await fixture.happen(store, store);
    const answer = await inFlight.promise;

    await clients.revoke(fixture.db.knex, revoked.id, fixture.clock.now());
    await control.refresh();
    const later = await startReceiver();
    await fixture.endpoint({ url: later.url, clientId: other.id });
    await fixture.happen(store);
    await later.waitsFor(1); // the dispatcher has looked which endpoints there are
    answer();
    const states = async () => (await fixture.deliveries(id)).sort((a, b) => a.seq - b.seq).map(({ state }) => state);
    await eventually(async () => (await states())[0] === 'delivered');
    await fixture.happen(store);
    await later.waitsFor(2);
    expect(receiver.seqs()).toEqual([1]);
    expect(await states()).toEqual(['delivered', 'pending', 'pending', 'pending']);
    await eventually(async () => (await fixture.cursor(id, store))?.leased_until === null); // nothing is held for it
    control.stop();
    await later.close();
  });

  it('is known to every dispatcher within 5 s: both intervals together leave half of them for the statements', () => {
    expect(settings.controlRefreshMs + defaultPace.refreshMs).toBeLessThanOrEqual(2_500);
  });
});

describe('a dispatcher', () => {
  it('sends what was numbered while no dispatcher ran', async () => {
    const store = await fixture.store();
    const { id } = await fixture.endpoint({ url: receiver.url });
    await fixture.happen(store, store);
    fixture.dispatch();
    await fixture.untilDelivered(id, store, 2);
    expect(receiver.seqs()).toEqual([1, 2]);
  });

  it('sends what is numbered while Redis is unavailable', async () => {
    const store = await fixture.store();
    await fixture.endpoint({ url: receiver.url });
    const dispatcher = fixture.dispatch();
    const away = connectRedis('redis://127.0.0.1:1', { name: 'test', onError: () => {} });
    const relay = fixture.createRelay({ redis: away, clock: fixture.clock, onNumbered: dispatcher.numbered });
    await commitEvents(fixture.db, [eventFixture(store), eventFixture(store)]);
    await expect(relay.runOnce()).rejects.toThrow('events could not be published');
    await receiver.waitsFor(2);
    expect(receiver.seqs()).toEqual([1, 2]);
    away.disconnect();
  });

  it('shares the work with another one: each event is sent once, in order', async () => {
    const stores = await Promise.all(upTo(4).map(() => fixture.store()));
    await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    fixture.dispatch();
    for (let n = 0; n < 10; n++) await fixture.happen(...stores);
    await receiver.waitsFor(40);
    for (const store of stores) expect(receiver.seqs(store)).toEqual(upTo(10));
  });

  it('gives a delivery back when it is closed, and the next one sends it at once', async () => {
    const store = await fixture.store();
    receiver.respond(() => {});
    await fixture.endpoint({ url: receiver.url });
    fixture.dispatch();
    await fixture.happen(store);
    await receiver.waitsFor(1);
    await fixture.closeDispatchers();
    receiver.respond(answering(200));
    fixture.dispatch();
    await receiver.waitsFor(2);
    expect(receiver.seqs()).toEqual([1, 1]);
  });

  it('sends events again in order from the time of a recovery on', async () => {
    const store = await fixture.store();
    const { id } = await fixture.endpoint({ url: receiver.url, storeIds: [store] });
    fixture.dispatch();
    await fixture.happen(store);
    await fixture.untilDelivered(id, store, 1);
    fixture.clock.advance(60_000);
    const since = fixture.clock.now();
    await fixture.happen(store, store);
    await fixture.untilDelivered(id, store, 3);
    await webhookCursors.recover(fixture.db.pool, id, since, fixture.clock.now());
    await receiver.waitsFor(5);
    expect(receiver.seqs()).toEqual([1, 2, 3, 2, 3]);
  });

  it('sends no statement about an event while no endpoint exists', async () => {
    const store = await fixture.store();
    let statements = 0;
    const dispatcher = fixture.dispatch({ onStep: () => statements++ });
    await fixture.happen(store);
    dispatcher.numbered([{ position: 1, storeId: store, seq: 1, eventId: 'evt', body: '{}' }]);
    await dispatcher.close();
    expect(statements).toBe(0);
  });
});
