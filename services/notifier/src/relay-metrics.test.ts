import { createMetrics, manualClock } from '@gateway/shared/runtime';
import { commitEvents, drain, eventFixture, startRelayFixture } from '@gateway/testing/relay/relay-fixture';
import { createRelay } from './relay.ts';
import { createRelayMetrics } from './relay-metrics.ts';

describe('the metric of unpublished events', () => {
  it('is counted when the relay measures, and its age grows between two measurements', async () => {
    const own = await startRelayFixture();
    const clock = manualClock();
    const registry = createMetrics('test');
    const relay = createRelay({
      database: { key: own.key, db: own.db },
      redis: own.redis,
      clock,
      log: own.log,
      metrics: createRelayMetrics(registry, clock)(own.key),
    });
    const figure = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;
    const store = await own.store();
    await commitEvents(
      own.db,
      [0, 1, 2].map(() => eventFixture(store, { occurred_at: clock.now().toISOString() })),
    );
    clock.advance(7_000);
    await relay.measureLag();
    clock.advance(2_000); // without a measurement: the database may be unavailable
    expect([await figure('gateway_outbox_waiting'), await figure('gateway_outbox_oldest_seconds')]).toEqual([3, 9]);
    await drain(relay);
    await relay.measureLag();
    expect([await figure('gateway_outbox_waiting'), await figure('gateway_outbox_oldest_seconds')]).toEqual([0, 0]);
    expect(await figure('gateway_events_published_total')).toBe(3);
    await own.close();
  });
});
