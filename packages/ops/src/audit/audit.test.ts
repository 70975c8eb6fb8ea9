import { markPublished, openRefund, type Payment, type Queryable } from '@gateway/shared/store';
import type { PoolClient } from 'pg';
import { payInCash } from '../../../../testing/pos-orders.ts';
import { number } from '../../../../testing/telling.ts';
import { openWorkshop, type Workshop } from '../../../../testing/workshop.ts';
import { type Audit, audit, type BookedCharge, readSimulatorBook } from './index.ts';

let shop: Workshop;
let paid: Payment;
let expired: Payment;
let duplicate: Payment;
let strange: PoolClient;

beforeAll(async () => {
  shop = await openWorkshop();
  paid = await pay(await shop.pending());
  expired = await shop.pending({ expiresInMs: 60_000 });
  duplicate = await shop.pending();
  await payInCash(shop.db.pool, duplicate.orderKey);
  shop.simulator.controls.pay(`${duplicate.reference}-1`);
  await shop.run({ name: 'check-payment', payload: { host: 'pos', paymentId: duplicate.id, claim: duplicate.claims } });
  await openRefund(shop.db.pool, {
    payment: paid,
    attemptNo: 1,
    amount: 5_000 as never,
    cause: 'client',
    reason: 'cold',
    at: shop.clock.now(),
  });
  for (let n = 0; n < 8; n++) {
    shop.pass(15_000);
    await shop.runDue();
  }
  await tell();
  paid = await shop.now(paid);
  expect([paid.status, (await shop.now(expired)).status]).toEqual(['partially_refunded', 'expired']);
  strange = await shop.db.pool.connect();
});
afterAll(async () => {
  strange?.release();
  await shop?.close();
});

/** What the notifier does. */
async function tell(): Promise<void> {
  const events = await number(shop.db);
  await markPublished(shop.db, { from: 0, to: events.at(-1)?.turn ?? 0, at: shop.clock.now() });
}

async function pay(payment: Payment): Promise<Payment> {
  await shop.hear(`${payment.reference}-1`, 'paid');
  shop.simulator.controls.pay(`${payment.reference}-1`);
  await shop.runDue();
  return shop.now(payment);
}

function look(
  db: Queryable = shop.db.pool,
  readCharges: (() => Promise<BookedCharge[]>) | null = () => readSimulatorBook(shop.simulator.url),
): Promise<Audit> {
  return audit({ db, hosts: [shop.host], readCharges, now: shop.clock.now(), since: new Date(0) });
}
const said = ({ findings }: Audit) => [...new Set(findings.map(({ invariant, rule, state }) => `${invariant} ${rule} ${state}`))];

describe('the books of a gateway that works', () => {
  it('agree, all three', async () => {
    const found = await look();
    expect(found.findings).toEqual([]);
    expect([found.payments, found.charges]).toEqual([3, 3]);
  });
});

/** What a bug, or a hand in the database, could do to our own books. */
const wrongs: [string, (ids: { paid: string; expired: string; duplicate: string }) => string][] = [
  ['I1 paid_without_money broken', ({ paid: id }) => `update gateway.payments set received_idr = received_idr + 1 where id = '${id}'`],
  ['I1 money_without_paid broken', ({ duplicate: id }) => `update gateway.payments set status = 'cancelled' where id = '${id}'`],
  ['I1 accepted_without_money broken', ({ expired: id }) => `update gateway.attempts set accepted = true where payment_id = '${id}'`],
  ['I2 unexplained_money broken', ({ paid: id }) => `update gateway.attempts set accepted = false where payment_id = '${id}'`],
  [
    'I3 another_amount_than_the_bill broken',
    ({ paid: id }) => `update gateway.payments set amount_idr = amount_idr - 1 where id = '${id}'`,
  ],
  [
    'I3 two_at_once broken',
    ({ paid: id, expired: other }) => `update gateway.payments set hidden_at = null, expires_at = now() + interval '9 years',
    order_key = (select order_key from gateway.payments where id = '${other}') where id = '${id}'`,
  ],
  [
    'I4 not_in_the_table broken',
    ({ expired: id }) =>
      `update gateway.payment_events set payload = jsonb_set(payload, '{status}', '"refunded"') where payment_id = '${id}' and type = 'payment.expired'`,
  ],
  ['I4 changed_in_silence broken', ({ expired: id }) => `update gateway.payments set status = 'cancelled' where id = '${id}'`],
  [
    'I5 host_not_told broken',
    ({ paid: id }) => `insert into gateway.host_writes (payment_id, step, created_at) values ('${id}', 'paid', now())`,
  ],
  [
    'I5 host_not_told waiting',
    ({ paid: id }) =>
      `insert into gateway.host_writes (payment_id, step, created_at, next_try_at) values ('${id}', 'paid', now(), now() + interval '9 years')`,
  ],
  ['I6 accepted_not_released broken', ({ paid: id }) => `delete from gateway.releases where payment_id = '${id}'`],
  [
    'I6 cooked_unequal_once broken',
    ({ paid: id }) => `update gateway.payment_events set type = 'order.paid' where payment_id = '${id}' and type = 'payment.paid'`,
  ],
  ['I6 another_release_told broken', ({ paid: id }) => `update gateway.releases set release = 2 where payment_id = '${id}'`],
  ['I6 gap_in_a_store broken', () => 'update gateway.outbox set seq = seq + 1000 where seq > 3'],
  ['I6 not_told broken', () => `update gateway.outbox set published_at = null, occurred_at = occurred_at - interval '1 hour'`],
  ['I7 unfinished_webhook broken', () => 'update gateway.webhook_inbox set processed_at = null, verdict = null'],
  ['I7 unfinished_webhook waiting', () => `update gateway.webhook_inbox set processed_at = null, next_try_at = now() + interval '9 years'`],
  ['I7 webhook_of_an_unknown_charge broken', () => `update gateway.webhook_inbox set reference = 'pos-1', next_try_at = 'epoch'`],
  ['I8 attempt_without_end broken', ({ expired: id }) => `update gateway.attempts set status = 'unknown' where payment_id = '${id}'`],
  [
    'I8 attempt_without_end waiting',
    ({ expired: id }) =>
      `update gateway.attempts set status = 'unknown', resolve_at = now() + interval '9 years' where payment_id = '${id}'`,
  ],
  [
    'I8 orphan_not_taken_down broken',
    ({ expired: id }) => `update gateway.attempts set status = 'open', no = 2 where payment_id = '${id}'`,
  ],
  [
    'I8 open_payment_forgotten broken',
    ({ expired: id }) => `update gateway.payments set status = 'pending', check_at = null where id = '${id}'`,
  ],
  ['I8 watch_forgotten broken', ({ expired: id }) => `update gateway.payments set check_at = 'epoch' where id = '${id}'`],
  [
    'I8 refund_without_end broken',
    ({ paid: id }) => `update gateway.refunds set status = 'pending', finished_at = null where payment_id = '${id}'`,
  ],
  ['I9 reserved_is_not_the_sum broken', ({ paid: id }) => `update gateway.attempts set refund_reserved_idr = 1 where payment_id = '${id}'`],
  ['I9 refunded_is_not_the_sum broken', ({ paid: id }) => `update gateway.payments set refunded_idr = 1 where id = '${id}'`],
];

describe('a wrong in our own books', () => {
  it.each(wrongs)('is found: %s', async (name, wrong) => {
    await strange.query('begin');
    try {
      await strange.query(wrong({ paid: paid.id, expired: expired.id, duplicate: duplicate.id }));
      expect(said(await look(strange, null))).toContain(name);
    } finally {
      await strange.query('rollback');
    }
  });
});

/** What the provider's book could say that ours does not. */
const contradictions: [string, (charge: BookedCharge) => Partial<BookedCharge> | null][] = [
  ['I1 recorded_not_paid broken', (charge) => (charge.paid_amount ? { paid_amount: null } : null)],
  ['I1 paid_not_recorded waiting', (charge) => (charge.paid_amount ? null : { paid_amount: 55_000 })],
  ['I1 another_amount broken', (charge) => (charge.paid_amount ? { paid_amount: 54_999 } : null)],
  ['I3 shown_for_another_amount broken', () => ({ amount: 1 })],
  [
    'I7 webhook_not_kept broken',
    (charge) => ({ webhooks: ['a', 'b'].map((event) => ({ ...charge, event, forged: false, attempts: [{ result: 200 }] })) }),
  ],
  ['I9 more_back_than_paid broken', (charge) => ({ refunds: charge.refunds.map((refund) => ({ ...refund, amount: 55_001 })) })],
  ['I9 given_back_unasked broken', (charge) => ({ refunds: charge.refunds.map((refund) => ({ ...refund, reference: null })) })],
  ['I9 given_back_twice broken', (charge) => ({ refunds: charge.refunds.flatMap((refund) => [refund, refund]) })],
  ['I9 recorded_not_given_back broken', () => ({ refunds: [] })],
];

describe("what the provider's book says otherwise", () => {
  it.each(contradictions)('is found: %s', async (name, change) => {
    const book = (await readSimulatorBook(shop.simulator.url)).map((charge) => ({ ...charge, ...change(charge) }));
    expect(said(await look(shop.db.pool, async () => book))).toContain(name);
  });

  it('counts only when it is seen twice: at the first look it may have been under way', async () => {
    const book = await readSimulatorBook(shop.simulator.url);
    const looks = [book.map((charge) => ({ ...charge, paid_amount: null })), book];
    expect((await look(shop.db.pool, async () => looks.shift() ?? [])).findings).toEqual([]);
  });
});

describe("the host's own book", () => {
  const settle = (status: string, total: number) =>
    shop.db.pool.query(`update pos.orders set status = $2, paid_total = $3 where id = $1`, [other.orderKey, status, total]);
  let other: Payment;
  beforeAll(async () => {
    other = await pay(await shop.pending());
    await tell();
  });

  const row = (payment: Payment, status: string) =>
    shop.db.pool.query('update pos.payments set status = $2 where external_ref = $1', [payment.reference, status]);

  it('must have as paid what we say is paid, and nothing else', async () => {
    await row(other, 'pending');
    await row(expired, 'settled');
    expect((await look()).findings).toMatchObject([
      { invariant: 'I5', rule: 'paid_in_host_only', about: expired.id },
      { invariant: 'I5', rule: 'row_not_paid_in_host', about: other.id },
    ]);
    await row(other, 'settled');
    await row(expired, 'expired');
    expect((await look()).findings).toEqual([]);
  });

  it('must have as paid what we say is paid', async () => {
    await settle('open', 0);
    expect((await look()).findings).toMatchObject([
      { invariant: 'I5', rule: 'paid_not_in_host', about: other.id, theirs: 'paid 0 of 55000' },
    ]);
    await settle('paid', 55_000);
    expect((await look()).findings).toEqual([]);
  });
});
