import type { Rupiah } from '../payment/index.ts';

/** What differs between providers and matters to whoever chooses, polls or refunds: data, so that nobody asks for a provider's name. */
export interface ProviderTraits {
  maxAmount: Rupiah;
  /** Whether a discount line makes it refuse a charge. */
  refusesNegativeItems: boolean;
  /** A charge's life where the provider fixes it, whatever was asked; null where it does as it is told. */
  fixedLifetimeMs: number | null;
  /** How many calls an account may be asked in a second, all of its charges together. */
  callsPerSecond: { readonly test: number; readonly live: number };
  /** How close two looks at one charge may be. */
  minPollMs: { readonly test: number; readonly live: number };
  /** How long after its end a charge may still be paid, or be found paid. */
  latePaymentWindowMs: number;
  /** Whether `findCharge` without an id finds a charge that nobody has paid. If not, its null means "no money found". */
  findsUnpaidByReference: boolean;
  /** Whether a refund that is asked for again under the same reference is carried out once. */
  repeatsRefundsSafely: boolean;
  /** Why a refund would be refused, before anybody is asked; null when there is no reason that we know. Pure. */
  refundObstacle(facts: RefundFacts): RefundObstacle | null;
}

export interface RefundFacts {
  /** Lower case, as in `Charge`. */
  issuer: string | null;
  acquirer: string;
  paidAt: Date;
  paidAmount: Rupiah;
  amount: Rupiah;
  now: Date;
}

export interface RefundObstacle {
  code: 'refund_window_over' | 'issuer_not_refundable' | 'partial_refund_not_supported' | 'refund_not_possible_yet';
  /** For the person who asked: what the rule is. */
  detail: string;
  /** When the same refund may be asked for again; null: never. */
  retryAt: Date | null;
}

export const dayMs = 24 * 3_600_000;

export const isPartial = ({ amount, paidAmount }: Pick<RefundFacts, 'amount' | 'paidAmount'>): boolean => amount < paidAmount;
