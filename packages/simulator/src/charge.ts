import { ActionNotPossible } from './action-not-possible.ts';
import type { Timer } from './simulator-clock.ts';

export type ProviderName = 'midtrans' | 'xendit';
export const providerNames = ['midtrans', 'xendit'] as const satisfies readonly ProviderName[];

/** The state of a charge apart from its money: a late payment leaves a Xendit payment request `expired`. */
export type Lifecycle = 'pending' | 'paid' | 'expired' | 'cancelled' | 'failed';

/** What the payer paid. Whole rupiah; times are milliseconds of the simulator's clock. */
export interface Payment {
  readonly id: string;
  readonly amount: number;
  readonly issuer: string;
  readonly paidAt: number;
  /** Midtrans' `merchant_cross_reference_id` or `shopeepay_reference_number`, Xendit's `receipt_id`. */
  readonly receipt: string;
  /** The part of `amount` that is a fee charged to the payer (Midtrans' fee imposition); else 0. */
  readonly imposedFee: number;
}

/** Money back to the payer. Whole rupiah; times are milliseconds of the simulator's clock. */
export interface Refund {
  readonly id: string;
  /** Midtrans' `refund_chargeback_id`. Xendit shows no number. */
  readonly no: number;
  /** The merchant's name for the refund: Midtrans' `refund_key`, Xendit's `reference_id`. */
  readonly reference: string | null;
  readonly amount: number;
  readonly reason: string | null;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly failureCode: string | null;
  readonly createdAt: number;
  /** When the refund succeeded or failed; null while it is pending. */
  readonly concludedAt: number | null;
  /** The fields of the refund request that answers about the refund return. */
  readonly echo: Echo;
}

/** A charge at one moment. A change adds a state and edits none: the controls list all states, and the fault `lag` answers from an old one. */
export interface ChargeState {
  readonly at: number;
  /** Real time, because the delay of the fault `lag` is in real milliseconds. */
  readonly realAt: number;
  readonly lifecycle: Lifecycle;
  readonly payment: Payment | null;
  readonly refunds: readonly Refund[];
}

/** One attempt to deliver a webhook. */
interface NoticeAttempt {
  at: number;
  /** The status code of the merchant's answer, or why there was none: `timeout`, `ECONNREFUSED`. Null while the answer is awaited. */
  result: number | string | null;
}

/** One webhook to one address, as the controls list it. */
export interface NoticeRecord {
  event: string;
  at: number;
  result: 'sent' | 'dropped';
  hasInvalidSignature: boolean;
  attempts: NoticeAttempt[];
}

/** Fields of the merchant's request that the provider's answers return, under the provider's names. */
export type Echo = Readonly<Record<string, unknown>>;

/** The provider's object that carries the QR. Amounts are whole rupiah, times milliseconds of the simulator's clock. */
export interface Charge {
  readonly provider: ProviderName;
  readonly account: string;
  /** The merchant's name for the charge: Midtrans' `order_id`, Xendit's `reference_id`. */
  readonly reference: string;
  /** Midtrans' `transaction_id`, Xendit's `payment_request_id`. */
  readonly id: string;
  readonly amount: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Null when the provider denied the charge at once: nothing payable ever existed. */
  readonly qrString: string | null;
  readonly echo: Echo;
  /** Where the webhooks of this charge are sent. */
  readonly notificationUrls: readonly string[];
  /** Oldest first; never empty. */
  readonly states: [ChargeState, ...ChargeState[]];
  readonly calls: CallRecord[];
  readonly notices: NoticeRecord[];
  /** The timer of the expiry, cancelled when the charge is no longer pending. Null: no timer was set. */
  expiry: Timer | null;
}

export type Operation = 'create' | 'status' | 'cancel' | 'refund' | 'other';

/** One call to a provider's API, as the call log keeps it. Without headers and body, because they hold secrets and personal data. */
export interface CallRecord {
  readonly seq: number;
  readonly at: number;
  readonly provider: ProviderName;
  account: string | null;
  readonly operation: Operation;
  readonly method: string;
  readonly path: string;
  reference: string | null;
  /** The provider's own code for its answer (`201`, `DATA_NOT_FOUND`, `ok`), or `no_answer`, `reset`, `refused`. */
  outcome: string;
  /** Null when no answer was sent, or the caller had disconnected before it. */
  http_status: number | null;
  fault: string | null;
  /** The sub-account that a caller of Xendit acted for (header `for-user-id`). */
  for_user_id?: string;
}

export function stateOf(charge: Charge): ChargeState {
  return charge.states.at(-1) ?? charge.states[0];
}

/** The state of a charge at a real time; null when the charge did not exist yet. */
export function stateAsOf(charge: Charge, realAt: number): ChargeState | null {
  return charge.states.findLast((state) => state.realAt <= realAt) ?? null;
}

/** Rupiah in successful and pending refunds: the sum that limits further refunds. */
export function refundedOrPending(state: ChargeState): number {
  return sum(state.refunds.filter((refund) => refund.status !== 'failed'));
}

/** @throws ActionNotPossible when the charge is not paid, or less is left of it */
export function requireRefundable(charge: Charge, amount: number): void {
  const state = stateOf(charge);
  if (!state.payment) throw new ActionNotPossible('not_paid', 'this charge is not paid');
  if (amount > state.payment.amount - refundedOrPending(state)) throw new ActionNotPossible('too_much', 'less than this amount is left');
}

/** Rupiah that the provider reports as refunded: Midtrans counts a refund when it is approved, Xendit when it succeeded. */
function refunded(provider: ProviderName, state: ChargeState): number {
  if (provider === 'midtrans') return refundedOrPending(state);
  return sum(state.refunds.filter((refund) => refund.status === 'succeeded'));
}

export type NormalisedStatus = Lifecycle | 'partially_refunded' | 'refunded';

/** One status for the charge and its money together. Source: providers.md 8. */
export function normalisedStatus(charge: Charge): NormalisedStatus {
  const state = stateOf(charge);
  if (!state.payment) return state.lifecycle;
  const refundedAmount = refunded(charge.provider, state);
  if (refundedAmount === 0) return 'paid';
  return refundedAmount < state.payment.amount ? 'partially_refunded' : 'refunded';
}

const sum = (refunds: readonly Refund[]): number => refunds.reduce((total, refund) => total + refund.amount, 0);
