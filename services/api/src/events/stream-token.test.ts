import { plusMs } from '@gateway/shared/runtime';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { eventually } from '@gateway/testing/eventually';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';
import { openEventSource } from '@gateway/testing/stack/event-source';
import { createStreamTokens } from './stream-token.ts';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
  for (const store of ['JKT-01', 'JKT-02']) await aStoreOf(api.db, api.tenant, store);
  await aStoreOf(api.db, api.otherTenant, 'STR-01');
  await appendEvents(api.db, 'JKT-01');
  await assignSequence(api.db);
});
afterAll(() => api.close());

async function tokenFor(store: string, key = api.key) {
  const answer = await fetch(`${api.url}/stores/${store}/stream-token`, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  return { status: answer.status, body: (await answer.json()) as { token: string; expires_at: string; code?: string } };
}
const stream = (store: string, token: string) =>
  openEventSource(`${api.url}/stores/${store}/events?token=${encodeURIComponent(token)}`, {});

describe('a stream token', () => {
  it('opens the events of one store without a key', async () => {
    const { status, body } = await tokenFor('JKT-01');
    expect([status, body.expires_at]).toEqual([201, plusMs(api.clock.now(), 60_000).toISOString()]);
    const source = await stream('JKT-01', body.token);
    await source.waitsFor(1);
    source.close();
  });

  it('opens the events and the snapshot of the store, but no payment and no further token', async () => {
    const { body } = await tokenFor('JKT-01');
    const statusOf = async (path: string, method = 'GET') => (await fetch(`${api.url}${path}?token=${body.token}`, { method })).status;
    expect(await statusOf('/stores/JKT-01/events')).toBe(200);
    expect(await statusOf('/stores/JKT-01/snapshot')).toBe(200);
    expect(await statusOf('/stores/JKT-01/stream-token', 'POST')).toBe(401);
    expect(await statusOf('/transaction/payments/pay_01jd0000000000000000000000')).toBe(401);
  });

  it('opens no other store, not even another store of the same key', async () => {
    const { body } = await tokenFor('JKT-01');
    expect([(await stream('JKT-02', body.token)).status, (await stream('STR-01', body.token)).status]).toEqual([404, 404]);
  });

  it('is not issued for a store that the key does not cover', async () => {
    expect(await tokenFor('STR-01')).toMatchObject({ status: 404, body: { code: 'store_not_found' } });
  });

  it('is invalid after 60 seconds, while a stream that it opened continues', async () => {
    const { body } = await tokenFor('JKT-02');
    api.clock.advance(59_999);
    const source = await stream('JKT-02', body.token);
    api.clock.advance(1);
    expect((await stream('JKT-02', body.token)).status).toBe(401);
    await appendEvents(api.db, 'JKT-02');
    await assignSequence(api.db);
    await source.waitsFor(1);
    source.close();
  });

  it('is invalid after any change', async () => {
    const { body } = await tokenFor('JKT-01');
    const [payload = '', signature = ''] = body.token.split('.');
    const forged = Buffer.from(JSON.stringify(['cli_x', 'JKT-01', Date.now() + 60_000])).toString('base64url');
    const answers = await Promise.all(
      [`${forged}.${signature}`, `${payload}.${signature.slice(1)}`, payload, 'x', ''].map((token) => stream('JKT-01', token)),
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
  });

  it('stays valid while the signing key is replaced, and not with an unknown signing key', () => {
    const tokensOf = (...keys: [string, ...string[]]) => createStreamTokens(keys, api.clock);
    const grant = { clientId: 'cli_1', storeId: 'JKT-01' };
    const { token } = tokensOf('the old key').issue(grant);
    expect(tokensOf('the new key', 'the old key').verify(token)).toEqual(grant);
    expect(tokensOf('the new key').verify(token)).toBeNull();
  });

  it('is invalid after the key that issued it is revoked, and its stream ends', async () => {
    const { id, secret } = await api.keyFor({});
    const { body } = await tokenFor('JKT-01', secret);
    const source = await stream('JKT-01', body.token);
    await api.revoke(id);
    await eventually(() => source.ended === 'ended');
    expect((await stream('JKT-01', body.token)).status).toBe(401);
  });
});
