import type { StoreEvent } from '@gateway/display-client';
import { byId } from './dom.ts';
import { ApiError, cancelPayment, checkPayment, findPayment, makePayable, type Payment, paymentOfOrder } from './gateway.ts';
import { runAndReport, showMessage } from './message.ts';
import { createOrders, type Order } from './orders.ts';
import { displayStatus, showPayment } from './payment-pane.ts';
import { openRefundDialog } from './refund-dialog.ts';
import { startScreen } from './screen.ts';
import { isTextKey, text } from './text.ts';
import { showTimeline } from './timeline.ts';

/** The order and the payment in the pane. A paid order leaves the list, so it is kept here. */
let order: Order | null = null;
let payment: Payment | null = null;
const refreshAfterExpiryMs = 2_000; // the gateway asks the provider before it closes the payment
const latePayments = new Set<string>(); // ids of payments that were paid after they were closed

const orders = createOrders((picked) => void openOrder(picked, ({ order_id }) => makePayable(order_id, validFor())));
const validFor = () => Number(byId('valid-for', HTMLSelectElement).value);

/** Shows the order at once, then its payment, which `find` looks up or creates. */
async function openOrder(picked: Order, find: (order: Order) => Promise<Payment>): Promise<void> {
  order = picked;
  payment = null;
  history.replaceState(null, '', withOrder(picked.order_id));
  orders.mark(picked.order_id);
  show();
  showMessage(text('askingForQr'));
  byId('payment').focus();
  try {
    const found = await find(picked);
    if (order === picked) showUpdated(found);
    showMessage('');
  } catch (error) {
    if (order === picked) await afterError(picked, error as Error);
  }
}

/** No QR was created. Shows the reason, and the payment that the order already has: it may be paid or failed. */
async function afterError(picked: Order, error: Error): Promise<void> {
  showMessage(text('notDone', { why: error.message }));
  await runAndReport(async () => showUpdated(await paymentOfOrder(picked.order_id)));
}

function withOrder(orderId: string): string {
  const parameters = new URLSearchParams(location.search);
  parameters.set('order', orderId);
  return `?${parameters}`;
}

function showUpdated(updated: Payment): void {
  payment = updated;
  orders.markOnDisplay(updated.order_id, updated.qr_string !== null);
  show();
  void showTimeline(updated);
}

function show(): void {
  if (order)
    showPayment(order, payment, {
      isPaidLate: latePayments.has(payment?.payment_id ?? ''),
      onExpired: () => setTimeout(refresh, refreshAfterExpiryMs),
    });
}

async function refresh(): Promise<void> {
  if (payment) showUpdated(await findPayment(payment.payment_id).catch(() => payment as Payment));
}

function onPress(id: string, work: (payment: Payment) => Promise<unknown>): void {
  byId(id).addEventListener('click', () => {
    const shown = payment;
    if (shown) void runAndReport(() => work(shown));
  });
}

onPress('cancel', async ({ payment_id }) => {
  try {
    showUpdated(await cancelPayment(payment_id));
  } catch (error) {
    // The guest paid before the cancel: the response carries the payment as it is now.
    if (error instanceof ApiError && error.body.payment) showUpdated(error.body.payment as Payment);
    throw error;
  }
});
onPress('check', async ({ payment_id }) => {
  const { payment: updated, isAnswered } = await checkPayment(payment_id);
  showUpdated(updated);
  showMessage(isAnswered ? text('checked', { status: text(displayStatus(updated, latePayments.has(payment_id))) }) : text('notAnswered'));
});
onPress('refund', async (shown) => {
  if (await openRefundDialog(shown)) await refresh();
});
onPress('again', async () => {
  if (order) await openOrder(order, ({ order_id }) => makePayable(order_id, validFor()));
});

function onEvent({ type, payment_id, order_id, order_number }: StoreEvent): void {
  if (type === 'payment.paid_late') latePayments.add(payment_id);
  if (type === 'payment.pending') orders.markOnDisplay(order_id, true);
  else if (type.startsWith('payment.') && type !== 'payment.review') orders.markOnDisplay(order_id, false);
  if (type === 'order.paid') orders.remove(order_id);
  if (order_id !== order?.order_id) return;
  if (isTextKey(type)) showMessage(text(type, { number: order_number }));
  if (payment_id === payment?.payment_id) void refresh();
  else if (type === 'payment.pending') void runAndReport(async () => showUpdated(await findPayment(payment_id))); // another till made a new QR
}

void startScreen({
  onSnapshot: ({ payments }) => {
    for (const openPayment of payments) orders.markOnDisplay(openPayment.order_id, openPayment.qr_string !== null);
  },
  onEvent,
  onLive: () => void refresh(),
});

await orders.refresh();
// The order's id is in the page's address, so a till that restarts shows its live QR again.
const orderInUrl = new URLSearchParams(location.search).get('order');
if (orderInUrl) {
  await runAndReport(async () => {
    const found = await paymentOfOrder(orderInUrl);
    order = orders.find(orderInUrl) ?? { ...found, due: found.amount, table_number: null, items: [] };
    orders.mark(orderInUrl);
    showUpdated(found);
  });
}
