export const paymentStatuses = ['created', 'pending', 'paid', 'expired', 'cancelled', 'failed', 'partially_refunded', 'refunded'] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const paymentEventTypes = [
  'payment.pending',
  'payment.paid',
  'payment.paid_late',
  'payment.duplicate_paid',
  'payment.expired',
  'payment.cancelled',
  'payment.failed',
  'payment.review',
  'refund.pending',
  'refund.succeeded',
  'refund.failed',
  'order.paid',
] as const;
export type PaymentEventType = (typeof paymentEventTypes)[number];
