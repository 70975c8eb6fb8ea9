import type { RefundStatus } from './refund.ts';
import type { Rupiah } from './rupiah.ts';

/**
 * The status of a provider's charge, in the gateway's words (docs/providers.md 8). `open`: the QR can be scanned. An unknown status of
 * a provider is read as `open`, because "not final" is the only safe reading. A refunded charge stays `paid`: see its `refunds`.
 */
export const chargeStatuses = ['open', 'paid', 'expired', 'cancelled', 'failed'] as const;
export type ChargeStatus = (typeof chargeStatuses)[number];

/** A refund as the provider reports it. `reference` is ours; null for a refund that was made at the provider's dashboard. */
export interface ChargeRefund {
  reference: string | null;
  providerRefundId: string;
  amount: Rupiah;
  status: RefundStatus;
  reason: string | null;
  /** Why it failed: a value of `refundFailures` where one fits, else the provider's own. Null: it did not fail. */
  failure: string | null;
}

/** The provider's own object that carries the QR, as it was when the provider was asked. Amounts are whole rupiah, times UTC. */
export interface Charge {
  /** The attempt's reference, which the provider stores with the charge. */
  reference: string;
  providerChargeId: string;
  status: ChargeStatus;
  /** The requested amount. A fee that the provider adds for the payer is subtracted. */
  amount: Rupiah;
  /** What the payer paid for the order; null before. It may differ from `amount`, for example by a tip. */
  paidAmount: Rupiah | null;
  paidAt: Date | null;
  /** Null when the provider's answer carries no QR, as the answer to a status call. */
  qrString: string | null;
  expiresAt: Date | null;
  /** The issuer whose app paid, lower case, as the provider names it: `dana`, `gopay`. */
  issuer: string | null;
  /** The retrieval reference that the payer's receipt and the provider's statement show. */
  receipt: string | null;
  refunds: ChargeRefund[];
}
