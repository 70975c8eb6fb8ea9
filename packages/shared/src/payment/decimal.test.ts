import Big from 'big.js';
import { decimal, isWhole, roundDown, sum, truncate } from './decimal.ts';
import { OrderNotPayable } from './domain-error.ts';

const digits = (count: number) => '9'.repeat(count);

describe('a figure of a host', () => {
  it.each(['0', '-0', '12', '-12.50', '0.1', digits(100), `-${digits(100)}.${digits(100)}`])('is read exactly: %s', (text) => {
    expect(decimal(text, 'total').eq(new Big(text))).toBe(true);
  });

  it.each(['', ' 1', '1 ', '+1', '--1', '1.', '.5', '1e5', 'NaN', 'Infinity', '1,5', '1.2.3', digits(101), `1.${digits(101)}`])(
    'is refused by the name of its column when it is no finite decimal: %j',
    (text) => {
      expect(() => decimal(text, 'total')).toThrow(new OrderNotPayable('its total is not a finite decimal'));
    },
  );
});

const shown = (amount: Big) => amount.toFixed();

describe('exact amounts', () => {
  it('add up', () => {
    expect(shown(sum([]))).toBe('0');
    expect(shown(sum([new Big('0.1'), new Big('0.2')]))).toBe('0.3');
  });

  it.each([
    ['1.9', '1', '1'],
    ['-1.9', '-1', '-2'],
    ['-0.2', '0', '-1'],
    ['2', '2', '2'],
    ['-2', '-2', '-2'],
  ])('%s is %s without its fraction, and %s rounded down', (amount, truncated, down) => {
    expect([Number(truncate(new Big(amount))) + 0, shown(roundDown(new Big(amount)))]).toEqual([Number(truncated), down]);
    expect(isWhole(new Big(amount))).toBe(amount === truncated);
  });
});
