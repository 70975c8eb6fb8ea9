import { aStoreOf, happen, number } from '../../../../testing/telling.ts';
import { type FrontDesk, openFrontDesk } from '../../test/front-desk.ts';

let desk: FrontDesk;
let store: string;

beforeAll(async () => {
  desk = await openFrontDesk();
});
afterAll(() => desk.close());
beforeEach(async () => {
  store = await aStoreOf(desk.db, desk.tenant, `JKT-${Math.random().toString(36).slice(2, 10)}`);
});

async function ask(path: string, { key = desk.key, ...headers }: Record<string, string> = {}) {
  const answer = await fetch(`${desk.url}${path}`, { headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...headers } });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown> & { events: { seq: number; event_id: string }[] },
  };
}
const seqs = ({ body }: Awaited<ReturnType<typeof ask>>) => body.events.map(({ seq }) => seq);
const events = (query: string) => ask(`/stores/${store}/events${query}`);

describe('the events of a store, as a list', () => {
  it('follow `after`, in order, as they are published', async () => {
    await happen(desk.db, store, { count: 5 });
    const published = await number(desk.db);
    const answer = await events('?after=2');
    expect(answer.body).toEqual({ events: published.slice(2).map(({ body }) => JSON.parse(body)), next_after: 5, oldest_seq: 1 });
  });

  it('come in pages: each says what to ask for next', async () => {
    await happen(desk.db, store, { count: 5 });
    await number(desk.db);
    const first = await events('?after=0&limit=3');
    const second = await events(`?after=${first.body.next_after}&limit=3`);
    expect([seqs(first), seqs(second), second.body.next_after]).toEqual([[1, 2, 3], [4, 5], 5]);
  });

  it('are none before the first, and none after the last', async () => {
    expect((await events('?after=0')).body).toEqual({ events: [], next_after: 0, oldest_seq: 1 });
    await happen(desk.db, store);
    await number(desk.db);
    expect((await events('?after=1')).body).toEqual({ events: [], next_after: 1, oldest_seq: 1 });
  });

  it('are not seen before they have a number, and are seen before Redis has heard them', async () => {
    await happen(desk.db, store);
    expect(seqs(await events('?after=0'))).toEqual([]);
    await number(desk.db);
    expect(seqs(await events('?after=0'))).toEqual([1]);
  });

  it('begin with the oldest that is kept when nothing is said', async () => {
    await happen(desk.db, store, { count: 4 });
    await number(desk.db);
    await forget('seq <= 2');
    const answer = await events('');
    expect([seqs(answer), answer.body.oldest_seq]).toEqual([[3, 4], 3]);
  });

  it.each(['after=-1', 'after=x', 'after=1&after=2', 'limit=0', 'limit=1001', 'limit='])('cannot be asked for with %s', async (query) => {
    const { status, body } = await events(`?${query}`);
    expect([status, body.code]).toEqual([400, 'validation_failed']);
  });
});

const forget = (which: string) =>
  desk.db.pool.query({ text: `delete from gateway.outbox where store_id = $1 and ${which}`, values: [store] });

describe('events that are kept no longer', () => {
  it('are 410 events_gone, which says what is left', async () => {
    await happen(desk.db, store, { count: 5 });
    await number(desk.db);
    await forget('seq <= 3');
    expect(await events('?after=2')).toMatchObject({ status: 410, body: { code: 'events_gone', oldest_seq: 4 } });
    expect(seqs(await events('?after=3'))).toEqual([4, 5]);
  });

  it('are 410 also when none is left, except for who has heard them all', async () => {
    await happen(desk.db, store, { count: 2 });
    await number(desk.db);
    await forget('true');
    expect(await events('?after=1')).toMatchObject({ status: 410, body: { oldest_seq: 3 } });
    expect((await events('?after=2')).body).toEqual({ events: [], next_after: 2, oldest_seq: 3 });
  });

  it('leave no hole that a screen could look for in vain: the list ends before it, and then is 410', async () => {
    await happen(desk.db, store, { count: 5 });
    await number(desk.db);
    await forget('seq = 3'); // numbered a moment after its midnight, and dropped with its day
    expect(seqs(await events('?after=0'))).toEqual([1, 2]);
    expect((await events('?after=2')).status).toBe(410);
  });

  it('are 410 for a number that was never given', async () => {
    expect((await events('?after=7')).status).toBe(410);
  });

  it('are 410 below the place where numbering went on after a restored backup', async () => {
    await happen(desk.db, store, { count: 2 });
    await number(desk.db);
    await desk.db.pool.query({ text: 'update gateway.stores set last_seq = 9, replay_from = 10 where store_id = $1', values: [store] });
    await happen(desk.db, store);
    await number(desk.db);
    expect(await events('?after=2')).toMatchObject({ status: 410, body: { oldest_seq: 10 } });
    expect(seqs(await events('?after=9'))).toEqual([10]);
  });
});

describe('the events of a store that is not yours', () => {
  it('are 404, whether it is another tenant’s, left out by the key, or none at all', async () => {
    await aStoreOf(desk.db, desk.stranger, 'STR-01');
    const { secret } = await desk.keyFor({ stores: ['JKT-77'] });
    const answers = await Promise.all([
      ask('/stores/STR-01/events'),
      ask(`/stores/${store}/events`, { key: secret }),
      ask('/stores/NONE-01/events'),
      ask('/stores/STR-01/snapshot'),
      ask('/stores/..%2f/events'),
    ]);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'store_not_found']));
  });

  it('are 403 without the scope, and 401 without a key', async () => {
    const { secret } = await desk.keyFor({ scopes: ['payments'] });
    expect((await ask(`/stores/${store}/events`, { key: secret })).status).toBe(403);
    expect((await ask(`/stores/${store}/events`, { key: '' })).status).toBe(401);
  });
});
