import type { Rupiah } from './rupiah.ts';

/** Who wanted it. `duplicate`, `late`: the gateway itself, since no order wants the money. */
export const refundCauses = ['client', 'duplicate', 'late', 'operator'] as const;
export type RefundCause = (typeof refundCauses)[number];

export const refundStatuses = ['pending', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Why a refund came to nothing, in our words. */
export const refundFailures = [
  'refund_window_over',
  'issuer_not_refundable',
  'partial_refund_not_supported',
  'refund_not_possible_yet',
  'refund_not_supported',
  'refund_amount_exceeded',
  'partial_refund_counts_exceeded',
  'insufficient_balance',
  'not_refundable',
  'not_found',
  'denied_by_bank',
  'account_blocked',
  'account_not_found',
  'duplicate',
  'refused',
] as const;
export type RefundFailure = (typeof refundFailures)[number];

/** What a provider's word comes to; one that we do not know is `refused`. */
export const refundFailureOf = (reason: string | null): RefundFailure => refundFailures.find((known) => known === reason) ?? 'refused';

/** One row of `gateway.refunds`. */
export interface Refund {
  id: string;
  paymentId: string;
  attemptNo: number;
  reference: string;
  amount: Rupiah;
  status: RefundStatus;
  cause: RefundCause;
  reason: string;
  providerRefundId: string | null;
  failure: RefundFailure | null;
  /** Since when the provider may have heard of it; null: surely not. */
  askedAt: Date | null;
  /** When somebody looks at it again; null: it is final. */
  nextTryAt: Date | null;
  leaseNo: number;
  createdAt: Date;
  updatedAt: Date;
}
