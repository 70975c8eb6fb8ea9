import type { StoreEvent } from '@gateway/display-client';
import { byId } from './dom.ts';
import { cancelPayment, checkPayment, findPayment, makePayable, type Payment, paymentOfOrder, Refused } from './gateway.ts';
import { showHistory } from './history.ts';
import { attempt, tell } from './message.ts';
import { createOrders, type Order } from './orders.ts';
import { showPayment, standingOf } from './payment-pane.ts';
import { offerRefund } from './refund-dialog.ts';
import { isWord, say } from './say.ts';
import { openScreen } from './screen.ts';

/** What the pane shows. An order that is paid is no longer in the list, so it is kept here. */
let order: Order | null = null;
let payment: Payment | null = null;
const closedAfterMs = 2_000; // the gateway asks the provider before it closes
const late = new Set<string>(); // payments that were paid after their QR had ended

const orders = createOrders((picked) => void open(picked, ({ order_id }) => makePayable(order_id, validFor())));
const validFor = () => Number(byId('valid-for', HTMLSelectElement).value);

/** Shows an order, and then the payment that `find` makes or finds for it. */
async function open(picked: Order, find: (order: Order) => Promise<Payment>): Promise<void> {
  order = picked;
  payment = null;
  history.replaceState(null, '', withOrder(picked.order_id));
  orders.mark(picked.order_id);
  show();
  tell(say('askingForQr'));
  byId('payment').focus();
  try {
    const found = await find(picked);
    if (order === picked) take(found);
    tell('');
  } catch (error) {
    if (order === picked) await afterRefusal(picked, error as Error);
  }
}

/** No QR: the order may have a payment all the same, paid or failed. */
async function afterRefusal(picked: Order, error: Error): Promise<void> {
  tell(say('notDone', { why: error.message }));
  await attempt(async () => take(await paymentOfOrder(picked.order_id)));
}

function withOrder(orderId: string): string {
  const parameters = new URLSearchParams(location.search);
  parameters.set('order', orderId);
  return `?${parameters}`;
}

function take(now: Payment): void {
  payment = now;
  orders.show(now.order_id, now.qr_string !== null);
  show();
  void showHistory(now);
}

function show(): void {
  if (order) showPayment(order, payment, { cameLate: late.has(payment?.payment_id ?? ''), over: () => setTimeout(refresh, closedAfterMs) });
}

async function refresh(): Promise<void> {
  if (payment) take(await findPayment(payment.payment_id).catch(() => payment as Payment));
}

function act(id: string, work: (payment: Payment) => Promise<unknown>): void {
  byId(id).addEventListener('click', () => {
    const shown = payment;
    if (shown) void attempt(() => work(shown));
  });
}

act('cancel', async ({ payment_id }) => {
  try {
    take(await cancelPayment(payment_id));
  } catch (error) {
    // The money came first: then that is how it stands.
    if (error instanceof Refused && error.body.payment) take(error.body.payment as Payment);
    throw error;
  }
});
act('check', async ({ payment_id }) => {
  const { payment: now, isAnswered } = await checkPayment(payment_id);
  take(now);
  tell(isAnswered ? say('checked', { status: say(standingOf(now, late.has(payment_id))) }) : say('notAnswered'));
});
act('refund', async (shown) => {
  if (await offerRefund(shown)) await refresh();
});
act('again', async () => {
  if (order) await open(order, ({ order_id }) => makePayable(order_id, validFor()));
});

function hear({ type, payment_id, order_id, order_number }: StoreEvent): void {
  if (type === 'payment.paid_late') late.add(payment_id);
  if (type === 'payment.pending') orders.show(order_id, true);
  else if (type.startsWith('payment.') && type !== 'payment.review') orders.show(order_id, false);
  if (type === 'order.paid') orders.remove(order_id);
  if (order_id !== order?.order_id) return;
  if (isWord(type)) tell(say(type, { number: order_number }));
  if (payment_id === payment?.payment_id) void refresh();
  else if (type === 'payment.pending') void attempt(async () => take(await findPayment(payment_id))); // a new QR, made elsewhere
}

void openScreen({
  onSnapshot: ({ payments }) => {
    for (const open of payments) orders.show(open.order_id, open.qr_string !== null);
  },
  onEvent: hear,
  onLive: () => void refresh(),
});

await orders.refresh();
// A till that rebooted gets its live QR back.
const before = new URLSearchParams(location.search).get('order');
if (before) {
  await attempt(async () => {
    const found = await paymentOfOrder(before);
    order = orders.find(before) ?? { ...found, due: found.amount, table_number: null, items: [] };
    orders.mark(before);
    take(found);
  });
}
