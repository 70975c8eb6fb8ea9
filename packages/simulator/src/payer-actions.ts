import type { Charge } from './charge.ts';
import type { Delivery } from './webhook-sender.ts';

/** Who pays, and how much. */
export interface Payer {
  /** The payer's app in any spelling: `dana`, `GoPay`. */
  issuer: string;
  /** Whole rupiah; null: the amount of the charge. */
  amount: number | null;
}

/** A refund that was made at the provider's dashboard. Whole rupiah. */
export interface DashboardRefund {
  amount: number;
  reference: string | null;
}

/** The statuses that a false webhook may report. */
export const forgeable = ['paid', 'expired', 'cancelled', 'failed'] as const;
export type ForgedStatus = (typeof forgeable)[number];

/** What can happen to a charge other than through the provider's API. Every action may throw ActionNotPossible. */
export interface PayerActions {
  pay(charge: Charge, payer: Payer, delivery: Delivery): void;
  /** The charge expires unpaid. */
  expire(charge: Charge): void;
  /** The provider gives the charge up: Midtrans `deny`, Xendit `FAILED`. */
  fail(charge: Charge): void;
  /** A merchant refunds the payer at the provider's dashboard. `reference` is the name that this refund has there, if any. */
  refundAtDashboard(charge: Charge, refund: DashboardRefund): void;
  /** The provider takes the payment back: the payer's app reversed it. */
  reverse(charge: Charge): void;
  /** Sends a validly signed webhook that reports a false status. The charge does not change. */
  forge(charge: Charge, status: ForgedStatus): void;
}
