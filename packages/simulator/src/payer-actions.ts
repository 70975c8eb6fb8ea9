import type { Charge } from './charge.ts';
import type { Delivery } from './webhook-sender.ts';

export interface Payer {
  /** The app that pays, as a person writes it: `dana`, `gopay`. */
  issuer: string;
  /** Whole rupiah; null: what the QR says. */
  amount: number | null;
}

export const forgeable = ['paid', 'expired', 'cancelled', 'failed'] as const;
export type ForgedStatus = (typeof forgeable)[number];

/** A control that cannot be obeyed: the charge is in no state for it. */
export class ActionNotPossible extends Error {
  override readonly name = 'ActionNotPossible';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** What can happen to a charge from outside the API: the payer, the passing of time, and lies. Throws ChargeRefuses. */
export interface PayerActions {
  pay(charge: Charge, payer: Payer, delivery: Delivery): void;
  /** The provider lets it lapse. */
  expire(charge: Charge): void;
  /** The provider gives up on it. */
  fail(charge: Charge): void;
  /** Sends well-signed news that is not true; the book stays as it is. */
  forge(charge: Charge, status: ForgedStatus): void;
}
