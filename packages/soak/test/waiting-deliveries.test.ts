import { plusMs } from '@gateway/shared/runtime';
import { numberedEvents, webhookCursors } from '@gateway/shared/store';
import { startWebhookFixture, type WebhookFixture } from '@gateway/testing/webhooks/webhook-fixture';
import pg from 'pg';
import { pagesRead, statementsOf } from './plans/statements.ts';

const endpoints = 20;
const storeCount = 10;
const eventsOfStore = { few: 10, many: 5_000 }; // for twenty endpoints and ten stores: a million deliveries that wait

let fixture: WebhookFixture;
let client: pg.Client;
beforeAll(async () => {
  fixture = await startWebhookFixture();
  client = new pg.Client(fixture.url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await fixture?.close();
});

/** Numbers events of these stores up to this seq. */
const fill = (storeIds: string[], seq: number) =>
  client.query({
    text: `with happened as (
        insert into gateway.outbox (event_id, occurred_at, store_id, seq, position, type, order_key, payment_id, published_at)
        select 'evt_' || s.store_id || n, now(), s.store_id, n, nextval('gateway.outbox_positions'), 'payment.paid', 'o', 'pay_' || n, now()
        from gateway.stores s, generate_series(s.last_seq + 1, $2) n where s.store_id = any($1) returning event_id, occurred_at, payment_id, type, store_id),
      kept as (
        insert into gateway.payment_events (event_id, occurred_at, payment_id, type, payload)
        select event_id, occurred_at, payment_id, type, jsonb_build_object('event_id', event_id, 'type', type, 'store_id', store_id, 'data', repeat('x', 400)) from happened)
      update gateway.stores set last_seq = $2 where store_id = any($1)`,
    values: [storeIds, seq],
  });

/** Every cursor is due, and none of its events is delivered. */
const allWait = () => client.query(`update gateway.webhook_cursors set after_seq = 0, lease_no = 0, leased_until = null, due_at = now()`);

/** How many pages one round of the dispatcher reads: it notes an event of each store, claims what is due, and acknowledges each delivery. */
async function pagesOfRound(storeIds: string[], endpointIds: string[], seq: number): Promise<Record<string, number>> {
  const now = plusMs(new Date(), 1_000);
  const leasedUntil = plusMs(now, webhookCursors.leaseMs);
  const capacity = new Map(endpointIds.map((id) => [id, 32]));
  const attempt = { at: now, statusCode: 204, error: null, durationMs: 1 };
  const events = storeIds.map((storeId) => ({
    storeId,
    seq,
    type: 'payment.paid',
    eventId: `evt_${storeId}${seq}`,
    occurredAt: now,
    body: '{}',
  }));
  const claim = () => webhookCursors.claim(fixture.db.pool, capacity, now, leasedUntil);

  await allWait();
  const note = await pagesRead(
    client,
    await statementsOf(() => numberedEvents.note(fixture.db, events, now, { endpointIds, leasedUntil })),
  );
  const claiming = await statementsOf(claim);
  await allWait();
  const claimPages = await pagesRead(client, claiming);
  const leased = await claim();
  expect([leased.length, ...new Set(leased.map((due) => due.seq))]).toEqual([endpoints * storeCount, 1]);
  const delivered = leased.map((due) => ({ due, attempt, leasedUntil }));
  const acknowledge = await pagesRead(client, await statementsOf(() => webhookCursors.delivered(fixture.db.pool, delivered)));
  return { note, claim: claimPages, acknowledge };
}

it('a million deliveries that wait make no statement of the dispatcher read more than three times the pages that it reads with two thousand', async () => {
  const storeIds: string[] = [];
  for (let n = 0; n < storeCount; n++) storeIds.push(await fixture.store());
  const endpointIds: string[] = [];
  for (let n = 0; n < endpoints; n++) endpointIds.push((await fixture.endpoint({ url: 'http://127.0.0.1/' })).id);
  const pages: Record<string, Record<string, number>> = {};
  for (const [size, seq] of Object.entries(eventsOfStore)) {
    await fill(storeIds, seq);
    await numberedEvents.catchUp(fixture.db, new Date());
    await client.query('vacuum analyze gateway.outbox, gateway.payment_events, gateway.webhook_cursors, gateway.webhook_deliveries');
    pages[size] = await pagesOfRound(storeIds, endpointIds, seq);
  }
  const { rows } = await client.query<{ waiting: number }>(
    'select sum(target_seq - after_seq)::int as waiting from gateway.webhook_cursors',
  );
  expect(rows[0]?.waiting).toBeGreaterThan(900_000);
  const ratios = Object.entries(pages.few ?? {}).map(([name, few]) => [name, (pages.many?.[name] ?? Number.NaN) / few] as const);
  expect(ratios.map(([name]) => name)).toEqual(['note', 'claim', 'acknowledge']);
  expect(ratios.filter(([, ratio]) => !(ratio < 3))).toEqual([]); // an index of 50,000 entries has a level or two more
});
