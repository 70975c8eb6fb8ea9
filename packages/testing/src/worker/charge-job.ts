import type { Payment } from '@gateway/shared/payment';
import type { JobPayload } from '@gateway/shared/queue';

/**
 * The job that makes the QR of a payment.
 * @param options.isAtOnce as a create adds it: one statement reads the payment and begins its first attempt. False: as the sweep does
 */
export const chargeJobOf = (
  { host, id: paymentId, leaseNo, storeId, amount }: Pick<Payment, 'host' | 'id' | 'leaseNo' | 'storeId' | 'amount'>,
  { isAtOnce = true }: { isAtOnce?: boolean } = {},
): { name: 'charge'; payload: JobPayload<'charge'> } => ({
  name: 'charge',
  payload: { host, paymentId, leaseNo, ...(isAtOnce ? { routedBy: { storeId, amount } } : {}) },
});
