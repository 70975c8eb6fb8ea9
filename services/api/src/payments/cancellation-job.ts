import type { Payment } from '@gateway/shared/payment';

/** The job that cancels an open payment. Before its QR is on display that is the charge job, because that job may be creating a charge. */
export const cancellationJob = ({ status }: Pick<Payment, 'status'>) => (status === 'created' ? 'charge' : 'cancel-payment');
