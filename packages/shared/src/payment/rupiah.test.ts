import fc from 'fast-check';
import { addRupiah, formatRupiah, parseRupiah, qrisCeiling, rupiah } from './rupiah.ts';

describe('rupiah', () => {
  it.each([0, 1, 10_000_000, Number.MAX_SAFE_INTEGER])('takes %p', (amount) => {
    expect(rupiah(amount)).toBe(amount);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1])('refuses %p', (amount) => {
    expect(() => rupiah(amount)).toThrow(new RangeError(`${amount} is not a whole rupiah amount`));
  });

  it('adds, and refuses a sum that is no longer exact', () => {
    expect(addRupiah()).toBe(0);
    expect(addRupiah(rupiah(25_000), rupiah(2_750))).toBe(27_750);
    expect(() => addRupiah(rupiah(Number.MAX_SAFE_INTEGER), rupiah(1))).toThrow(RangeError);
  });

  it('has the highest amount of one QRIS payment', () => {
    expect(qrisCeiling).toBe(10_000_000);
  });
});

describe('parseRupiah', () => {
  it.each([
    ['150000', 150_000],
    ['150000.00', 150_000],
    ['150000.0000', 150_000],
    ['000150000', 150_000],
    ['150.000', 150], // a point is a decimal point: nothing we read groups thousands
    ['0', 0],
    [150_000, 150_000],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %p', (text, amount) => {
    expect(parseRupiah(text)).toBe(amount);
  });

  it.each([
    '150000.50',
    '150000.',
    '150,000',
    '-1',
    '+1',
    '1e5',
    '0x10',
    ' 1',
    '1\n',
    '١٢',
    '',
    'NaN',
    '9999999999999999',
    0.1,
    -1,
    1e21,
    Number.NaN,
    null,
    undefined,
    true,
    [1],
    {},
  ])('is null for %p', (text) => {
    expect(parseRupiah(text)).toBeNull();
  });

  it('reads back every amount, with and without decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999_999 }), (amount) => {
        expect(parseRupiah(String(amount))).toBe(amount);
        expect(parseRupiah(`${amount}.00`)).toBe(amount);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('formatRupiah', () => {
  it.each([
    [0, 'Rp0'],
    [999, 'Rp999'],
    [1_000, 'Rp1.000'],
    [55_000, 'Rp55.000'],
    [10_000_000, 'Rp10.000.000'],
  ])('shows %p as %p', (amount, text) => {
    expect(formatRupiah(rupiah(amount))).toBe(text);
  });
});
