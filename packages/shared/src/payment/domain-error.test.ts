import { AmountOutOfRange, IllegalTransition, OrderDoesNotReconcile, OrderNotPayable } from './domain-error.ts';

describe('an error of a rule', () => {
  it('is named after its class, also in logs', () => expect(`${new OrderNotPayable('it is void')}`).toMatch(/^OrderNotPayable: /));

  it('gives the caller the reason why an order cannot be paid', () => {
    const error = new OrderNotPayable('it is void');
    expect(error).toMatchObject({ reason: 'it is void', message: 'the order cannot be paid: it is void' });
  });

  it('names the amount that is out of range, and the range', () => {
    const error = new AmountOutOfRange('10000000.5', 10_000_000);
    expect(error).toMatchObject({
      due: '10000000.5',
      message: 'the amount due is 10000000.5, and one QRIS payment carries 1 to 10000000 whole rupiah',
    });
  });

  it('says that a bill does not add up, and keeps its figures for the log', () => {
    const parts = { total: '1', lineCount: 0, linesTotal: '0', charges: [], difference: '-1', tolerance: '0' };
    expect(new OrderDoesNotReconcile(parts)).toMatchObject({
      parts,
      message: 'the lines and charges of the order do not add up to its total',
    });
  });

  it('tells a change of status that may not be from an event that may not occur', () => {
    expect(new IllegalTransition('paid', 'pending', 'payment.pending').message).toBe(
      'a payment cannot go from paid to pending by payment.pending',
    );
    expect(new IllegalTransition('created', 'created', 'order.paid').message).toBe('order.paid may not occur while a payment is created');
  });
});
