import { byId } from './dom.ts';
import { ask, newKey, type Payment } from './gateway.ts';
import { tell } from './message.ts';
import { rupiah, say } from './say.ts';

/** Asks how much and why, then refunds. @returns whether a refund was asked for */
export async function offerRefund({ payment_id, order_number, received_amount, refunded_amount }: Payment): Promise<boolean> {
  const dialog = byId('refund-dialog', HTMLDialogElement);
  const amount = byId('refund-amount', HTMLInputElement);
  const reason = byId('refund-reason', HTMLInputElement);
  byId('refund-title').textContent = say('refundTitle', { number: order_number });
  amount.max = amount.value = String(received_amount - refunded_amount);
  reason.value ||= say('refundReasonUsual');
  dialog.returnValue = '';
  dialog.showModal();
  amount.select();
  await new Promise((closed) => dialog.addEventListener('close', closed, { once: true }));
  if (dialog.returnValue !== 'refund') return false;
  const body = { amount: amount.valueAsNumber, reason: reason.value };
  await ask('POST', `/transaction/payments/${payment_id}/refunds`, body, { 'idempotency-key': newKey() });
  tell(say('refundOf', { amount: rupiah(body.amount), status: say('refundPending') }));
  return true;
}
