import { type ReviewReason, reviewReasons } from './event-reasons.ts';
import { type QrisProblem, qrisProblems } from './qris.ts';

/** Those that only operators see; the world hears of the others as `payment.review`. */
const operatorReasons = ['late_money_held', 'refund_failed', 'refund_unconfirmed', 'host_refused_refund', 'host_not_told'] as const;

/** Where two records of money disagree. What each means and what to do: docs/runbook.md. */
export type DiscrepancyReason = ReviewReason | (typeof operatorReasons)[number] | `qr_${QrisProblem}`;

export const discrepancyReasons: readonly DiscrepancyReason[] = [
  ...reviewReasons,
  ...operatorReasons,
  ...qrisProblems.map((problem) => `qr_${problem}` as const),
];
