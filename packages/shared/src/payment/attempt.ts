import type { PaymentId } from './ids.ts';
import type { Rupiah } from './rupiah.ts';

/**
 * `sending`: the provider was called and has not answered. `open`: a correct QR exists. `rejected`: nothing payable exists.
 * `unknown`: a charge may exist at the provider, and its QR may never be shown. `absent`: it is proven that no charge exists.
 */
export type AttemptStatus = 'sending' | 'open' | 'rejected' | 'unknown' | 'cancelled' | 'expired' | 'absent' | 'paid';

/** One row of `gateway.attempts`: one try to create a charge at one provider account. Amounts are whole rupiah, times UTC. */
export interface Attempt {
  paymentId: PaymentId;
  no: number;
  provider: string;
  account: string;
  reference: string;
  providerChargeId: string | null;
  status: AttemptStatus;
  reason: string | null;
  paid: Rupiah | null;
  /** True when the order is paid with the money of this attempt. */
  accepted: boolean;
  /** True while the host's paid amount does not show the accepted money. */
  unbooked: boolean;
  /** The host's paid amount before this money was recorded, exact. Null: the host could not be read. */
  hostPaidBefore: string | null;
  issuer: string | null;
  receipt: string | null;
  paidAt: Date | null;
  /** When the charge is looked up next. Null: nothing is left to find out. */
  resolveAt: Date | null;
  leaseNo: number;
  startedAt: Date;
  answeredAt: Date | null;
}
