import { countDown, stopCountdown } from './countdown.ts';
import { byId, element } from './dom.ts';
import type { Payment } from './gateway.ts';
import type { Order } from './orders.ts';
import { rupiah, say } from './say.ts';

export type Standing = Payment['status'] | 'paidLate' | 'cancelling';

/** What a cashier calls it. Late is what came after the QR had ended, whoever ended it. */
export function standingOf(payment: Payment, cameLate: boolean): Standing {
  if (payment.status === 'pending' && payment.cancel_requested_at) return 'cancelling';
  const isLate = cameLate || (payment.paid_at !== null && payment.paid_at > payment.expires_at);
  return payment.status === 'paid' && isLate ? 'paidLate' : payment.status;
}

const signs: Record<Standing, string> = {
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

const isOver = (standing: Standing) => ['expired', 'cancelled', 'failed'].includes(standing);
const isPaid = (standing: Standing) => ['paid', 'paidLate', 'partially_refunded'].includes(standing);

/** Shows an order and its payment; null while its first QR is asked for. `over` is called when the QR's time is up. */
export function showPayment(
  order: Pick<Order, 'order_number' | 'table_number' | 'due' | 'items'>,
  payment: Payment | null,
  { cameLate, over }: { cameLate: boolean; over: () => void },
): void {
  const standing = payment ? standingOf(payment, cameLate) : 'created';
  byId('pick-order').hidden = true;
  byId('payment').hidden = false;
  byId('order-title').textContent = [say('order', { number: order.order_number }), order.table_number].filter(Boolean).join(' · ');
  byId('amount').textContent = rupiah(payment?.amount ?? order.due);
  byId('dishes').textContent = order.items.map(({ name, quantity }) => `${Number(quantity)} × ${name}`).join(', ');
  const chip = byId('standing');
  chip.textContent = say(standing);
  chip.dataset.status = standing;
  byId('needs-review').hidden = !payment?.needs_review;
  showQr(payment, standing);
  const isShown = payment?.qr_image_url != null;
  byId('countdown').hidden = !isShown;
  if (payment && isShown) countDown(payment.created_at, payment.expires_at, over);
  else stopCountdown();
  byId('cancel').hidden = standing !== 'pending' && standing !== 'created';
  byId('check').hidden = !['pending', 'cancelling', 'expired', 'cancelled'].includes(standing);
  byId('refund').hidden = !isPaid(standing);
  byId('again').hidden = !isOver(standing);
}

function showQr(payment: Payment | null, standing: Standing): void {
  const frame = byId('qr');
  frame.dataset.status = standing;
  if (!payment?.qr_image_url) {
    frame.replaceChildren(element('span', { class: 'sign', 'aria-hidden': 'true' }, signs[standing]));
    return;
  }
  // The gateway's links begin with its public address; this page may have come by another way.
  const { pathname, search } = new URL(payment.qr_image_url);
  const source = pathname + search;
  if (frame.querySelector('img')?.getAttribute('src') === source) return;
  const alt = say('qrOf', { number: payment.order_number, amount: rupiah(payment.amount) });
  frame.replaceChildren(element('img', { src: source, alt, width: 256, height: 256 }));
}
