import { button, byId, element } from './dom.ts';
import { request } from './gateway.ts';
import { runAndReport } from './message.ts';
import { storeId } from './store.ts';
import { rupiah, text } from './text.ts';

export interface Order {
  order_id: string;
  order_number: string;
  table_number: string | null;
  due: number;
  items: { name: string; quantity: number }[];
}

/** The list of open orders. `pick` is called with the order that is chosen. */
export function createOrders(pick: (order: Order) => void) {
  const list = byId('orders');
  const onDisplay = new Set<string>();
  let orders: Order[] = [];
  let picked: string | null = null;

  function draw(): void {
    const focused = list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.order : undefined;
    list.replaceChildren(...orders.map(row));
    byId('no-orders').hidden = orders.length > 0;
    if (focused) list.querySelector<HTMLElement>(`[data-order="${CSS.escape(focused)}"]`)?.focus();
  }

  const row = (order: Order) =>
    element(
      'li',
      {},
      element(
        'button',
        { type: 'button', class: 'order', 'data-order': order.order_id, 'aria-current': order.order_id === picked ? 'true' : null },
        element('b', {}, order.order_number),
        element('span', { class: 'quiet' }, order.table_number ?? ''),
        element('span', { class: 'amount' }, rupiah(order.due)),
        element('span', { class: 'dishes' }, order.items.map(({ name, quantity }) => `${Number(quantity)} × ${name}`).join(', ')),
        onDisplay.has(order.order_id) ? element('span', { class: 'chip', 'data-status': 'pending' }, text('onDisplay')) : null,
      ),
    );

  const refresh = () =>
    runAndReport(async () => {
      ({ orders } = await request<{ orders: Order[] }>('GET', `/demo/orders?store_id=${storeId}`));
      draw();
    });

  list.addEventListener('click', ({ target }) => {
    const id = (target as Element).closest<HTMLElement>('[data-order]')?.dataset.order;
    const order = orders.find(({ order_id }) => order_id === id);
    if (order) pick(order);
  });
  byId('new-order').replaceWith(
    button(text('newOrder'), { id: 'new-order' }, () =>
      runAndReport(async () => {
        const { order_id } = await request<{ order_id: string }>('POST', '/demo/orders', { store_id: storeId });
        await refresh();
        list.querySelector<HTMLElement>(`[data-order="${order_id}"]`)?.focus();
      }),
    ),
  );
  return {
    refresh,
    find: (orderId: string) => orders.find(({ order_id }) => order_id === orderId) ?? null,
    mark: (orderId: string | null) => {
      picked = orderId;
      draw();
    },
    /** Takes a paid order off the list. */
    remove: (orderId: string) => {
      orders = orders.filter(({ order_id }) => order_id !== orderId);
      draw();
    },
    /** Marks whether the order's QR can be scanned now. */
    markOnDisplay: (orderId: string, isOnDisplay: boolean) => {
      if (isOnDisplay) onDisplay.add(orderId);
      else onDisplay.delete(orderId);
      draw();
    },
  };
}
