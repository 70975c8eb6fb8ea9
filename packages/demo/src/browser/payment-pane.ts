import { countDown, stopCountdown } from './countdown.ts';
import { byId, element } from './dom.ts';
import type { Payment } from './gateway.ts';
import type { Order } from './orders.ts';
import { rupiah, text } from './text.ts';

export type DisplayStatus = Payment['status'] | 'paidLate' | 'cancelling';

/** What a cashier calls it. Late is what came after the QR had ended, whoever ended it. */
export function displayStatus(payment: Payment, isPaidLate: boolean): DisplayStatus {
  if (payment.status === 'pending' && payment.cancel_requested_at) return 'cancelling';
  const isLate = isPaidLate || (payment.paid_at !== null && payment.paid_at > payment.expires_at);
  return payment.status === 'paid' && isLate ? 'paidLate' : payment.status;
}

const symbols: Record<DisplayStatus, string> = {
  created: '…',
  pending: '…',
  cancelling: '…',
  paid: '✓',
  paidLate: '✓',
  partially_refunded: '↩',
  refunded: '↩',
  expired: '⏲',
  cancelled: '✕',
  failed: '!',
};

const isOver = (status: DisplayStatus) => ['expired', 'cancelled', 'failed'].includes(status);
const isPaid = (status: DisplayStatus) => ['paid', 'paidLate', 'partially_refunded'].includes(status);

/** Shows an order and its payment; null while its first QR is asked for. `over` is called when the QR's time is up. */
export function showPayment(
  order: Pick<Order, 'order_number' | 'table_number' | 'due' | 'items'>,
  payment: Payment | null,
  { isPaidLate, onExpired }: { isPaidLate: boolean; onExpired: () => void },
): void {
  const status = payment ? displayStatus(payment, isPaidLate) : 'created';
  byId('pick-order').hidden = true;
  byId('payment').hidden = false;
  byId('order-title').textContent = [text('order', { number: order.order_number }), order.table_number].filter(Boolean).join(' · ');
  byId('amount').textContent = rupiah(payment?.amount ?? order.due);
  byId('dishes').textContent = order.items.map(({ name, quantity }) => `${Number(quantity)} × ${name}`).join(', ');
  const chip = byId('display-status');
  chip.textContent = text(status);
  chip.dataset.status = status;
  byId('needs-review').hidden = !payment?.needs_review;
  showQr(payment, status);
  const isShown = payment?.qr_image_url != null;
  byId('countdown').hidden = !isShown;
  if (payment && isShown) countDown(payment.created_at, payment.expires_at, onExpired);
  else stopCountdown();
  byId('cancel').hidden = status !== 'pending' && status !== 'created';
  byId('check').hidden = !['pending', 'cancelling', 'expired', 'cancelled'].includes(status);
  byId('refund').hidden = !isPaid(status);
  byId('again').hidden = !isOver(status);
}

function showQr(payment: Payment | null, status: DisplayStatus): void {
  const frame = byId('qr');
  frame.dataset.status = status;
  if (!payment?.qr_image_url) {
    frame.replaceChildren(element('span', { class: 'sign', 'aria-hidden': 'true' }, symbols[status]));
    return;
  }
  // The gateway's links begin with its public address; this page may have come by another way.
  const { pathname, search } = new URL(payment.qr_image_url);
  const source = pathname + search;
  if (frame.querySelector('img')?.getAttribute('src') === source) return;
  const alt = text('qrOf', { number: payment.order_number, amount: rupiah(payment.amount) });
  frame.replaceChildren(element('img', { src: source, alt, width: 256, height: 256 }));
}
