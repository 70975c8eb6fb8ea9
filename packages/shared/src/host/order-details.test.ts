import { read, tillWith, useTill } from '../../test/till-host.ts';
import { orderDetails } from './host-order.ts';

useTill();

const detailsOf = async (columns: string) => {
  const { 'order.sql': sql } = { 'order.sql': tillWith().statements.order.source };
  const found = await read('7', { 'order.sql': sql.replace("'one' as tenant", `'one' as tenant, ${columns}`) });
  return found && orderDetails(found.order);
};

describe('the details of an order', () => {
  it('are what order.sql returns beside the required columns', async () => {
    const columns = `'A-7' as order_id, ' 7 ' as table_number, 'dine_in' as order_type, '{"cashier": " Sari ", "shift": "pagi"}' as metadata`;
    expect(await detailsOf(columns)).toEqual({
      orderId: 'A-7',
      table: '7',
      orderType: 'dine_in',
      metadata: { cashier: 'Sari', shift: 'pagi' },
    });
  });

  it('are null when the host gives none', async () => {
    expect(await detailsOf(`null::text as order_type`)).toEqual({ orderId: null, table: null, orderType: null, metadata: null });
  });

  it('hold at most twenty metadata, of at most 200 characters each', async () => {
    const { metadata } =
      (await detailsOf(`(select json_object_agg('k' || n, repeat('x', 300))::text from generate_series(1, 30) n) as metadata`)) ?? {};
    expect(Object.keys(metadata ?? {})).toHaveLength(20);
    expect(metadata?.k1).toHaveLength(200);
  });

  it.each([`'[]'`, `'{"n": 1}'`, `'no JSON'`])(
    'with metadata %s make the order unreadable, and the message names the column',
    async (metadata) => {
      await expect(detailsOf(`${metadata} as metadata`)).rejects.toThrow('metadata');
    },
  );
});
