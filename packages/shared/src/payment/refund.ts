import type { PaymentId, RefundId } from './ids.ts';
import type { Rupiah } from './rupiah.ts';

/** Who requested a refund. `duplicate`, `late`: the gateway, because no order is paid with the money. */
export const refundCauses = ['client', 'duplicate', 'late', 'operator'] as const;
export type RefundCause = (typeof refundCauses)[number];

export const refundStatuses = ['pending', 'succeeded', 'failed'] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Why a refund failed. The timeline has a sentence for each value. */
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
  'not_approved',
] as const;
export type RefundFailure = (typeof refundFailures)[number];

/** The failure for a provider's reason; an unknown reason is `refused`. */
export const refundFailureOf = (reason: string | null): RefundFailure => refundFailures.find((known) => known === reason) ?? 'refused';

/** What a second person decided about a large refund, and for the asker `withdrawn`. */
export const refundDecisions = ['approved', 'refused', 'withdrawn'] as const;
export type RefundDecision = (typeof refundDecisions)[number];

/** A refund that needs a second person. */
export interface RefundApproval {
  /** The operator who asked, as in the audit log, or `key cli_…` for an API key. */
  requestedBy: string;
  /** Null: the refund waits, and nothing reaches the provider. */
  decision: RefundDecision | null;
  decidedBy: string | null;
  /** ISO 8601, UTC. */
  decidedAt: string | null;
}

/** One row of `gateway.refunds`. Amounts are whole rupiah, times UTC. */
export interface Refund {
  id: RefundId;
  paymentId: PaymentId;
  attemptNo: number;
  reference: string;
  amount: Rupiah;
  status: RefundStatus;
  cause: RefundCause;
  reason: string;
  providerRefundId: string | null;
  failure: RefundFailure | null;
  /** Since when the provider may have received the request. Null: it certainly has not. */
  askedAt: Date | null;
  /** When the refund is due for work. Null: it is final, or waits for approval. */
  nextTryAt: Date | null;
  leaseNo: number;
  /** Null: it needs no second person. */
  approval: RefundApproval | null;
  createdAt: Date;
  updatedAt: Date;
}
