import { setImmediate as afterOtherCallbacks } from 'node:timers/promises';
import { plusMs } from '@gateway/shared/runtime';
import { numberedEvents, webhookCursors } from '@gateway/shared/store';
import { upTo } from '@gateway/testing/relay/relay-fixture';
import { startWebhookFixture, type WebhookFixture } from '@gateway/testing/webhooks/webhook-fixture';
import { createAcknowledge } from './acknowledge.ts';

let fixture: WebhookFixture;
beforeAll(async () => {
  fixture = await startWebhookFixture();
});
afterAll(() => fixture.close());

describe('deliveries that end at the same time', () => {
  it('are noted by two statements, the next ones by one, and one whose cursor another process holds by now changes nothing', async () => {
    const stores = await Promise.all(upTo(4).map(() => fixture.store()));
    const { id } = await fixture.endpoint({ url: 'http://127.0.0.1/' });
    await fixture.happen(...stores, ...stores);
    const now = fixture.clock.now();
    const leasedUntil = plusMs(now, webhookCursors.leaseMs);
    await numberedEvents.catchUp(fixture.db, now);
    const all = await webhookCursors.claim(fixture.db.pool, new Map([[id, 10]]), now, leasedUntil);
    const [lost, ...held] = all as [webhookCursors.DueDelivery, ...webhookCursors.DueDelivery[]];
    await webhookCursors.claim(fixture.db.pool, new Map([[id, 1]]), leasedUntil, plusMs(leasedUntil, 1)); // takes the oldest lease
    const taken = await fixture.db.pool.query<{ store_id: string }>('select store_id from gateway.webhook_cursors where lease_no = 2');
    const isTaken = ({ storeId }: webhookCursors.DueDelivery) => storeId === taken.rows[0]?.store_id;

    let statements = 0;
    const query: typeof fixture.db.pool.query = (...args: unknown[]) => {
      statements++;
      return (fixture.db.pool.query as (...rest: unknown[]) => never)(...args);
    };
    const acknowledge = createAcknowledge({ query } as typeof fixture.db.pool);
    const attempt = { at: now, statusCode: 204, error: null, durationMs: 1 };
    const note = (due: webhookCursors.DueDelivery) => acknowledge({ due, attempt, leasedUntil });
    const next = (await Promise.all([lost, ...held].map(note))).map((following) => (following === 'due' ? null : following));

    expect(statements).toBe(2);
    for (const [n, due] of [lost, ...held].entries()) {
      expect(next[n]?.seq ?? null).toBe(isTaken(due) ? null : 2);
      expect((await fixture.cursor(id, due.storeId))?.after_seq).toBe(isTaken(due) ? 0 : 1);
    }
    const delivered = (await fixture.deliveries(id)).filter(({ state }) => state === 'delivered');
    expect(delivered).toHaveLength(3);

    const [first, ...later] = next.filter((due) => due !== null) as [webhookCursors.DueDelivery, ...webhookCursors.DueDelivery[]];
    const ended = note(first);
    await afterOtherCallbacks();
    await Promise.all([ended, ...later.map(note)]);
    expect(statements).toBe(3); // after a statement with several deliveries, the next one waits for more
  });
});
