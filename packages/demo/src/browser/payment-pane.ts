import { countDown, stopCountdown } from './countdown.ts';
import { byId, element } from './dom.ts';
import type { Payment } from './gateway.ts';
import type { Order } from './orders.ts';
import { rupiah, text } from './text.ts';

export type DisplayStatus = Payment['status'] | 'paidLate' | 'cancelling';

/** The status as the till names it. A payment is late when its money came after the QR had ended, for whatever reason. */
export function displayStatus(payment: Payment, isPaidLate: boolean): DisplayStatus {
  if (payment.status === 'pending' && payment.cancel_requested_at) return 'cancelling';
  const isLate = isPaidLate || (payment.paid_at !== null && payment.paid_at > payment.expires_at);
  return payment.status === 'paid' && isLate ? 'paidLate' : payment.status;
}

const actions = ['cancel', 'check', 'refund', 'again'] as const;
type Action = (typeof actions)[number];

/** The sign in place of a QR, and the buttons that each status offers. */
const views: Record<DisplayStatus, { sign: string; offers: readonly Action[] }> = {
  created: { sign: '…', offers: ['cancel'] },
  pending: { sign: '…', offers: ['cancel', 'check'] },
  cancelling: { sign: '…', offers: ['check'] },
  paid: { sign: '✓', offers: ['refund'] },
  paidLate: { sign: '✓', offers: ['refund'] },
  partially_refunded: { sign: '↩', offers: ['refund'] },
  refunded: { sign: '↩', offers: [] },
  expired: { sign: '⏲', offers: ['check', 'again'] },
  cancelled: { sign: '✕', offers: ['check', 'again'] },
  failed: { sign: '!', offers: ['again'] },
};

/** Shows an order and its payment; null until the first QR arrives. `onExpired` is called when the QR's time has run out. */
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
  for (const action of actions) byId(action).hidden = !views[status].offers.includes(action);
}

function showQr(payment: Payment | null, status: DisplayStatus): void {
  const frame = byId('qr');
  frame.dataset.status = status;
  if (!payment?.qr_image_url) {
    frame.replaceChildren(element('span', { class: 'sign', 'aria-hidden': 'true' }, views[status].sign));
    return;
  }
  // The link starts with PUBLIC_URL. This page may be open under another address, so only the path is used.
  const { pathname, search } = new URL(payment.qr_image_url);
  const source = pathname + search;
  if (frame.querySelector('img')?.getAttribute('src') === source) return;
  const alt = text('qrOf', { number: payment.order_number, amount: rupiah(payment.amount) });
  frame.replaceChildren(element('img', { src: source, alt, width: 256, height: 256 }));
}
