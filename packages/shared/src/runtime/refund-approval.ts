import { z } from 'zod';

/** REFUND_APPROVAL_FROM: when the refunds of a payment reach that many rupiah together, a refund waits for a second person. Unset: null, none does. */
export const refundApprovalFrom = () =>
  z.coerce
    .number('must be a whole number of rupiah, 1 or more')
    .int('must be a whole number of rupiah, 1 or more')
    .min(1)
    .nullable()
    .default(null);
