import type { Rupiah } from './rupiah.ts';

/**
 * `sending`: asked, no answer yet. `open`: a right QR exists. `rejected`: surely nothing payable.
 * `unknown`: something may exist at the provider; its QR may never be shown. `absent`: proven not to exist.
 */
export type AttemptStatus = 'sending' | 'open' | 'rejected' | 'unknown' | 'cancelled' | 'expired' | 'absent' | 'paid';

/** One row of `gateway.attempts`: one try at one provider. */
export interface Attempt {
  paymentId: string;
  no: number;
  provider: string;
  account: string;
  reference: string;
  providerChargeId: string | null;
  status: AttemptStatus;
  reason: string | null;
  paid: Rupiah | null;
  accepted: boolean;
  issuer: string | null;
  receipt: string | null;
  paidAt: Date | null;
  resolveAt: Date | null;
  leaseNo: number;
  startedAt: Date;
  answeredAt: Date | null;
}
