import type { Timer } from './simulator-clock.ts';

export type ProviderName = 'midtrans' | 'xendit';
export const providerNames = ['midtrans', 'xendit'] as const satisfies readonly ProviderName[];

/** How a charge stands apart from money: a payment that comes late leaves a Xendit request `expired`. */
export type Lifecycle = 'pending' | 'paid' | 'expired' | 'cancelled' | 'failed';

/** What the payer paid. Whole rupiah; times are milliseconds of the simulator's clock. */
export interface Payment {
  readonly id: string;
  readonly amount: number;
  readonly issuer: string;
  readonly paidAt: number;
  /** Midtrans: the cross reference; Xendit: the capture's id. */
  readonly receipt: string;
  /** The part of `amount` that is a fee put on top for the payer (Midtrans' fee imposition), else 0. */
  readonly imposedFee: number;
}

export interface Refund {
  readonly id: string;
  /** Midtrans numbers its refunds as well. */
  readonly no: number;
  /** The merchant's name for it: Midtrans' `refund_key`, Xendit's `reference_id`. */
  readonly reference: string | null;
  readonly amount: number;
  readonly reason: string | null;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly failureCode: string | null;
  readonly createdAt: number;
  /** When it succeeded or failed. */
  readonly concludedAt: number | null;
  /** What the merchant wants to read again in answers about it. */
  readonly echo: Echo;
}

/** A charge at one moment. Every change makes a new one, so the past can be told: the ledger shows it, and `lag` answers from it. */
export interface ChargeState {
  readonly at: number;
  /** The real time, for `lag`: its delay is in real milliseconds. */
  readonly realAt: number;
  readonly lifecycle: Lifecycle;
  readonly payment: Payment | null;
  readonly refunds: readonly Refund[];
}

/** One delivery attempt of one piece of news. */
interface NoticeAttempt {
  at: number;
  /** The status code of the answer, or why there was none: `timeout`, `ECONNREFUSED`. Null while we wait. */
  result: number | string | null;
}

export interface NoticeRecord {
  event: string;
  at: number;
  fate: 'sent' | 'dropped';
  forged: boolean;
  attempts: NoticeAttempt[];
}

/** What the merchant asked for and reads again in every answer; in the provider's own words. */
export type Echo = Readonly<Record<string, unknown>>;

/** The provider's object that carries the QR. Amounts are whole rupiah, times milliseconds of the simulator's clock. */
export interface Charge {
  readonly provider: ProviderName;
  readonly account: string;
  /** The merchant's name for it: Midtrans' `order_id`, Xendit's `reference_id`. */
  readonly reference: string;
  /** Midtrans' `transaction_id`, Xendit's `payment_request_id`. */
  readonly id: string;
  readonly amount: number;
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Null when the charge was refused at once: nothing payable ever existed. */
  readonly qrString: string | null;
  readonly echo: Echo;
  /** Where news of this charge goes. */
  readonly notificationUrls: readonly string[];
  /** Oldest first; never empty. */
  readonly states: [ChargeState, ...ChargeState[]];
  readonly calls: CallRecord[];
  readonly notices: NoticeRecord[];
  /** Called off once the charge is no longer pending. */
  expiry: Timer | null;
}

export type Operation = 'create' | 'status' | 'cancel' | 'refund' | 'other';

/** One call at a provider's API, as the ledger keeps it. No header and no body: they hold secrets and personal data. */
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
  /** Null when no answer left us, or the caller was gone before it could. */
  http_status: number | null;
  fault: string | null;
  /** Xendit: the sub-account that the caller acted for. */
  for_user_id?: string;
}

export function stateOf(charge: Charge): ChargeState {
  return charge.states.at(-1) ?? charge.states[0];
}

/** The charge as it was at a real time, null when it did not exist yet. */
export function stateAsOf(charge: Charge, realAt: number): ChargeState | null {
  return charge.states.findLast((state) => state.realAt <= realAt) ?? null;
}

/** Rupiah given back, or promised: what counts against the limit. */
export function refundedOrPending(state: ChargeState): number {
  return sum(state.refunds.filter((refund) => refund.status !== 'failed'));
}

/** Rupiah given back as the provider says it: Midtrans counts a refund once it is approved, Xendit once it succeeded. */
function refunded(provider: ProviderName, state: ChargeState): number {
  if (provider === 'midtrans') return refundedOrPending(state);
  return sum(state.refunds.filter((refund) => refund.status === 'succeeded'));
}

export type NormalisedStatus = Lifecycle | 'partially_refunded' | 'refunded';

/** The one word for charge and money together. Source: providers.md 8. */
export function normalisedStatus(charge: Charge): NormalisedStatus {
  const state = stateOf(charge);
  if (!state.payment) return state.lifecycle;
  const refundedAmount = refunded(charge.provider, state);
  if (refundedAmount === 0) return 'paid';
  return refundedAmount < state.payment.amount ? 'partially_refunded' : 'refunded';
}

const sum = (refunds: readonly Refund[]): number => refunds.reduce((total, refund) => total + refund.amount, 0);
