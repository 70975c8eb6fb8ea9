import type { PaymentEventType } from './payment-status.ts';
import { refundCauses, refundFailures } from './refund.ts';

/** Why a payment was closed without money. `provider`: the provider reports it. `provider_unreachable`: the provider could not be asked; late-payment polling goes on. */
export const closeReasons = ['provider', 'provider_unreachable', 'providers_unavailable', 'expired_before_display'] as const;
export type CloseReason = (typeof closeReasons)[number];

/**
 * Why a QR was hidden before it expired. `order_closed_elsewhere`: the order may not be paid any more, because it was paid otherwise,
 * voided or deleted. `amount_changed`: the order owes another amount than the QR asks for.
 */
export const cancelReasons = ['client', 'replaced', 'order_paid', 'order_closed_elsewhere', 'amount_changed', 'operator'] as const;
export type CancelReason = (typeof cancelReasons)[number];

/** Why two records of money disagree and an operator must decide: the values of `data.reason` of `payment.review`. */
export const reviewReasons = [
  'overpaid',
  'underpaid',
  'host_refused',
  'paid_unconfirmed',
  'paid_though_never_shown',
  'provider_contradicts',
  'unresolved_attempt',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];

/** A store's late-payment policy: what happens to money that arrives after expiry, cancellation or failure. */
export const lateMoneyPolicies = ['accept', 'refund', 'hold'] as const;
export type LateMoney = (typeof lateMoneyPolicies)[number];

/** Every event type with the values that its reason, policy or cause may have. The timeline has a sentence for each value. */
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
