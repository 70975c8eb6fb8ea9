import type { JobName, JobPayload } from '@gateway/shared/queue';
import type { Due, DuePayment } from '@gateway/shared/store';

/** A job with what it is about. */
export type Job = { [Name in JobName]: { name: Name; payload: JobPayload<Name> } }[JobName];

/** The job that a due row stands for. */
export function jobOf(due: Due): Job {
  const { host, claim } = due;
  switch (due.kind) {
    case 'payment':
      return { name: jobOfPayment(due), payload: { host, paymentId: due.id, claim } };
    case 'attempt':
      return { name: 'resolve-attempt', payload: { host, paymentId: due.paymentId, no: due.no, claim } };
    case 'webhook':
      return { name: 'verify-webhook', payload: { host, inboxId: due.id, claim } };
    case 'refund':
      return { name: 'refund', payload: { host, refundId: due.id, claim } };
    case 'host-write':
      return { name: 'write-host', payload: { host, hostWriteId: due.id, claim } };
  }
}

function jobOfPayment({ status, isCancelRequested, isExpired }: DuePayment) {
  if (status === 'created') return 'charge';
  if (status !== 'pending') return 'check-payment'; // its QR is gone; money may still come
  if (isCancelRequested) return 'cancel-payment';
  return isExpired ? 'expire-payment' : 'check-payment';
}
