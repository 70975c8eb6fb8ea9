import type { Payment } from '@gateway/shared/payment';
import type { Queryable } from '@gateway/shared/postgres';
import { outbox, refunds } from '@gateway/shared/store';
import { payInCash } from '@gateway/testing/pos/pos-orders';
import { assignSequence } from '@gateway/testing/relay/event-fixtures';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import type { PoolClient } from 'pg';
import { type Audit, audit, type ProviderCharge, readSimulatorCharges } from './index.ts';

let worker: WorkerHarness;
let paid: Payment;
let expired: Payment;
let duplicate: Payment;
let client: PoolClient;

beforeAll(async () => {
  worker = await startWorkerHarness();
  paid = await pay(await worker.pending());
  expired = await worker.pending({ expiresInMs: 60_000 });
  duplicate = await worker.pending();
  await payInCash(worker.db.pool, duplicate.orderKey);
  worker.simulator.controls.pay(`${duplicate.reference}-1`);
  await worker.run({ name: 'check-payment', payload: { host: 'pos', paymentId: duplicate.id, leaseNo: duplicate.leaseNo } });
  await refunds.open(worker.db.pool, {
    payment: paid,
    attemptNo: 1,
    amount: 5_000 as never,
    cause: 'client',
    reason: 'cold',
    at: worker.clock.now(),
  });
  for (let n = 0; n < 8; n++) {
    worker.advance(15_000);
    await worker.runDue();
  }
  await publishEvents();
  paid = await worker.reload(paid);
  expect([paid.status, (await worker.reload(expired)).status]).toEqual(['partially_refunded', 'expired']);
  client = await worker.db.pool.connect();
});
afterAll(async () => {
  client?.release();
  await worker?.close();
});

/** Numbers the events and marks them as published, as the notifier does. */
async function publishEvents(): Promise<void> {
  const events = await assignSequence(worker.db);
  await outbox.markPublished(worker.db, { from: 0, to: events.at(-1)?.position ?? 0, at: worker.clock.now() });
}

async function pay(payment: Payment): Promise<Payment> {
  await worker.receiveWebhook(`${payment.reference}-1`, 'paid');
  worker.simulator.controls.pay(`${payment.reference}-1`);
  await worker.runDue();
  return worker.reload(payment);
}

function runAudit(
  db: Queryable = worker.db.pool,
  readCharges: (() => Promise<ProviderCharge[]>) | null = () => readSimulatorCharges(worker.simulator.url),
): Promise<Audit> {
  return audit({ db, hosts: [worker.host], readCharges, now: worker.clock.now(), since: new Date(0) });
}
const ruleStates = ({ findings }: Audit) => [...new Set(findings.map(({ invariant, rule, state }) => `${invariant} ${rule} ${state}`))];

describe('the audit of a correct gateway', () => {
  it('finds that the records of gateway, host and provider agree', async () => {
    const found = await runAudit();
    expect(found.findings).toEqual([]);
    expect([found.payments, found.charges]).toEqual([3, 3]);
  });
});

/** Changes of our own records that a bug or a manual update could make. */
const corruptions: [string, (ids: { paid: string; expired: string; duplicate: string }) => string][] = [
  ['I1 paid_without_money broken', ({ paid: id }) => `update gateway.payments set received_idr = received_idr + 1 where id = '${id}'`],
  ['I1 money_without_paid broken', ({ duplicate: id }) => `update gateway.payments set status = 'cancelled' where id = '${id}'`],
  ['I1 accepted_without_money broken', ({ expired: id }) => `update gateway.attempts set accepted = true where payment_id = '${id}'`],
  ['I2 unexplained_money broken', ({ paid: id }) => `update gateway.attempts set accepted = false where payment_id = '${id}'`],
  ['I3 bill_amount_differs broken', ({ paid: id }) => `update gateway.payments set amount_idr = amount_idr - 1 where id = '${id}'`],
  [
    'I3 two_displayable_qrs broken',
    ({ paid: id, expired: other }) => `update gateway.payments set hidden_at = null, expires_at = now() + interval '9 years',
    order_key = (select order_key from gateway.payments where id = '${other}') where id = '${id}'`,
  ],
  [
    'I4 transition_not_allowed broken',
    ({ expired: id }) =>
      `update gateway.payment_events set payload = jsonb_set(payload, '{status}', '"refunded"') where payment_id = '${id}' and type = 'payment.expired'`,
  ],
  ['I4 transition_without_event broken', ({ expired: id }) => `update gateway.payments set status = 'cancelled' where id = '${id}'`],
  [
    'I5 host_write_pending broken',
    ({ paid: id }) => `insert into gateway.host_writes (payment_id, step, created_at) values ('${id}', 'paid', now())`,
  ],
  [
    'I5 host_write_pending waiting',
    ({ paid: id }) =>
      `insert into gateway.host_writes (payment_id, step, created_at, next_try_at) values ('${id}', 'paid', now(), now() + interval '9 years')`,
  ],
  ['I6 accepted_not_released broken', ({ paid: id }) => `delete from gateway.releases where payment_id = '${id}'`],
  [
    'I6 released_not_once broken',
    ({ paid: id }) => `update gateway.payment_events set type = 'order.paid' where payment_id = '${id}' and type = 'payment.paid'`,
  ],
  ['I6 release_number_differs broken', ({ paid: id }) => `update gateway.releases set release = 2 where payment_id = '${id}'`],
  ['I6 sequence_gap broken', () => 'update gateway.outbox set seq = seq + 1000 where seq > 3'],
  ['I6 events_not_published broken', () => `update gateway.outbox set published_at = null, occurred_at = occurred_at - interval '1 hour'`],
  ['I7 unfinished_webhook broken', () => 'update gateway.webhook_inbox set processed_at = null, verdict = null'],
  ['I7 unfinished_webhook waiting', () => `update gateway.webhook_inbox set processed_at = null, next_try_at = now() + interval '9 years'`],
  ['I7 webhook_for_unknown_charge broken', () => `update gateway.webhook_inbox set reference = 'pos-1', next_try_at = 'epoch'`],
  ['I8 attempt_unresolved broken', ({ expired: id }) => `update gateway.attempts set status = 'unknown' where payment_id = '${id}'`],
  [
    'I8 attempt_unresolved waiting',
    ({ expired: id }) =>
      `update gateway.attempts set status = 'unknown', resolve_at = now() + interval '9 years' where payment_id = '${id}'`,
  ],
  [
    'I8 open_charge_not_cancelled broken',
    ({ expired: id }) => `update gateway.attempts set status = 'open', no = 2 where payment_id = '${id}'`,
  ],
  [
    'I8 open_payment_overdue broken',
    ({ expired: id }) => `update gateway.payments set status = 'pending', check_at = null where id = '${id}'`,
  ],
  ['I8 late_polling_overdue broken', ({ expired: id }) => `update gateway.payments set check_at = 'epoch' where id = '${id}'`],
  [
    'I8 refund_unresolved broken',
    ({ paid: id }) => `update gateway.refunds set status = 'pending', finished_at = null where payment_id = '${id}'`,
  ],
  ['I9 reserved_sum_differs broken', ({ paid: id }) => `update gateway.attempts set refund_reserved_idr = 1 where payment_id = '${id}'`],
  ['I9 refunded_sum_differs broken', ({ paid: id }) => `update gateway.payments set refunded_idr = 1 where id = '${id}'`],
];

describe('a fault in our own records', () => {
  it.each(corruptions)('is found: %s', async (name, corrupt) => {
    await client.query('begin');
    try {
      await client.query(corrupt({ paid: paid.id, expired: expired.id, duplicate: duplicate.id }));
      expect(ruleStates(await runAudit(client, null))).toContain(name);
    } finally {
      await client.query('rollback');
    }
  });
});

describe('a worker whose clock is four seconds ahead', () => {
  const shownTwice = (hiddenAt: string) => `with earlier as (
      update gateway.payments set order_key = q.order_key, hidden_at = ${hiddenAt} from gateway.payments q
      where gateway.payments.id = '${expired.id}' and q.id = '${paid.id}' returning gateway.payments.id, q.created_at),
    later as (update gateway.payments set hidden_at = null, expires_at = created_at + interval '9 years' where id = '${paid.id}')
    update gateway.payment_events e set occurred_at = earlier.created_at + interval '4 seconds'
    from earlier where e.payment_id = earlier.id and e.type = 'payment.pending'`;

  it.each([
    ['is no finding when the payment was hidden before the next one was made', 'q.created_at', false],
    ['is one when the payment was not hidden', 'null', true],
  ])('shows a QR that seems to be the later one, which %s', async (_, hiddenAt, isFound) => {
    await client.query('begin');
    try {
      await client.query(shownTwice(hiddenAt));
      expect(ruleStates(await runAudit(client, null)).includes('I3 two_displayable_qrs broken')).toBe(isFound);
    } finally {
      await client.query('rollback');
    }
  });
});

/** Changes of the provider's records that contradict ours. */
const contradictions: [string, (charge: ProviderCharge) => Partial<ProviderCharge> | null][] = [
  ['I1 recorded_not_paid broken', (charge) => (charge.paid_amount ? { paid_amount: null } : null)],
  ['I1 paid_not_recorded waiting', (charge) => (charge.paid_amount ? null : { paid_amount: 55_000 })],
  ['I1 amount_differs broken', (charge) => (charge.paid_amount ? { paid_amount: 54_999 } : null)],
  ['I3 shown_amount_differs broken', () => ({ amount: 1 })],
  [
    'I7 webhook_not_stored broken',
    (charge) => ({ webhooks: ['a', 'b'].map((event) => ({ ...charge, event, forged: false, attempts: [{ result: 200 }] })) }),
  ],
  ['I9 refunded_more_than_paid broken', (charge) => ({ refunds: charge.refunds.map((refund) => ({ ...refund, amount: 55_001 })) })],
  ['I9 external_refund broken', (charge) => ({ refunds: charge.refunds.map((refund) => ({ ...refund, reference: null })) })],
  ['I9 refunded_twice broken', (charge) => ({ refunds: charge.refunds.flatMap((refund) => [refund, refund]) })],
  ['I9 refund_not_at_provider broken', () => ({ refunds: [] })],
];

describe('a contradiction between the provider and our records', () => {
  it.each(contradictions)('is found: %s', async (name, change) => {
    const charges = (await readSimulatorCharges(worker.simulator.url)).map((charge) => ({ ...charge, ...change(charge) }));
    expect(ruleStates(await runAudit(worker.db.pool, async () => charges))).toContain(name);
  });

  it('counts only when both runs find it, because the first may have read a change in progress', async () => {
    const charges = await readSimulatorCharges(worker.simulator.url);
    const readings = [charges.map((charge) => ({ ...charge, paid_amount: null })), charges];
    expect((await runAudit(worker.db.pool, async () => readings.shift() ?? [])).findings).toEqual([]);
  });
});

describe("the host's own records", () => {
  const setOrder = (status: string, total: number) =>
    worker.db.pool.query(`update pos.orders set status = $2, paid_total = $3 where id = $1`, [other.orderKey, status, total]);
  let other: Payment;
  beforeAll(async () => {
    other = await pay(await worker.pending());
    await publishEvents();
  });

  const setHostPayment = (payment: Payment, status: string) =>
    worker.db.pool.query('update pos.payments set status = $2 where external_ref = $1', [payment.reference, status]);

  it('have a paid payment row if and only if the payment was accepted', async () => {
    await setHostPayment(other, 'pending');
    await setHostPayment(expired, 'settled');
    expect((await runAudit()).findings).toMatchObject([
      { invariant: 'I5', rule: 'paid_in_host_only', about: expired.id },
      { invariant: 'I5', rule: 'row_not_paid_in_host', about: other.id },
    ]);
    await setHostPayment(other, 'settled');
    await setHostPayment(expired, 'expired');
    expect((await runAudit()).findings).toEqual([]);
  });

  it('have an order as paid when its payment was accepted', async () => {
    await setOrder('open', 0);
    expect((await runAudit()).findings).toMatchObject([
      { invariant: 'I5', rule: 'paid_not_in_host', about: other.id, theirs: 'paid 0 of 55000' },
    ]);
    await setOrder('paid', 55_000);
    expect((await runAudit()).findings).toEqual([]);
  });
});

describe('a payment whose money is recorded by a process with a clock that is behind', () => {
  it('is correct, because each change is later than the one before it', async () => {
    const pending = await worker.pending();
    worker.advance(-30_000);
    const recorded = await pay(pending);
    worker.advance(30_000);
    await publishEvents();
    expect(recorded.status).toBe('paid');
    expect((await runAudit()).findings).toEqual([]);
    expect(await worker.events(recorded)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });
});
