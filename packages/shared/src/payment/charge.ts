import type { RefundStatus } from './refund.ts';
import type { Rupiah } from './rupiah.ts';

/**
 * What a provider says of its charge, in our words (providers.md 8). `open`: the QR waits to be scanned.
 * A word we do not know is `open` too: "not final" is the only safe reading.
 * A charge whose money was partly or wholly given back is still `paid`: its `refunds` tell the rest.
 */
export const chargeStatuses = ['open', 'paid', 'expired', 'cancelled', 'failed'] as const;
export type ChargeStatus = (typeof chargeStatuses)[number];

/** A refund as the provider knows it. `reference` is ours, null when somebody refunded from the provider's dashboard. */
export interface ChargeRefund {
  reference: string | null;
  providerRefundId: string;
  amount: Rupiah;
  status: RefundStatus;
  reason: string | null;
  /** Why it failed, in our words where we have one; null when it did not. */
  failure: string | null;
}

/** The provider's own object, the one that carries the QR, as it was when we asked. */
export interface Charge {
  /** Ours: the attempt's reference, which the provider keeps for us. */
  reference: string;
  providerChargeId: string;
  status: ChargeStatus;
  /** What we asked for; a fee that the provider put on top for the payer is taken off again. */
  amount: Rupiah;
  /** What the payer paid for the order, null before; may differ from `amount` (tips, static QR). */
  paidAmount: Rupiah | null;
  paidAt: Date | null;
  /** Null when the provider's answer carries none (a status answer, say). */
  qrString: string | null;
  expiresAt: Date | null;
  /** Whose app paid, lower case, as the provider names it: `dana`, `gopay`. */
  issuer: string | null;
  /** What the payer's receipt and the provider's statement show. */
  receipt: string | null;
  refunds: ChargeRefund[];
}
