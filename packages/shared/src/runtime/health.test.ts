import { MessageChannel } from 'node:worker_threads';
import { createHealth } from './health.ts';

describe('the readiness of a process', () => {
  it('is false while a dependency is unavailable, with the reason', async () => {
    const health = createHealth({ redis: () => Promise.reject(new Error('connection refused')), hosts: () => undefined });
    expect(await health.report()).toEqual({
      ready: false,
      checks: { redis: { ok: false, why: 'connection refused' }, hosts: { ok: true } },
      warnings: [],
    });
  });

  it('is false when a dependency does not answer in time', async () => {
    const health = createHealth({ redis: () => new Promise(() => {}) }, { timeoutMs: 1 });
    expect((await health.report()).checks.redis).toEqual({ ok: false, why: 'no answer within 1 ms' });
  });

  it('counts an answer that came in time although the event loop was busy when it came', async () => {
    const { port1: here, port2: redis } = new MessageChannel();
    const answer = new Promise<void>((resolve) => here.once('message', () => resolve()));
    const health = createHealth({ redis: () => answer.then(() => undefined) }, { timeoutMs: 1 });
    const report = health.report();
    redis.postMessage('pong');
    for (const since = performance.now(); performance.now() < since + 20; );
    expect((await report).ready).toBe(true);
    here.close();
  });

  it('stays true with a warning, so that one order takes no host out of service', async () => {
    const health = createHealth({ hosts: () => undefined }, { warnings: async () => ['pos: order A-1 is paid and not recorded'] });
    expect(await health.report()).toMatchObject({ ready: true, warnings: ['pos: order A-1 is paid and not recorded'] });
  });

  it('is answered without warnings when they cannot be read', async () => {
    const health = createHealth({ hosts: () => undefined }, { warnings: () => Promise.reject(new Error('database away')) });
    expect(await health.report()).toEqual({ ready: true, checks: { hosts: { ok: true } }, warnings: [] });
  });
});

describe('whether a process may get traffic', () => {
  const redisAway = { redis: () => Promise.reject(new Error('connection refused')) };

  it('does not depend on the readiness of its dependencies', async () => {
    const health = createHealth(redisAway, { serving: () => undefined });
    expect([(await health.report()).ready, await health.serving()]).toEqual([false, { ok: true }]);
  });

  it('is false with the reason while no caller can be answered, and while the process shuts down', async () => {
    const health = createHealth({}, { serving: () => ({ ok: false, why: 'pos: database unavailable' }) });
    expect(await health.serving()).toEqual({ ok: false, why: 'pos: database unavailable' });
    const draining = createHealth({});
    draining.drain();
    expect(await draining.serving()).toEqual({ ok: false, why: 'shutting down' });
  });
});
