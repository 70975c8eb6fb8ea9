import { plusMs } from '@gateway/shared/runtime';
import { clients } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api?.close());

const list = (secret: string) => supertest(api.url).get('/transaction/payments').set('authorization', `Bearer ${secret}`);
const hourMs = 3_600_000;

describe('a key', () => {
  it('is refused from the moment at which it expires, also before the keys are read again', async () => {
    const { secret } = await api.keyFor({ expiresAt: plusMs(api.clock.now(), hourMs) });
    expect((await list(secret)).status).toBe(200);
    api.clock.advance(hourMs);
    const refused = await list(secret);
    expect([refused.status, refused.body.detail]).toEqual([401, 'This key has expired or was replaced.']);
  });

  it('is accepted with both secrets after a rotation, as the same client, until the overlap is over', async () => {
    const { id, secret } = await api.keyFor({});
    const rotated = (await clients.rotate(api.db.knex, id, plusMs(api.clock.now(), hourMs))) ?? '';
    await api.refreshKeys();
    expect([(await list(secret)).status, (await list(rotated)).status]).toEqual([200, 200]);
    const active = await clients.active(api.db.knex);
    const ids = [secret, rotated].map((each) => active.get(clients.hashSecret(each).toString('hex'))?.id);
    expect(ids).toEqual([id, id]);
    api.clock.advance(hourMs);
    expect([(await list(secret)).status, (await list(rotated)).status]).toEqual([401, 200]);
  });

  it('that is revoked cannot be rotated', async () => {
    const { id } = await api.keyFor({});
    await api.revoke(id);
    expect(await clients.rotate(api.db.knex, id, plusMs(api.clock.now(), hourMs))).toBeNull();
  });

  it('shows the day of its last use', async () => {
    const { id, secret } = await api.keyFor({});
    const lastUsed = async () => (await clients.find(api.db.knex, id))?.lastUsedOn;
    expect(await lastUsed()).toBeNull();
    for (const day of [0, 1]) {
      api.clock.advance(day * 24 * hourMs);
      await list(secret);
      await api.flushKeys();
      expect(await lastUsed()).toBe(api.clock.now().toISOString().slice(0, 10));
    }
  });

  it('learns from a 403 which scope it lacks and which it has', async () => {
    const { secret } = await api.keyFor({ scopes: ['refunds', 'events'] });
    const { status, body } = await list(secret);
    expect([status, body.code, body.detail]).toEqual([403, 'forbidden', 'This key lacks the scope payments; its scopes: refunds, events.']);
  });
});
