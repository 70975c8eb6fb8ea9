import type { HostFolder } from './host-folder.ts';
import { whyAlone } from './host-parts.ts';
import { readStatement } from './host-statement.ts';

const folderWith = (paid: string) => ({ statements: { paid: readStatement('paid', 'pos/paid.sql', paid) } }) as unknown as HostFolder;

describe('a write of a host', () => {
  it('that cannot be a part of a larger statement runs alone, with the reason and the cost', () => {
    expect([...whyAlone(folderWith('values (1)')).values()]).toEqual([
      'pos/paid.sql runs alone, because its main part does not begin with select, insert, update, delete: it costs each payment about ten more statements and one more round trip',
    ]);
  });

  it('that can be a part is not named', () => {
    expect(whyAlone(folderWith('update orders set paid = true where id = :order_key returning id')).size).toBe(0);
  });
});
