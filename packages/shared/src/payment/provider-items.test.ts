import fc from 'fast-check';
import { type Bill, type HostCharge, type HostLine, type MoneyPolicy, makeBill } from './bill.ts';
import { type BillItem, providerItems } from './provider-items.ts';
import { rupiah } from './rupiah.ts';

const policy: MoneyPolicy = { rounding: 'half_up', record: 'host_due', maxResidue: '1', tolerance: '0.01' };

const line = (name: string, quantity: string, lineTotal: string): HostLine => ({ sku: null, name, quantity, lineTotal });
const charge = (kind: HostCharge['kind'], amount: string, included = false): HostCharge => ({ kind, amount, included });

const bill = (total: string, lines: HostLine[], charges: HostCharge[] = [], paid = '0', more: Partial<MoneyPolicy> = {}): Bill =>
  makeBill({ currency: 'IDR', total, paid, lines, charges }, { ...policy, ...more });

/** `2 × 70000 Kopi susu`: what a provider would list. */
const listed = (items: BillItem[]) => items.map(({ name, price, quantity }) => `${quantity} × ${price} ${name}`);
const sumOf = (items: BillItem[]) => items.reduce((sum, { price, quantity }) => sum + BigInt(price) * BigInt(quantity), 0n);

describe('the items a provider is sent', () => {
  it('keep the count where count times price is exact', () => {
    expect(listed(providerItems(bill('155000', [line('Kopi susu', '2.000', '140000'), line('Teh', '1', '15000.00')])))).toEqual([
      '2 × 70000 Kopi susu',
      '1 × 15000 Teh',
    ]);
  });

  it('are one piece with the count in the name where it is not', () => {
    const lines = [line('Sate', '3', '50000'), line('Beras merah', '0.250', '12500'), line('Gula', '1.333333333333', '20000')];
    expect(listed(providerItems(bill('82500', lines)))).toEqual([
      '1 × 50000 Sate (3x)',
      '1 × 12500 Beras merah (0,25x)',
      '1 × 20000 Gula (1,333333x)',
    ]);
  });

  it('give the missing rupiah to the largest fractions, and to the first of equal ones', () => {
    const lines = [line('A', '1', '100.2'), line('B', '1', '100.7'), line('C', '1', '100.6'), line('D', '1', '100.5')];
    expect(listed(providerItems(bill('402', lines)))).toEqual(['1 × 100 A', '1 × 101 B', '1 × 101 C', '1 × 100 D']);
    const halves = [line('A', '1', '0.5'), line('B', '1', '0.5')];
    expect(listed(providerItems(bill('1', halves)))).toEqual(['1 × 1 A']);
  });

  it('include the rounding of the amount due without a line of its own', () => {
    expect(listed(providerItems(bill('35772.50', [line('Paket', '1', '35772.50')])))).toEqual(['1 × 35773 Paket']);
    expect(listed(providerItems(bill('35772.40', [line('Paket', '1', '35772.40')])))).toEqual(['1 × 35772 Paket']);
    const down = bill('200.9', [line('A', '1', '100.4'), line('B', '2', '100.5')], [], '0', { rounding: 'down' });
    expect(listed(providerItems(down))).toEqual(['1 × 100 A', '1 × 100 B (2x)']);
  });

  it('list charges after the lines and leave out what is included or zero', () => {
    const charges = [charge('service_charge', '5000'), charge('tax', '5500'), charge('tax', '999', true), charge('tip', '0')];
    expect(listed(providerItems(bill('60500', [line('Nasi', '1', '50000'), line('Air putih', '4', '0')], charges)))).toEqual([
      '1 × 50000 Nasi',
      '1 × 5000 Biaya layanan',
      '1 × 5500 Pajak',
    ]);
  });

  it('merge everything negative into one discount', () => {
    const lines = [line('Nasi', '2', '50000'), line('Retur', '-1', '-5000.4'), line('Promo', '1', '-1000')];
    const charges = [charge('discount', '-2000.6'), charge('rounding', '-42'), charge('delivery', '9000')];
    expect(listed(providerItems(bill('50957', lines, charges)))).toEqual(['2 × 25000 Nasi', '1 × 9000 Ongkos kirim', '1 × -8043 Diskon']);
  });

  it('list what was paid before apart from the discount', () => {
    const part = bill('95000', [line('Nasi', '2', '100000')], [charge('discount', '-5000')], '40000.25');
    expect(listed(providerItems(part))).toEqual(['2 × 50000 Nasi', '1 × -5000 Diskon', '1 × -40000 Sudah dibayar']);
    expect(part.amount).toBe(55_000);
  });

  it('are one line where the provider refuses negatives and there is one', () => {
    const discounted = bill('95000', [line('Nasi', '2', '100000')], [charge('discount', '-5000')]);
    expect(listed(providerItems(discounted, { negatives: false }))).toEqual(['1 × 95000 Pesanan']);
    const plain = bill('100000', [line('Nasi', '2', '100000')]);
    expect(listed(providerItems(plain, { negatives: false }))).toEqual(['2 × 50000 Nasi']);
  });

  it('add an item for the difference of a host that does not reconcile', () => {
    const off = { tolerance: null };
    expect(listed(providerItems(bill('11000', [line('Nasi', '1', '10000')], [], '0', off)))).toEqual([
      '1 × 10000 Nasi',
      '1 × 1000 Biaya lain',
    ]);
    expect(listed(providerItems(bill('9000', [line('Nasi', '1', '10000')], [], '0', off)))).toEqual(['1 × 10000 Nasi', '1 × -1000 Diskon']);
    expect(listed(providerItems(bill('9000', [], [], '0', off)))).toEqual(['1 × 9000 Pesanan']);
  });

  it('are listed up to 500, and are one item above', () => {
    const banquet = (count: number) =>
      bill(
        `${count}00`,
        Array.from({ length: count }, (_, i) => line(`Menu ${i}`, '1', '100')),
      );
    expect(providerItems(banquet(300))).toHaveLength(300);
    expect(providerItems(banquet(500))).toHaveLength(500);
    expect(listed(providerItems(banquet(501)))).toEqual(['1 × 50100 Pesanan']);
  });

  it('are one line when a price is beyond what a provider could read', () => {
    const absurd = bill('100', [line('A', '1', `1${'0'.repeat(40)}`), line('B', '1', `-${'9'.repeat(40)}`), line('C', '1', '99')]);
    expect(listed(providerItems(absurd))).toEqual(['1 × 100 Pesanan']);
  });
});

describe('a figure that is no number', () => {
  const good = bill('55000', [line('Nasi', '1', '50000')], [charge('tax', '5000')]);
  it.each<[string, Bill]>([
    ['paid amount', { ...good, paid: 'x' }],
    ['line total', { ...good, lines: [line('Nasi', '1', 'x')] }],
    ['quantity of a line', { ...good, lines: [line('Nasi', 'x', '50000')] }],
    ['charge tax', { ...good, charges: [charge('tax', 'x')] }],
  ])('is named in the error: %s', (name, unreadable) => {
    expect(() => providerItems(unreadable)).toThrow(name);
  });
});

describe('the name of an item', () => {
  const nameOf = (name: string, quantity = '1', sku: string | null = null) =>
    providerItems(bill('5000.00', [{ sku, name, quantity, lineTotal: '5000' }]))[0]?.name;

  it('is cut to 50 characters, the count included', () => {
    expect(nameOf('a'.repeat(60))).toBe('a'.repeat(50));
    expect(nameOf('a'.repeat(60), '0.250')).toBe(`${'a'.repeat(42)} (0,25x)`);
    expect(nameOf(`${'a'.repeat(49)} b`)).toBe('a'.repeat(49));
  });

  it('is never cut within a character', () => {
    expect(nameOf('🍜'.repeat(30))).toBe('🍜'.repeat(25));
    expect(nameOf(`a${'🍜'.repeat(30)}`)).toBe(`a${'🍜'.repeat(24)}`);
  });

  it('is one line without control characters', () => {
    expect(nameOf(' Nasi\tgoreng\r\n\u0000pedas\u007f\u0085\u2028sekali \ud800')).toBe('Nasi goreng pedas sekali');
  });

  it('falls back to the sku, then to a word', () => {
    expect(nameOf('\n ', '1', 'SKU-7')).toBe('SKU-7');
    expect(nameOf('', '1', '\u0007')).toBe('Barang');
    expect(nameOf('', '1', null)).toBe('Barang');
  });

  it('is kept when the count has very many digits', () => {
    expect(nameOf('Nasi', '0.000001')).toBe('Nasi (0,000001x)');
    expect(nameOf('Nasi', `${'9'.repeat(60)}.5`)).toBe('Nasi');
    const half = '9'.repeat(21); // with its brackets, half of the 50 characters
    expect(nameOf('a'.repeat(60), half)).toBe(`${'a'.repeat(25)} (${half}x)`);
    expect(nameOf('a'.repeat(60), `${half}9`)).toBe('a'.repeat(50));
  });
});

describe('for every bill', () => {
  const fraction = fc.oneof(fc.constantFrom('0', '5', '50', '25', '3333', '9999', '0001'), fc.stringMatching(/^\d{1,12}$/));
  const decimalUpTo = (max: number) => fc.tuple(fc.integer({ min: -max, max }), fraction).map(([whole, part]) => `${whole}.${part}`);
  const name = fc.string({ unit: 'binary', maxLength: 70 });
  const anyLine: fc.Arbitrary<HostLine> = fc.record({
    sku: fc.option(name),
    name,
    quantity: fc.oneof(fc.constantFrom('1', '2.000', '3', '0'), decimalUpTo(50)),
    lineTotal: fc.oneof(
      fc.integer({ min: 0, max: 300 }).map((n) => `${n * 3}.00`),
      decimalUpTo(200_000),
    ),
  });
  const anyCharge: fc.Arbitrary<HostCharge> = fc.record({
    kind: fc.constantFrom('tax', 'service_charge', 'discount', 'delivery', 'tip', 'rounding', 'other'),
    amount: decimalUpTo(50_000),
    included: fc.boolean(),
  });
  /** Not made by makeBill: nothing ties the parts to the amount, so exactness must come from the construction alone. */
  const anyBill: fc.Arbitrary<Bill> = fc
    .record({
      amount: fc.integer({ min: 1, max: 10_000_000 }).map(rupiah),
      paid: fc.oneof({ weight: 3, arbitrary: fc.constant('0') }, decimalUpTo(100_000)),
      lines: fc.array(anyLine, { maxLength: 12 }),
      charges: fc.array(anyCharge, { maxLength: 4 }),
    })
    .map((parts) => ({ ...parts, due: String(parts.amount), residue: '0', recordAmount: String(parts.amount) }));

  it('the items are integers that sum exactly, with names of 1 to 50 characters', () => {
    fc.assert(
      fc.property(anyBill, fc.boolean(), (some, negatives) => {
        const items = providerItems(some, { negatives });
        expect(sumOf(items)).toBe(BigInt(some.amount));
        expect(items.filter((item) => !isSound(item, negatives))).toEqual([]);
        expect(items.filter(({ price }) => price < 0).length).toBeLessThanOrEqual(2); // the discount, and what had been paid
      }),
      { numRuns: 2_000 },
    );
  });

  it('no item is a rupiah or more away from its exact part', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 9_000 }), fc.stringMatching(/^\d{6}$/)), { minLength: 1, maxLength: 20 }),
        fc.constantFrom('half_up', 'half_even', 'up', 'down'),
        (prices, rounding) => {
          const exact = prices.map(([whole, part]) => BigInt(whole) * 1_000_000n + BigInt(part));
          const total = exact.reduce((sum, price) => sum + price, 0n);
          const text = (micro: bigint) => `${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')}`;
          const items = providerItems(
            bill(
              text(total),
              exact.map((micro, i) => line(`Menu ${i}`, '1', text(micro))),
              [],
              '0',
              { rounding },
            ),
          );
          expect(items).toHaveLength(prices.length);
          for (const [i, { price }] of items.entries()) {
            const deviation = BigInt(price) * 1_000_000n - (exact[i] ?? 0n);
            expect(deviation > -1_000_000n && deviation < 1_000_000n).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  function isSound({ name, price, quantity }: BillItem, negatives: boolean): boolean {
    const clean = name.length >= 1 && name.length <= 50 && name.isWellFormed() && !/\p{Cc}/u.test(name);
    return (
      clean && Number.isSafeInteger(price) && price !== 0 && (negatives || price > 0) && Number.isSafeInteger(quantity) && quantity >= 1
    );
  }
});
