import type { Payment } from '@gateway/shared/payment';
import { rupiah } from '@gateway/shared/payment';
import { operatorDiscrepancies, refunds, waitingMoney } from '@gateway/shared/store';
import { startPosHost } from '@gateway/testing/pos/pos-host';
import { payInCash } from '@gateway/testing/pos/pos-orders';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';

/** Money and dishes when the host is wrong, slow to book, or changes the order after the QR was made. */
let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

const query = (text: string, values: unknown[] = []) => worker.db.pool.query(text, values);
const referenceOf = ({ reference, shownAttempt }: Payment) => `${reference}-${shownAttempt}`;

async function pay(payment: Payment): Promise<Payment> {
  worker.simulator.controls.pay(referenceOf(payment));
  await worker.receiveWebhook(referenceOf(payment), 'paid');
  await worker.runDue();
  return worker.reload(payment);
}
async function settle(): Promise<void> {
  for (const ms of [0, 5_000, 30_000, 60_000, 300_000]) {
    worker.advance(ms);
    await worker.runDue();
  }
}
async function databaseUrl(): Promise<string> {
  const url = new URL(worker.db.pool.options.connectionString as string);
  url.pathname = `/${(await query('select current_database() as name')).rows[0]?.name}`;
  return url.href;
}
const openReasons = async ({ id }: Payment) =>
  (await query('select reason from gateway.discrepancies where payment_id = $1 and closed_at is null order by id', [id])).rows.map(
    ({ reason }) => reason,
  );
const hostRow = async ({ reference }: Payment) =>
  (await query('select status from pos.payments where external_ref = $1', [reference])).rows[0]?.status;
const releasedItems = async (orderKey: string) => {
  const text = `select payload->'data'->'items' as items from gateway.payment_events where type = 'order.paid' and payload->>'order_id' = $1 order by occurred_at`;
  return (await query(text, [orderKey])).rows.map(({ items }) =>
    items.map(({ name, quantity }: { name: string; quantity: number }) => `${quantity} ${name}`),
  );
};

describe('an order that cannot be read when its money comes', () => {
  afterEach(async () => {
    await query('alter table pos.orders rename column total_of_bill to grand_total').catch(() => {});
  });

  it('is recorded as paid, the till learns of it, and the host is written as soon as it can be read', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query('alter table pos.orders rename column grand_total to total_of_bill');
    const paid = await pay(payment);
    expect(paid).toMatchObject({ status: 'paid', received: 25_000, needsReview: true });
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review']);
    expect(await openReasons(payment)).toEqual(['host_refused']);

    await query('alter table pos.orders rename column total_of_bill to grand_total');
    await settle();
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'payment.review', 'order.paid']);
    expect([await hostRow(payment), await openReasons(payment)]).toEqual(['settled', []]);
  });

  it('is recorded as paid also when only a line is wrong, and the kitchen gets the dishes once the line is right', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query(`update pos.order_items set qty = 'NaN' where order_id = $1`, [payment.orderKey]);
    expect(await pay(payment)).toMatchObject({ status: 'paid', received: 25_000, needsReview: true });
    expect(await releasedItems(payment.orderKey)).toEqual([]);

    await query('update pos.order_items set qty = 2 where order_id = $1', [payment.orderKey]);
    await settle();
    expect(await releasedItems(payment.orderKey)).toEqual([['2 Nasi Goreng Kampung']]);
    expect(await openReasons(payment)).toEqual([]);
  });

  it('is recorded as paid also by a worker that was started after the order became unreadable', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query('alter table pos.orders rename column grand_total to total_of_bill');
    const restarted = await startPosHost(await databaseUrl());
    const handlers = createHandlers({ ...worker.deps, hosts: restarted.hosts });
    expect(restarted.hosts.states()).toMatchObject([{ id: 'pos', ready: false }]);
    worker.simulator.controls.pay(referenceOf(payment));
    const inboxId = await worker.receiveWebhook(referenceOf(payment), 'paid');
    const { rows } = await query('select lease_no from gateway.webhook_inbox where id = $1', [inboxId]);
    await handlers['verify-webhook']({ host: 'pos', inboxId, leaseNo: rows[0].lease_no });
    await restarted.close();
    expect(await worker.reload(payment)).toMatchObject({ status: 'paid', received: 25_000, needsReview: true });
  });

  it('is named by readiness with the words of PostgreSQL until the host has recorded it, and every other order is served', async () => {
    const warnings = () => waitingMoney([worker]);
    const before = await warnings();
    const payment = await worker.pending({ total: 25_000 });
    await query('alter table pos.orders rename column grand_total to total_of_bill');
    await pay(payment);
    expect(await warnings()).toEqual([
      ...before,
      expect.stringMatching(
        new RegExp(
          `^pos: order ${payment.orderNumber} is paid by ${payment.id}, and since .*: pos/order.sql:.*column o.grand_total does not exist`,
        ),
      ),
    ]);

    await query('alter table pos.orders rename column total_of_bill to grand_total');
    await settle();
    expect(await warnings()).toEqual([]);
    expect((await worker.pending()).status).toBe('pending');
  });

  it('is retried at growing intervals, and an operator learns of a host that stays wrong', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query('alter table pos.orders rename column grand_total to total_of_bill');
    await pay(payment);
    await query('update gateway.host_writes set lease_no = 5 where payment_id = $1', [payment.id]);
    await settle();
    const { rows } = await query('select lease_no, last_error, next_try_at from gateway.host_writes where payment_id = $1', [payment.id]);
    expect(rows[0]).toMatchObject({ last_error: expect.stringContaining('grand_total') });
    expect(rows[0].lease_no).toBeLessThan(12);
    expect(await openReasons(payment)).toEqual(['host_refused', 'host_not_told']);
  });
});

describe('a refund of an order that cannot be read', () => {
  afterEach(async () => {
    await query('alter table pos.orders rename column total_of_bill to grand_total').catch(() => {});
  });

  it('is concluded at once, and the host learns of it as soon as it can be read', async () => {
    const payment = await pay(await worker.pending({ total: 25_000 }));
    await query('alter table pos.orders rename column grand_total to total_of_bill');
    const refund = { payment, attemptNo: 1, amount: rupiah(25_000), cause: 'client' as const, reason: 'cold', at: worker.clock.now() };
    await refunds.open(worker.db.pool, refund);
    await settle();
    expect(await worker.reload(payment)).toMatchObject({ status: 'refunded', refunded: 25_000 });
    expect([(await worker.events(payment)).at(-1), await hostRow(payment)]).toEqual(['refund.succeeded', 'settled']);

    await query('alter table pos.orders rename column total_of_bill to grand_total');
    await settle();
    expect(await hostRow(payment)).toBe('refunded');
  });
});

describe('the dishes of an order that was changed after its QR was made', () => {
  it('are cooked as they are ordered when the money comes', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query(`update pos.order_items set name = 'Mie goreng', sku = 'MKN-002' where order_id = $1`, [payment.orderKey]);
    await pay(payment);
    expect(await releasedItems(payment.orderKey)).toEqual([['1 Mie goreng']]);
  });

  it('have no control characters, which a printer would obey', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query(`update pos.order_items set name = E'Mie\\x1bgoreng ', note = E' pedas\\x07' where order_id = $1`, [payment.orderKey]);
    await pay(payment);
    expect(await releasedItems(payment.orderKey)).toEqual([['1 Mie goreng']]);
  });

  it('are cooked once when the order is reopened and paid again for more', async () => {
    const first = await worker.pending({ total: 25_000 });
    await pay(first);
    await query(
      `update pos.orders set status = 'open', subtotal = subtotal + 8000, grand_total = grand_total + 8000, version = version + 1 where id = $1`,
      [first.orderKey],
    );
    await query(
      `insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total) values ($1, 9, 'Kopi susu', 1, 8000, 8000)`,
      [first.orderKey],
    );
    const second = await worker.pending({ orderId: first.orderKey });
    await pay(second);
    expect(await releasedItems(first.orderKey)).toEqual([['1 Nasi Goreng Kampung'], ['1 Kopi susu']]);
  });
});

describe('a host that books payments later', () => {
  /** paid.sql takes effect, and the order's paid amount does not rise: a trigger keeps it as it was. */
  async function bookLater(isLater: boolean): Promise<void> {
    await query('drop trigger if exists books_later on pos.orders');
    await query(
      `create or replace function public.books_later() returns trigger language plpgsql as $$
        begin new.paid_total := old.paid_total; new.status := old.status; return new; end $$`,
    );
    if (isLater)
      await query(
        'create trigger books_later before update of paid_total on pos.orders for each row execute function public.books_later()',
      );
  }
  afterEach(() => bookLater(false));

  afterEach(() => {
    worker.settings.isAtOnce = true;
  });

  it.each([
    ['with few statements', true],
    ['step by step', false],
  ])('does not owe money again that was recorded %s: a second press gets no second QR, and the kitchen cooks once', async (_, isAtOnce) => {
    worker.settings.isAtOnce = isAtOnce;
    await bookLater(true);
    const payment = await worker.pending({ total: 25_000 });
    await pay(payment);
    await expect(worker.created({ orderId: payment.orderKey })).rejects.toThrow('is accepted, and the host has not booked it yet');
    expect(await worker.events(payment)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
  });

  it('takes the money of one payment only: that of another QR goes back although the order still looks unpaid', async () => {
    const first = await worker.pending({ total: 25_000, expiresInMs: 60_000 });
    worker.advance(60_000);
    await worker.runDue();
    const second = await worker.pending({ orderId: first.orderKey });
    await bookLater(true);
    await pay(second);
    await pay(first);
    await settle();
    expect(await worker.events(second)).toEqual(['payment.pending', 'payment.paid', 'order.paid']);
    expect(await worker.events(first)).toContain('payment.duplicate_paid');
    expect(await refunds.ofPayment(worker.db.pool, first.id)).toMatchObject([{ amount: 25_000, cause: 'duplicate', status: 'succeeded' }]);
  });

  it('owes what is ordered afterwards, once it has booked the payment', async () => {
    await bookLater(true);
    const payment = await worker.pending({ total: 25_000 });
    await pay(payment);
    await bookLater(false);
    await query('update pos.orders set paid_total = 25000, grand_total = 33000, subtotal = 33000, version = version + 1 where id = $1', [
      payment.orderKey,
    ]);
    await query(
      `insert into pos.order_items (order_id, line_no, name, qty, unit_price, line_total) values ($1, 9, 'Kopi susu', 1, 8000, 8000)`,
      [payment.orderKey],
    );
    expect(await worker.created({ orderId: payment.orderKey })).toMatchObject({ amount: 8_000 });
  });
});

describe('the host’s row of a payment whose money was not kept', () => {
  it('ends when a duplicate was refunded', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await payInCash(worker.db.pool, payment.orderKey);
    await pay(payment);
    expect(await hostRow(payment)).toBe('pending');
    await settle();
    expect(await hostRow(payment)).toBe('failed');
  });

  it('ends when an operator has closed the discrepancy of money that the host refused', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query(`update pos.orders set status = 'void', version = version + 1 where id = $1`, [payment.orderKey]);
    await pay(payment);
    expect([await hostRow(payment), await openReasons(payment)]).toEqual(['pending', ['host_refused']]);
    const { rows } = await query('select id::int from gateway.discrepancies where payment_id = $1', [payment.id]);
    const closing = { id: rows[0].id, host: 'pos', by: 'sari', because: 'returned in cash', at: worker.clock.now() };
    await operatorDiscrepancies.close(worker.db, closing);
    await settle();
    expect(await hostRow(payment)).toBe('failed');
  });

  it('ends when money that the host refused was refunded by an operator', async () => {
    const payment = await worker.pending({ total: 25_000 });
    await query(`update pos.orders set status = 'void', version = version + 1 where id = $1`, [payment.orderKey]);
    const paid = await pay(payment);
    const request = {
      payment: paid,
      attemptNo: 1,
      amount: rupiah(25_000),
      cause: 'operator' as const,
      reason: 'void',
      at: worker.clock.now(),
    };
    await refunds.open(worker.db.pool, request);
    await settle();
    expect([await hostRow(payment), (await worker.reload(payment)).status]).toEqual(['failed', 'refunded']);
  });
});
