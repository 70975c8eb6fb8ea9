import type { Charge } from './charge.ts';
import type { Delivery } from './webhook-sender.ts';

/** Who pays, and how much. */
export interface Payer {
  /** The payer's app in any spelling: `dana`, `GoPay`. */
  issuer: string;
  /** Whole rupiah; null: the amount of the charge. */
  amount: number | null;
}

/** The statuses that a false webhook may report. */
export const forgeable = ['paid', 'expired', 'cancelled', 'failed'] as const;
export type ForgedStatus = (typeof forgeable)[number];

/** The action is not possible in the current state of the charge. */
export class ActionNotPossible extends Error {
  override readonly name = 'ActionNotPossible';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What can happen to a charge other than through the provider's API. Every action may throw ActionNotPossible. */
export interface PayerActions {
  pay(charge: Charge, payer: Payer, delivery: Delivery): void;
  /** The charge expires unpaid. */
  expire(charge: Charge): void;
  /** The provider gives the charge up: Midtrans `deny`, Xendit `FAILED`. */
  fail(charge: Charge): void;
  /** Sends a validly signed webhook that reports a false status. The charge does not change. */
  forge(charge: Charge, status: ForgedStatus): void;
}
