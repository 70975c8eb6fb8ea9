import { fork } from 'node:child_process';
import path from 'node:path';
import { wakeUpChannel } from '@gateway/shared/queue';
import { compileCache } from '@gateway/testing/checkout';
import { eventually } from '@gateway/testing/eventually';
import { commitEvents, commitManyEvents, eventFixture, startRelayFixture } from '@gateway/testing/relay/relay-fixture';

describe('the notifier process', () => {
  it('publishes events, serves health and metrics, and finishes its run on SIGTERM', async () => {
    const fixture = await startRelayFixture();
    const store = await fixture.store();
    const screen = await fixture.listen(store);
    const notifier = fork(path.join(import.meta.dirname, '../src/main.ts'), {
      execArgv: ['--conditions=source'],
      env: {
        ...compileCache,
        POS_DATABASE_URL: fixture.serveUrl,
        ERP_DATABASE_URL: fixture.serveUrl,
        REDIS_URL: fixture.redisUrl,
        METRICS_PORT: '0',
        LOG_LEVEL: 'silent',
      },
    });
    const { metricsPort } = await new Promise<{ metricsPort: number }>((ready) => notifier.once('message', ready as () => void));
    const read = async (where: string) => (await fetch(`http://127.0.0.1:${metricsPort}${where}`)).text();

    await commitEvents(fixture.db, [eventFixture(store)]);
    await fixture.redis.publish(wakeUpChannel('ERP_DATABASE_URL'), ''); // two hosts share this database: a wake-up of either name works
    await screen.waitsFor(1);
    expect(JSON.parse(await read('/health/ready'))).toMatchObject({
      ready: true,
      checks: { POS_DATABASE_URL: { ok: true }, redis: { ok: true } },
    });
    await eventually(async () => /gateway_events_published_total\{.*\} 1$/m.test(await read('/metrics')));

    await commitManyEvents(fixture.db, [store], 1_000, 1_000);
    notifier.kill('SIGTERM');
    expect(await new Promise((end) => notifier.once('exit', end))).toBe(0);
    const { rows } = await fixture.db.pool.query('select from gateway.outbox where seq is not null and published_at is null');
    expect(rows).toEqual([]);
    await fixture.close();
  });
});
