import { sealedSecret } from '@gateway/shared/runtime';
import { webhookEndpoints } from '@gateway/shared/store';
import { type ApiHarness, startApiHarness } from '@gateway/testing/api/api-harness';
import { appendEvents, aStoreOf, assignSequence } from '@gateway/testing/relay/event-fixtures';
import { testMasterKeys } from '@gateway/testing/webhooks/test-secrets';
import supertest from 'supertest';

let api: ApiHarness;
beforeAll(async () => {
  api = await startApiHarness();
});
afterAll(() => api.close());

type Method = 'get' | 'post' | 'patch' | 'delete';
const call = (method: Method, path: string, body?: object, key = api.key) =>
  supertest(api.url)[method](`/webhook-endpoints${path}`).set('authorization', `Bearer ${key}`).send(body);
const create = (body: object = {}, key = api.key) => call('post', '', { url: 'https://hook.example.id/qris', events: ['*'], ...body }, key);
const stored = (id: string) =>
  api.db.pool
    .query<{ secrets: webhookEndpoints.EndpointSecret[]; client_id: string }>('select * from gateway.webhook_endpoints where id = $1', [id])
    .then(({ rows }) => rows[0]);

describe('a webhook endpoint', () => {
  it('is created with a secret that is shown once and stored sealed', async () => {
    const { status, body } = await create({ events: ['payment.paid'], store_ids: ['JKT-01'], description: 'kitchen' });
    const { secret, ...shown } = body;
    expect(status).toBe(201);
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toEqual({
      id: expect.stringMatching(/^we_[0-9a-z]{26}$/),
      url: 'https://hook.example.id/qris',
      events: ['payment.paid'],
      store_ids: ['JKT-01'],
      description: 'kitchen',
      created_at: api.clock.now().toISOString(),
      disabled: false,
      disabled_at: null,
      disabled_reason: null,
    });
    const row = await stored(shown.id);
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(sealedSecret.open(testMasterKeys, webhookEndpoints.sealedRow(shown.id), row?.secrets[0]?.sealed ?? '')).toBe(secret);
    expect((await call('get', `/${shown.id}`)).body).toEqual(shown);
    expect((await call('get', '')).body.webhook_endpoints).toContainEqual(shown);
  });

  it.each([
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://[::ffff:169.254.169.254]/',
    'http://hook.example.id/',
    'https://user:password@hook.example.id/',
    'not a url',
  ])('is refused with the URL %s', async (url) => {
    const { status, body } = await create({ url });
    expect([status, body.code, body.errors[0].path]).toEqual([422, 'url_not_allowed', 'url']);
    const { body: endpoint } = await create();
    expect((await call('patch', `/${endpoint.id}`, { url })).body.code).toBe('url_not_allowed');
  });

  it.each([
    [{ events: [] }, 'events'],
    [{ events: ['payment.unknown'] }, 'events.0'],
    [{ store_ids: [] }, 'store_ids'],
    [{ secret: 'mine' }, 'secret'],
  ])('is refused with %j', async (body, path) => {
    const answer = await create(body);
    expect([answer.status, answer.body.errors[0].path]).toEqual([400, path]);
  });

  it('belongs to its key: another key, also of the same tenant, does not find it', async () => {
    const { body } = await create();
    const { secret: another } = await api.keyFor({});
    for (const [method, path, sent] of [
      ['get', ''],
      ['patch', '', {}],
      ['delete', ''],
      ['post', '/rotate-secret'],
      ['post', '/test'],
      ['get', '/deliveries'],
      ['post', '/recover', { since: api.clock.now().toISOString() }],
    ] as [Method, string, object?][]) {
      const answer = await call(method, `/${body.id}${path}`, sent, another);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect((await call('get', '', undefined, another)).body).toEqual({ webhook_endpoints: [] });
  });

  it('needs the scope webhooks', async () => {
    const { secret } = await api.keyFor({ scopes: ['payments'] });
    expect((await create({}, secret)).body.code).toBe('forbidden');
  });

  it('gets events of the stores of its key only', async () => {
    const { secret } = await api.keyFor({ stores: ['JKT-01', 'JKT-02'] });
    expect((await create({ store_ids: ['BDG-01'] }, secret)).body.code).toBe('store_not_found');
    expect((await create({}, secret)).body.store_ids).toEqual(['JKT-01', 'JKT-02']);
  });

  it('is changed, disabled with the reason shown, enabled, and deleted', async () => {
    const { body } = await create();
    const changed = await call('patch', `/${body.id}`, { events: ['order.paid'], disabled: true });
    expect(changed.body).toMatchObject({ events: ['order.paid'], disabled: true, disabled_reason: 'disabled by its owner' });
    expect((await call('patch', `/${body.id}`, { disabled: false })).body).toMatchObject({ disabled: false, disabled_at: null });
    expect((await call('delete', `/${body.id}`)).status).toBe(204);
    expect((await call('get', `/${body.id}`)).status).toBe(404);
  });

  it('has a second secret after a rotation, and the first one ends after 24 hours', async () => {
    const { body } = await create();
    const rotated = await call('post', `/${body.id}/rotate-secret`);
    expect([rotated.status, rotated.body.secret === body.secret]).toEqual([200, false]);
    const { secrets = [] } = (await stored(body.id)) ?? {};
    const until = new Date(api.clock.now().getTime() + 86_400_000).toISOString();
    expect(secrets.map((each) => each.until)).toEqual([null, until]);
  });
});

describe('the deliveries of an endpoint', () => {
  it('are listed newest first, page by page, also those that wait', async () => {
    const store = await aStoreOf(api.db, api.tenant, 'WEB-01');
    const { body } = await create({ store_ids: [store] });
    const events = await appendEvents(api.db, store, { count: 5 });
    await assignSequence(api.db);
    await api.db.pool.query('update gateway.webhook_cursors set target_seq = 5 where endpoint_id = $1', [body.id]);
    const found: string[] = [];
    for (let cursor = ''; ; ) {
      const { body: page } = await call('get', `/${body.id}/deliveries?limit=2&state=pending${cursor}`);
      found.push(...page.deliveries.map(({ event_id }: { event_id: string }) => event_id));
      if (!page.next_cursor) break;
      cursor = `&cursor=${page.next_cursor}`;
    }
    expect(found).toEqual(
      events
        .map(({ event_id }) => event_id)
        .sort()
        .reverse(),
    );
    expect((await call('get', `/${body.id}/deliveries?cursor=none`)).body.errors[0].path).toBe('cursor');
    expect((await call('get', `/${body.id}/deliveries?state=lost`)).status).toBe(400);
  });

  it('are sent again from a time in the last 72 hours only', async () => {
    const { body } = await create();
    const hoursAgo = (hours: number) => new Date(api.clock.now().getTime() - hours * 3_600_000).toISOString();
    expect((await call('post', `/${body.id}/recover`, { since: hoursAgo(71) })).status).toBe(202);
    for (const since of [hoursAgo(73), hoursAgo(-1), 'yesterday'])
      expect((await call('post', `/${body.id}/recover`, { since })).body.errors[0].path).toBe('since');
  });

  it('include a test event', async () => {
    const { body } = await create();
    const test = await call('post', `/${body.id}/test`);
    expect([test.status, test.body.event_id]).toEqual([202, expect.stringMatching(/^evt_/)]);
    const { rows } = await api.db.pool.query(
      'select test_event from gateway.webhook_cursors where endpoint_id = $1 and due_at is not null',
      [body.id],
    );
    expect(JSON.parse(rows[0].test_event)).toMatchObject({ event_id: test.body.event_id, type: 'webhook.test' });
  });
});
