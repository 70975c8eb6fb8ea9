import type { HostLine } from './bill.ts';
import { itemsToRelease } from './release-items.ts';

const line = (name: string, quantity: string, note: string | null = null): HostLine => ({
  sku: null,
  name,
  quantity,
  lineTotal: '0',
  note,
});
const names = (items: ReturnType<typeof itemsToRelease>) => items.map(({ name, quantity, note }) => [quantity, name, note].filter(Boolean));

describe('the items of a release', () => {
  it('are the lines of the order as they are now, with plain numbers and notes', () => {
    expect(itemsToRelease([line('Nasi goreng', '2.000', 'tidak pedas'), line('Beras', '0.750')], [])).toEqual([
      { sku: null, name: 'Nasi goreng', quantity: 2, note: 'tidak pedas' },
      { sku: null, name: 'Beras', quantity: 0.75, note: null },
    ]);
  });

  it('of a reopened order are only what earlier releases did not list', () => {
    const first = itemsToRelease([line('Nasi goreng', '2'), line('Es teh', '1')], []);
    const second = itemsToRelease([line('Nasi goreng', '3'), line('Es teh', '1'), line('Kopi', '1')], first);
    expect(names(second)).toEqual([
      [1, 'Nasi goreng'],
      [1, 'Kopi'],
    ]);
    const lines = [line('Nasi goreng', '3'), line('Es teh', '1'), line('Kopi', '1')];
    expect(itemsToRelease(lines, [...first, ...second])).toEqual([]);
  });

  it('list a dish again when its note is another one, because it is cooked differently', () => {
    const first = itemsToRelease([line('Nasi goreng', '1', 'pedas')], []);
    expect(names(itemsToRelease([line('Nasi goreng', '1', 'tidak pedas')], first))).toEqual([[1, 'Nasi goreng', 'tidak pedas']]);
  });

  it('count a dish that stands on two lines by its sum', () => {
    const first = itemsToRelease([line('Es teh', '1'), line('Es teh', '1')], []);
    expect(names(itemsToRelease([line('Es teh', '3')], first))).toEqual([[1, 'Es teh']]);
    const one = itemsToRelease([line('Es teh', '1')], []);
    expect(names(itemsToRelease([line('Es teh', '1'), line('Es teh', '1')], one))).toEqual([[1, 'Es teh']]);
  });

  it('name the quantity when it is no number', () => {
    expect(() => itemsToRelease([line('Es teh', 'NaN')], [])).toThrow('its quantity is not a finite decimal');
  });
});
