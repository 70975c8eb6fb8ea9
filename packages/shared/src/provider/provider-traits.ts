import type { Rupiah } from '../payment/index.ts';

/** What differs between providers for routing, polling and refunds. It is data, so that no other code depends on a provider's name. */
export interface ProviderTraits {
  maxAmount: Rupiah;
  /** Whether the provider refuses a charge with a discount line. */
  refusesNegativeItems: boolean;
  /** Lifetime of every charge in milliseconds, if the provider ignores the requested one; null if it applies the requested one. */
  fixedLifetimeMs: number | null;
  /** How many calls per second one account may make, for all of its charges together. */
  callsPerSecond: { readonly test: number; readonly live: number };
  /** Shortest time between two lookups of one charge, in milliseconds. */
  minPollMs: { readonly test: number; readonly live: number };
  /** How long after its end a charge may still be paid, or be reported as paid, in milliseconds. */
  latePaymentWindowMs: number;
  /** Whether `findCharge` without the provider's id finds a charge that is not paid. If false, its null means "no payment found". */
  findsUnpaidByReference: boolean;
  /** Whether a refund that is requested twice with the same reference is carried out once. */
  repeatsRefundsSafely: boolean;
  /** The published rule that forbids this refund, checked before the provider is called; null when no known rule does. Pure. */
  refundObstacle(facts: RefundFacts): RefundObstacle | null;
}

export interface RefundFacts {
  /** Lower case, as in `Charge`; null when the provider did not name it. */
  issuer: string | null;
  acquirer: string;
  paidAt: Date;
  paidAmount: Rupiah;
  amount: Rupiah;
  now: Date;
}

export interface RefundObstacle {
  code: 'refund_window_over' | 'issuer_not_refundable' | 'partial_refund_not_supported' | 'refund_not_possible_yet';
  /** The rule, for the person who requested the refund. */
  detail: string;
  /** When the same refund may be requested again; null: never. */
  retryAt: Date | null;
}

export const dayMs = 24 * 3_600_000;

export const isPartial = ({ amount, paidAmount }: Pick<RefundFacts, 'amount' | 'paidAmount'>): boolean => amount < paidAmount;
