import { ChargeBook, type NewCharge } from './charge-book.ts';
import { SimulatorClock } from './simulator-clock.ts';

const aCharge = (id: string, more: Partial<NewCharge> = {}): NewCharge => ({
  provider: 'midtrans',
  account: 'default',
  reference: `ref-${id}`,
  id,
  amount: 1_000,
  expiresAt: 0,
  qrString: 'qr',
  echo: {},
  notificationUrls: [],
  lifecycle: 'pending',
  ...more,
});

function aBook(maxCharges: number) {
  const dropped: number[] = [];
  const clock = new SimulatorClock(0);
  return { clock, dropped, book: new ChargeBook(clock, maxCharges, (count) => dropped.push(count)) };
}

describe('the charge book', () => {
  it('keeps the newest charges, forgets every trace of a dropped one, and reports the drop', () => {
    const { book, dropped, clock } = aBook(3);
    const first = book.open(aCharge('1'));
    let hasExpired = false;
    first.expiry = clock.at(clock.now() + 1_000, () => {
      hasExpired = true;
    });
    const payment = { id: 'pay-1', amount: 1_000, issuer: 'dana', paidAt: 0, receipt: 'r', imposedFee: 0 };
    book.applyChange(first, { payment });
    expect(book.byPart('midtrans', 'default', 'pay-1')).toBe(first);
    for (const id of ['2', '3', '4']) book.open(aCharge(id));
    expect([book.size, book.dropped, dropped]).toEqual([3, 1, [1]]);
    expect([book.find('1'), book.find('ref-1'), book.byPart('midtrans', 'default', 'pay-1')]).toEqual([undefined, undefined, undefined]);
    clock.advance(2_000);
    expect(hasExpired).toBe(false);
    expect(book.newestFirst().map(({ id }) => id)).toEqual(['4', '3', '2']);
  });

  it('stays sorted and bounded after a thousand charges', () => {
    const { book } = aBook(10);
    for (let i = 0; i < 1_000; i++) book.open(aCharge(String(i), { reference: i % 2 === 0 ? 'even' : 'odd' }));
    expect(book.newestFirst().map(({ id }) => Number(id))).toEqual([999, 998, 997, 996, 995, 994, 993, 992, 991, 990]);
    expect(book.newestFirst('even').map(({ id }) => Number(id))).toEqual([998, 996, 994, 992, 990]);
    expect(book.find('even')?.id).toBe('998');
  });

  it('keeps two accounts apart that use the same reference', () => {
    const { book } = aBook(10);
    const one = book.open(aCharge('1', { reference: 'ref' }));
    const other = book.open(aCharge('2', { reference: 'ref', account: 'outlet-2' }));
    expect(book.byReference('midtrans', 'default', 'ref')).toBe(one);
    expect(book.byReference('midtrans', 'outlet-2', 'ref')).toBe(other);
    expect(book.byId('midtrans', 'default', '2')).toBeUndefined();
    expect(book.byReference('xendit', 'default', 'ref')).toBeUndefined();
  });
});
