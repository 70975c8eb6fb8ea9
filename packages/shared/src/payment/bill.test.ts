import fc from 'fast-check';
import {
  amountDue,
  amountDueNow,
  type HostCharge,
  type HostLine,
  type HostOrderMoney,
  isPaidElsewhere,
  type MoneyPolicy,
  makeBill,
} from './bill.ts';
import { AmountOutOfRange, OrderDoesNotReconcile, OrderNotPayable } from './domain-error.ts';

const policy: MoneyPolicy = { rounding: 'half_up', record: 'host_due', maxResidue: '0.50', tolerance: '0.01' };
const lenient: MoneyPolicy = { ...policy, tolerance: null };

const line = (lineTotal: string, quantity = '1'): HostLine => ({ sku: null, name: 'Nasi goreng', quantity, lineTotal });
const charge = (kind: HostCharge['kind'], amount: string, included = false): HostCharge => ({ kind, amount, included });

/** An order of one line that reconciles. */
const order = (total: string, more: Partial<HostOrderMoney> = {}): HostOrderMoney => ({
  currency: 'IDR',
  total,
  paid: '0',
  lines: [line(total)],
  charges: [],
  ...more,
});

describe('the amount due now', () => {
  const bill = makeBill(order('100.50'), { ...policy, rounding: 'up' });

  it('is the bill’s while the exact amount is, also when the host rounds otherwise since then', () => {
    expect(amountDueNow(order('200.50', { paid: '100.00' }), bill, { ...policy, rounding: 'down' })).toBe(101);
  });

  it('is rounded anew when the exact amount is another one', () => {
    expect(amountDueNow(order('100.60'), bill, { ...policy, rounding: 'down' })).toBe(100);
  });
});

describe('the amount due', () => {
  it('is charged half up: Rp35.772,50 becomes Rp35.773', () => {
    expect(makeBill(order('35772.5000'), policy)).toMatchObject({
      due: '35772.5',
      amount: 35_773,
      residue: '0.5',
      recordAmount: '35772.5',
    });
  });

  it.each([
    ['half_up', '35772.50', 35_773, '0.5'],
    ['half_even', '35772.50', 35_772, '-0.5'],
    ['half_even', '35773.50', 35_774, '0.5'],
    ['half_up', '35772.4999', 35_772, '-0.4999'],
    ['up', '35772.0001', 35_773, '0.9999'],
    ['down', '35772.9999', 35_772, '-0.9999'],
    ['up', '35772.0000', 35_772, '0'],
  ] as const)('rounds %s: %s → %d', (rounding, total, amount, residue) => {
    expect(makeBill(order(total), { ...policy, rounding, maxResidue: '1' })).toMatchObject({ amount, residue });
  });

  it('is rounded once, so two halves that are paid separately are not both rounded up', () => {
    expect(makeBill(order('100.50', { paid: '50.25' }), policy)).toMatchObject({
      due: '50.25',
      amount: 50,
      residue: '-0.25',
      paid: '50.25',
    });
  });

  it('is recorded exactly, or as charged, as the host prefers', () => {
    expect(makeBill(order('35772.50'), { ...policy, record: 'host_due' }).recordAmount).toBe('35772.5');
    expect(makeBill(order('35772.50'), { ...policy, record: 'charged' }).recordAmount).toBe('35773');
  });

  it('keeps all of forty digits', () => {
    const fraction = `0.${'0'.repeat(39)}1`;
    expect(makeBill(order('1000.0000000000000000000000000000000000000001'), policy)).toMatchObject({
      due: '1000.0000000000000000000000000000000000000001',
      amount: 1_000,
      residue: `-${fraction}`,
    });
  });

  it('agrees with integer arithmetic, in every rounding mode', () => {
    fc.assert(
      fc.property(money, money, fc.constantFrom('half_up', 'half_even', 'up', 'down'), (total, paid, rounding) => {
        const result = amountDue(total, paid, { rounding, record: 'charged' });
        const due = scaled(total) - scaled(paid);
        expect(scaled(result.due)).toBe(due);
        expect(BigInt(result.amount)).toBe(due > 0n ? roundedByOracle(due, rounding) : 0n);
        expect(scaled(result.residue)).toBe(BigInt(result.amount) * scale - due);
        expect(result.recordAmount).toBe(String(result.amount));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('amountDue, under the lock', () => {
  it.each([
    ['100', '100', '0'],
    ['100', '250', '-150'],
  ])('answers instead of refusing: %s less %s', (total, paid, due) => {
    expect(amountDue(total, paid, policy)).toEqual({ due, amount: 0, residue: due === '0' ? '0' : '150', recordAmount: due });
  });

  it('accepts an order far above the QRIS limit', () => {
    expect(amountDue('9'.repeat(40), '0', policy).amount).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('refuses text that is not a decimal', () => {
    expect(() => amountDue('NaN', '0', policy)).toThrow(OrderNotPayable);
  });
});

describe('an order was paid elsewhere', () => {
  it('when its host has received more than when the bill was made', () => {
    expect(isPaidElsewhere('10000.01', { paid: '10000' })).toBe(true);
  });

  it('and not when the host has received the same or less: then the bill became smaller, or cash was returned', () => {
    expect(isPaidElsewhere('10000.00', { paid: '10000' })).toBe(false);
    expect(isPaidElsewhere('9000', { paid: '10000' })).toBe(false);
  });
});

describe('a figure that is no number', () => {
  it.each([
    ['total', () => makeBill(order('NaN'), policy)],
    ['paid amount', () => makeBill(order('100', { paid: 'NaN' }), policy)],
    ['paid amount', () => isPaidElsewhere('NaN', { paid: '0' })],
    ['line total', () => makeBill(order('100', { lines: [line('NaN')] }), policy)],
    ['quantity of a line', () => makeBill(order('100', { lines: [line('100', 'NaN')] }), policy)],
    ['charge tip', () => makeBill(order('100', { charges: [charge('tip', 'NaN')] }), policy)],
  ])('is named for the maintainer of the host: %s', (name, read) => {
    expect(read).toThrow(`its ${name} is not a finite decimal`);
  });
});

describe('an order is not payable', () => {
  it.each([
    ['the amount due is zero', order('100', { paid: '100' }), 'the amount due is zero'],
    ['more than all was paid', order('100', { paid: '100.01' }), 'the amount due is zero'],
    ['its total is zero', order('0'), 'the amount due is zero'],
    ['it is a refund document', order('-5000'), 'the amount due is zero'],
    ['it is in dollars', order('100', { currency: 'USD' }), 'USD'],
    ['it has no currency', order('100', { currency: '' }), 'IDR'],
  ])('when %s', (_, unpayable, reason) => {
    expect(() => makeBill(unpayable, policy)).toThrow(OrderNotPayable);
    expect(() => makeBill(unpayable, policy)).toThrow(reason);
  });

  it.each([
    'NaN',
    'Infinity',
    '-Infinity',
    '1e5',
    '0x10',
    '',
    ' ',
    ' 1',
    '1 ',
    '1\n',
    '+1',
    '.5',
    '1.',
    '1,5',
    '1.000.000',
    '--1',
    '٣',
    '9'.repeat(101),
  ])('when a figure is %p', (text) => {
    expect(() => makeBill(order('100', { total: text }), lenient)).toThrow('total');
    expect(() => makeBill(order('100', { paid: text }), lenient)).toThrow('paid amount');
    expect(() => makeBill(order('100', { lines: [line(text)] }), lenient)).toThrow('line total');
    expect(() => makeBill(order('100', { lines: [line('100', text)] }), lenient)).toThrow('quantity');
    expect(() => makeBill(order('100', { charges: [charge('tax', text)] }), lenient)).toThrow(OrderNotPayable);
  });

  it('when rounding would change it by more than the host allows, and not when it is exactly as much', () => {
    const tight: MoneyPolicy = { ...policy, maxResidue: '0.25' };
    expect(makeBill(order('100.25'), tight).residue).toBe('-0.25');
    expect(makeBill(order('100.75'), tight).residue).toBe('0.25');
    expect(() => makeBill(order('100.26'), tight)).toThrow(OrderNotPayable);
    expect(() => makeBill(order('100.74'), tight)).toThrow('more than the 0.25');
  });
});

describe('QRIS carries Rp1 to Rp10.000.000', () => {
  it.each(['0.5', '1', '10000000', '10000000.49'])('so %s is charged', (total) => {
    expect(makeBill(order(total), policy).amount).toBeGreaterThanOrEqual(1);
  });

  it.each(['0.49', '0.0001', '10000000.50', '10000001', '9'.repeat(40)])('so %s is not', (total) => {
    expect(() => makeBill(order(total), policy)).toThrow(AmountOutOfRange);
    expect(() => makeBill(order(total), policy)).toThrow(`the amount due is ${total.replace(/0$/, '')}`);
  });

  it('judges the amount due, not the total', () => {
    expect(makeBill(order('12000000', { paid: '3000000' }), policy).amount).toBe(9_000_000);
  });
});

describe('lines and charges must add up to the total', () => {
  const lines = [line('70000.00', '2'), line('15000')];

  it('counts charges beside the lines, not those inside them', () => {
    const charges = [charge('discount', '-5000'), charge('service_charge', '4000'), charge('tax', '8400'), charge('tax', '7000', true)];
    expect(makeBill(order('92400', { lines, charges }), policy)).toMatchObject({ amount: 92_400, lines, charges });
  });

  it('drops charges of zero', () => {
    const charges = [charge('tax', '0.0000'), charge('rounding', '-0'), charge('tip', '15000')];
    expect(makeBill(order('100000', { lines, charges }), policy).charges).toEqual([charge('tip', '15000')]);
  });

  it('accepts a difference up to the tolerance', () => {
    expect(makeBill(order('85000.01', { lines }), policy).amount).toBe(85_000);
    expect(() => makeBill(order('85000.011', { lines }), policy)).toThrow(OrderDoesNotReconcile);
    expect(() => makeBill(order('84999.989', { lines }), policy)).toThrow(OrderDoesNotReconcile);
  });

  it('puts the parts into the error for the log, not into the message for the caller', () => {
    const charges = [charge('tax', '8500'), charge('tax', '900', true)];
    const refusal = refusalOf(() => makeBill(order('90000', { lines, charges }), policy));
    expect(refusal).toBeInstanceOf(OrderDoesNotReconcile);
    expect((refusal as OrderDoesNotReconcile).parts).toEqual({
      total: '90000',
      lineCount: 2,
      linesTotal: '85000',
      charges,
      difference: '3500',
      tolerance: '0.01',
    });
    expect(refusal.message).not.toMatch(/\d/);
  });

  it('is not checked when the host switches reconciliation off', () => {
    expect(makeBill(order('1', { lines: [] }), lenient).amount).toBe(1);
  });
});

function refusalOf(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('was not refused');
}

// The oracle: integers only, no library.
const scale = 10n ** 30n;

function scaled(text: string): bigint {
  const [whole = '', fraction = ''] = text.replace('-', '').split('.');
  const size = BigInt(whole) * scale + BigInt(fraction.padEnd(30, '0'));
  return text.startsWith('-') ? -size : size;
}

function roundedByOracle(due: bigint, mode: MoneyPolicy['rounding']): bigint {
  const [whole, twiceRemainder] = [due / scale, (due % scale) * 2n];
  const up = {
    down: false,
    up: twiceRemainder > 0n,
    half_up: twiceRemainder >= scale,
    half_even: twiceRemainder > scale || (twiceRemainder === scale && whole % 2n === 1n),
  }[mode];
  return up ? whole + 1n : whole;
}

const money = fc
  .tuple(
    fc.bigInt(-20_000_000n, 20_000_000n),
    fc.oneof(fc.constantFrom('5', '50', '25', '75', '0', '4999', '5001'), fc.stringMatching(/^\d{1,20}$/)),
  )
  .map(([whole, fraction]) => `${whole}.${fraction}`);
