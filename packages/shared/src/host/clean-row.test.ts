import fc from 'fast-check';
import { cleanRow } from './clean-row.ts';

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('\u0000', '\u001b', '\ud800', '\udc00', ' ', '\n', '\u0085', 'x', '😀') }),
  fc.constant('😀'.repeat(40_000)),
);
const columns = ['order_key', 'tenant', 'version', 'store_id', 'order_number', 'name', 'note', 'customer_name'] as const;

describe('a row of a host', () => {
  it('has texts that PostgreSQL, Redis and a screen take, whatever the host holds, and its keys are not changed', () => {
    fc.assert(
      fc.property(fc.record(Object.fromEntries(columns.map((column) => [column, fc.option(anyText)]))), (row) => {
        const { order_key, tenant, version, ...texts } = cleanRow(row);
        expect([order_key, tenant, version]).toEqual([row.order_key, row.tenant, row.version]);
        for (const text of Object.values(texts)) {
          expect(text ?? '').not.toMatch(/[^\P{Cc}\n\r\t]|\p{Cs}/u);
          expect((text ?? '').length).toBeLessThanOrEqual(1_000);
        }
        expect(cleanRow(cleanRow(row))).toEqual(cleanRow(row));
      }),
    );
  });

  it('is passed on as it is when it needs no cleaning', () => {
    const row = { store_id: 'JKT-01', name: 'Nasi Goreng', order_key: ' 7\u0001' };
    expect(cleanRow(row)).toBe(row);
  });
});
