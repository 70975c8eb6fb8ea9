import { type ReviewReason, reviewReasons } from './event-reasons.ts';
import { type QrisProblem, qrisProblems } from './qris.ts';

/** Reasons that only operators see. The others are also announced, by `payment.review`. */
const operatorReasons = [
  'late_money_held',
  'refund_failed',
  'refund_unconfirmed',
  'host_refused_refund',
  'host_not_told',
  'account_not_configured',
] as const;

/** Why two records of money disagree. docs/runbook.md says what each reason means and what to do. */
export type DiscrepancyReason = ReviewReason | (typeof operatorReasons)[number] | `qr_${QrisProblem}`;

export const discrepancyReasons: readonly DiscrepancyReason[] = [
  ...reviewReasons,
  ...operatorReasons,
  ...qrisProblems.map((problem) => `qr_${problem}` as const),
];
