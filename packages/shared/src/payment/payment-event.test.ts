import { aPayment } from '@gateway/testing/worker/payment-fixture';
import { eventOf, transactionId } from './payment-event.ts';

const occurredAt = new Date('2026-03-02T03:05:00.000Z');

describe('an event', () => {
  it('carries the payment as it is', () => {
    const payment = aPayment({ reference: 'pos-1', shownAttempt: 2, status: 'paid' });
    expect(eventOf('payment.paid', payment, 'evt_1', occurredAt, { issuer: 'dana' })).toEqual({
      event_id: 'evt_1',
      type: 'payment.paid',
      occurred_at: '2026-03-02T03:05:00.000Z',
      host: 'pos',
      store_id: 'JKT-01',
      order_id: payment.orderKey,
      order_number: 'A-0042',
      table: null,
      order_type: null,
      metadata: null,
      payment_id: payment.id,
      transaction_id: 'pos-1-2',
      status: 'paid',
      amount: 55_000,
      currency: 'IDR',
      data: { issuer: 'dana' },
    });
  });

  it('shows the id, the table, the type and the metadata that the host gives with the order', () => {
    const details = { orderId: 'A-12', table: '7', orderType: 'dine_in', metadata: { cashier: 'Sari' } };
    const payment = aPayment({ orderKey: 'warung/A-12' });
    const event = eventOf('payment.paid', { ...payment, bill: { ...payment.bill, details } }, 'evt_1', occurredAt, {});
    expect(event).toMatchObject({ order_id: 'A-12', table: '7', order_type: 'dine_in', metadata: { cashier: 'Sari' } });
    expect(JSON.stringify(event)).not.toContain('warung');
  });

  it('has no transaction id before a QR was on display', () => {
    expect(transactionId({ reference: 'pos-1', shownAttempt: null })).toBeNull();
  });
});
