import { stateOf } from '@gateway/simulator';
import { isKeptForAReason } from './explanations.ts';
import type { Scenario } from './model-run.ts';
import { unexplainedPayments } from './till-and-kitchen.ts';

/** A message for each piece of work that did not end: I1, I7 and I8 at the end of a scenario. */
export function unfinishedWork({ records, charges }: Pick<Scenario, 'records' | 'charges'>): string[] {
  const { payments, attempts, refunds, discrepancies, inbox, hostWrites } = records;
  const unfinished: string[] = [...unexplainedPayments(records, charges())];
  const hasOpenDiscrepancy = (paymentId: string, reasons: string[]) =>
    discrepancies.some((d) => d.paymentId === paymentId && !d.closedAt && reasons.includes(d.reason));
  for (const { id, status } of payments) {
    if (status === 'created') unfinished.push(`${id} is still created`);
    if (status === 'pending' && !hasOpenDiscrepancy(id, ['underpaid', 'paid_unconfirmed']))
      unfinished.push(`${id} is still pending, without a discrepancy that says why`);
  }
  for (const charge of charges()) {
    const attempt = attempts.find(({ reference }) => reference === charge.reference);
    if (stateOf(charge).payment && attempt?.status !== 'paid')
      unfinished.push(`${charge.reference} was paid, and its attempt is ${attempt?.status}`);
  }
  for (const { paymentId, no, status } of attempts) {
    if ((status === 'sending' || status === 'unknown') && !hasOpenDiscrepancy(paymentId, ['unresolved_attempt']))
      unfinished.push(`attempt ${no} is still ${status}`);
  }
  for (const { paymentId, no, status, accepted, paid, reserved } of attempts) {
    if (status === 'paid' && !accepted && !isKeptForAReason(records, { paymentId, attemptNo: no }) && reserved !== paid)
      unfinished.push(`of ${paid} that no order accepted, ${reserved} was refunded`);
  }
  for (const { reference, processedAt, verdict } of inbox)
    if (!processedAt) unfinished.push(`the webhook about ${reference} is still ${verdict}`);
  for (const { paymentId, reference, status } of refunds)
    if (status === 'pending' && !hasOpenDiscrepancy(paymentId, ['refund_unconfirmed']))
      unfinished.push(`refund ${reference} is still pending, without a discrepancy that says why`);
  for (const { paymentId, step, doneAt } of hostWrites)
    if (!doneAt) unfinished.push(`the host write ${step} of ${paymentId} is still deferred`);
  return unfinished;
}
