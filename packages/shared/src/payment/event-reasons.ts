import { lateMoneyPolicies, reviewReasons } from './arriving-money.ts';
import type { PaymentEventType } from './payment-status.ts';
import { refundCauses, refundFailures } from './refund.ts';

/** Why a payment was closed without money. `provider`: it says so itself; `provider_unreachable`: it could not be asked, and is watched on. */
export const closeReasons = ['provider', 'provider_unreachable', 'providers_unavailable', 'expired_before_display'] as const;
export type CloseReason = (typeof closeReasons)[number];

/** Why a QR was taken off display before its time. */
export const cancelReasons = ['client', 'replaced', 'order_paid', 'order_closed_elsewhere', 'operator'] as const;
export type CancelReason = (typeof cancelReasons)[number];

/** Every event, and what it may give as its reason, policy or cause: whoever puts events into words needs a sentence for each. */
export const eventReasons = {
  'payment.pending': [],
  'payment.paid': [],
  'payment.paid_late': lateMoneyPolicies,
  'payment.duplicate_paid': [],
  'payment.expired': closeReasons,
  'payment.cancelled': [...closeReasons, ...cancelReasons],
  'payment.failed': closeReasons,
  'payment.review': reviewReasons,
  'refund.pending': refundCauses,
  'refund.succeeded': refundCauses,
  'refund.failed': refundFailures,
  'order.paid': [],
} as const satisfies Record<PaymentEventType, readonly string[]>;
