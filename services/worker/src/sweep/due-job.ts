import type { JobName, JobPayload } from '@gateway/shared/queue';
import type { due, leases } from '@gateway/shared/store';

/** A job to start: its name and its payload. */
export type Job = { [Name in JobName]: { name: Name; payload: JobPayload<Name> } }[JobName];

/** The job that works on a due row. */
export function jobFor(dueRow: due.Due): Job {
  const { host, leaseNo } = dueRow;
  switch (dueRow.kind) {
    case 'payment':
      return { name: paymentJobName(dueRow), payload: { host, paymentId: dueRow.id, leaseNo } };
    case 'attempt':
      return { name: 'resolve-attempt', payload: { host, paymentId: dueRow.paymentId, no: dueRow.no, leaseNo } };
    case 'webhook':
      return { name: 'verify-webhook', payload: { host, inboxId: dueRow.id, leaseNo } };
    case 'refund':
      return { name: 'refund', payload: { host, refundId: dueRow.id, leaseNo } };
    case 'host-write':
      return { name: 'write-host', payload: { host, hostWriteId: dueRow.id, leaseNo } };
  }
}

function paymentJobName({ status, isCancelRequested, isExpired }: leases.DuePayment) {
  if (status === 'created') return 'charge';
  if (status !== 'pending') return 'check-payment'; // late-payment polling: the QR is gone, but money may still arrive
  if (isCancelRequested) return 'cancel-payment';
  return isExpired ? 'expire-payment' : 'check-payment';
}
