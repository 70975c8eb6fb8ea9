import type { Host } from '@gateway/shared/host';
import { type clients, type OrderBody, tillOrders } from '@gateway/shared/store';

type Tenant = Pick<clients.Client, 'tenant'>;

const maxOrders = 60; // what a visitor can look through

/** The open orders of a store whose orders come by API, newest first. */
export async function openTillOrders({ db }: Pick<Host, 'db'>, { tenant }: Tenant, storeId: string) {
  const found = await tillOrders.list(db.pool, { tenant, storeId, status: 'open', after: null, limit: maxOrders });
  return found.map(({ orderId, number, table, total, paid, lines }) => ({
    order_id: orderId,
    order_number: number,
    table_number: table,
    due: total - paid,
    items: lines.map(({ name, quantity }) => ({ name, quantity })),
  }));
}

const menu = [
  { sku: 'MKN-001', name: 'Nasi campur Bali', price: 38_000, note: 'sambal matah dipisah' },
  { sku: 'MKN-002', name: 'Ayam betutu', price: 55_000, note: null },
  { sku: 'MNM-001', name: 'Es kelapa muda', price: 18_000, note: 'tanpa gula' },
];

/** Stores a new order, as a till does with PUT. The order is new, so no QR has to be hidden. @returns its id */
export async function newTillOrder({ db }: Pick<Host, 'db'>, { tenant }: Tenant, storeId: string, id: string): Promise<string> {
  const orderId = id.slice(0, 8);
  const count = 1 + (Number.parseInt(orderId, 16) % menu.length);
  const lines = menu
    .slice(0, count)
    .map(({ sku, name, price, note }) => ({ sku, name, quantity: 1, unit_price: price, total: price, note }));
  const subtotal = lines.reduce((sum, { total }) => sum + total, 0);
  const tax = subtotal / 10;
  const body: OrderBody = {
    number: `D-${orderId.slice(0, 4).toUpperCase()}`,
    table: String(1 + (Number.parseInt(orderId, 16) % 18)),
    type: 'dine_in',
    note: null,
    lines,
    charges: [{ kind: 'tax', name: 'PB1 10 %', amount: tax }],
    total: subtotal + tax,
    metadata: { cashier: 'Demo' },
  };
  await tillOrders.put(db.pool, { tenant, storeId, orderId }, { body, fingerprint: id, at: new Date() });
  return orderId;
}
