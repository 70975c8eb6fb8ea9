import { type Bill, makeBill } from './bill.ts';
import { orderChange } from './order-change.ts';

const policy = { rounding: 'up', record: 'charged', maxResidue: '1', tolerance: null } as const;
const order = { currency: 'IDR', total: '55000.25', paid: '0', payable: true };
const bill: Bill = makeBill({ ...order, lines: [], charges: [] }, policy);

describe('a QR', () => {
  it('stays while its order may be paid and owes what the QR asks for', () => {
    expect(bill.amount).toBe(55_001);
    expect(orderChange(order, bill, policy)).toBeNull();
    expect(orderChange({ ...order, total: '60000.250', paid: '5000.00' }, bill, policy)).toBeNull();
  });

  it.each([
    ['a dish was added', { total: '60000.25' }],
    ['a dish was taken off', { total: '54000.25' }],
    ['a part was paid otherwise', { paid: '20000' }],
  ])('is for another amount when %s', (_, change) => {
    expect(orderChange({ ...order, ...change }, bill, policy)).toBe('amount_changed');
  });

  it.each([
    ['deleted', null],
    ['void', { ...order, payable: false }],
    ['paid otherwise', { ...order, paid: '55000.25' }],
    ['paid otherwise with more than it owed', { ...order, paid: '60000' }],
    ['to be paid in another currency', { ...order, currency: 'USD' }],
  ])('may not be paid when its order is %s', (_, changed) => {
    expect(orderChange(changed, bill, policy)).toBe('order_closed_elsewhere');
  });

  it.each(['half_up', 'half_even', 'down'] as const)('stays when its host rounds %s from now on', (rounding) => {
    expect(orderChange(order, bill, { ...policy, rounding })).toBeNull();
  });

  it('cannot be judged by an order whose figures are no numbers', () => {
    expect(() => orderChange({ ...order, total: 'NaN' }, bill, policy)).toThrow('not a finite decimal');
  });
});
