import { asPaymentId } from './ids.ts';
import { isBooked, type UnbookedMoney, withUnbooked } from './unbooked-money.ts';

const money = (no: number, amount: string, hostPaidBefore: string | null = '0'): UnbookedMoney => ({
  paymentId: asPaymentId('pay_1'),
  no,
  amount,
  hostPaidBefore,
});

describe('the paid amount of an order', () => {
  it('is what the host shows when nothing is unbooked', () => {
    expect(withUnbooked('12000.50', [])).toEqual({ paid: '12000.5', booked: [] });
  });

  it('includes accepted money that the host does not show yet', () => {
    expect(withUnbooked('0', [money(1, '60000')])).toEqual({ paid: '60000', booked: [] });
  });

  it('does not include money twice once the host shows it', () => {
    expect(withUnbooked('60000', [money(1, '60000')])).toEqual({ paid: '60000', booked: [money(1, '60000')] });
  });

  it('does not take cash for a part of the money', () => {
    expect(withUnbooked('40000', [money(1, '60000')]).paid).toBe('100000');
  });

  it('counts two unbooked payments one after the other', () => {
    const both = [money(1, '30000'), money(2, '20000', '0')];
    expect(withUnbooked('30000', both)).toEqual({ paid: '50000', booked: [both[0]] });
  });

  it('includes money of a host that could not be read, until its deferred host write took effect', () => {
    expect(withUnbooked('25000', [money(1, '25000', null)]).paid).toBe('50000');
  });

  it('beside money of a host that could not be read, shows the other money by its own paid amount', () => {
    const [unread, read] = [money(1, '25000', null), money(2, '20000')];
    expect(withUnbooked('20000', [unread, read])).toEqual({ paid: '45000', booked: [read] });
    expect(withUnbooked('50000', [read, unread])).toEqual({ paid: '75000', booked: [read] });
  });

  it('is named when it is no number', () => {
    expect(() => withUnbooked('NaN', [])).toThrow('its paid amount is not a finite decimal');
  });
});

describe('a payment is booked by its host', () => {
  it.each([
    ['the paid amount has risen by the recorded amount', { total: '50000', paid: '30000' }, true],
    ['nothing is due any more', { total: '10000', paid: '10000' }, true],
    ['the paid amount has not risen', { total: '50000', paid: '10000' }, false],
  ])('when %s: %j is %s', (_, order, expected) => {
    expect(isBooked(order, { paidBefore: '10000', amount: '20000' })).toBe(expected);
  });

  it.each([
    ['paid amount', { total: '1', paid: 'NaN' }],
    ['total', { total: 'NaN', paid: '1' }],
  ])('only when its figures are numbers; else the error names the %s', (name, order) => {
    expect(() => isBooked(order, { paidBefore: '0', amount: '1' })).toThrow(`its ${name} is not a finite decimal`);
  });
});
