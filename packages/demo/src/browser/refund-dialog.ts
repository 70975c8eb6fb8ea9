import { byId } from './dom.ts';
import { newIdempotencyKey, type Payment, request } from './gateway.ts';
import { showMessage } from './message.ts';
import { rupiah, text } from './text.ts';

/** Asks for amount and reason, then requests the refund. @returns false when the dialog was closed without a request */
export async function openRefundDialog({ payment_id, order_number, received_amount, refunded_amount }: Payment): Promise<boolean> {
  const dialog = byId('refund-dialog', HTMLDialogElement);
  const amount = byId('refund-amount', HTMLInputElement);
  const reason = byId('refund-reason', HTMLInputElement);
  byId('refund-title').textContent = text('refundTitle', { number: order_number });
  amount.max = amount.value = String(received_amount - refunded_amount);
  reason.value ||= text('refundReasonUsual');
  dialog.returnValue = '';
  dialog.showModal();
  amount.select();
  await new Promise((resolve) => dialog.addEventListener('close', resolve, { once: true }));
  if (dialog.returnValue !== 'refund') return false;
  const body = { amount: amount.valueAsNumber, reason: reason.value };
  await request('POST', `/transaction/payments/${payment_id}/refunds`, body, { 'idempotency-key': newIdempotencyKey() });
  showMessage(text('refundRequested', { amount: rupiah(body.amount) }));
  return true;
}
