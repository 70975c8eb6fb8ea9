import { type ChargeState, refundedOrPending } from '../charge.ts';
import type { SwitchSettings } from '../switches.ts';

export interface RefundCheck {
  state: ChargeState;
  /** Whole rupiah. */
  amount: number;
  now: number;
  switches: SwitchSettings;
}

/** Why a refund is refused: the HTTP status and Xendit's error code. */
export interface RefundRefusal {
  status: 400 | 403;
  errorCode: string;
}

const dayMs = 86_400_000;
const refusal = (status: 400 | 403, errorCode: string): RefundRefusal => ({ status, errorCode });

/** Test-mode amounts whose refund is refused, with the legacy error codes. Source: providers.md 3.12. */
const magicRefusals = new Map([
  [10_300, refusal(400, 'MAXIMUM_REFUND_AMOUNT_REACHED')],
  [10_301, refusal(400, 'PARTIAL_REFUND_NOT_SUPPORTED')],
  [10_303, refusal(400, 'REFUND_NOT_SUPPORTED')],
  [10_304, refusal(400, 'REFUND_IN_PROGRESS')],
  [10_305, refusal(403, 'INELIGIBLE_TRANSACTION')],
]);

/** Test-mode amounts whose refund is accepted, and fails by webhook. Source: providers.md 3.12. */
const magicFailures = new Map([
  [20_300, 'INELIGIBLE_TRANSACTION'],
  [20_301, 'INSUFFICIENT_BALANCE'],
]);

/** Null: the refund is possible. Source: providers.md 3.9, 3.10. */
export function refundRefusal({ state, amount, now, switches }: RefundCheck): RefundRefusal | null {
  const { payment, refunds } = state;
  const magicResult = switches.xendit_magic_amounts ? magicRefusals.get(amount) : undefined;
  if (magicResult) return magicResult;
  if (!payment) return { status: 400, errorCode: 'INELIGIBLE_TRANSACTION_STATUS' };
  if (refunds.some((refund) => refund.status === 'pending')) return { status: 400, errorCode: 'REFUND_IN_PROGRESS' };
  if (refundedOrPending(state) + amount > payment.amount) return { status: 400, errorCode: 'REFUND_AMOUNT_EXCEEDED' };
  const isFull = amount === payment.amount;
  const age = now - payment.paidAt;
  const isFullOnly = switches.xendit_refund_window === '30_days_full_only';
  if (age > (isFullOnly ? 30 : 7) * dayMs) return { status: 400, errorCode: 'INELIGIBLE_TRANSACTION_STATUS' };
  if (isFullOnly && !isFull) return { status: 403, errorCode: 'PARTIAL_REFUND_NOT_SUPPORTED' };
  return issuerRefusal(payment.issuer, isFull, age, switches);
}

/** The failure code with which the refund will end; null: it will succeed. */
export function refundFailure(amount: number, switches: SwitchSettings): string | null {
  const magicResult = switches.xendit_magic_amounts ? magicFailures.get(amount) : undefined;
  return magicResult ?? switches.xendit_refund_failure;
}

function issuerRefusal(issuer: string, isFull: boolean, age: number, switches: SwitchSettings): RefundRefusal | null {
  const name = issuer.replace(/[^a-z]/g, '');
  if (name === 'cimb' || name === 'cimbniaga') {
    if (!isFull) return { status: 403, errorCode: 'PARTIAL_REFUND_NOT_SUPPORTED' };
    return age < dayMs ? { status: 403, errorCode: 'REFUND_NOT_SUPPORTED' } : null;
  }
  return switches.xendit_refundable_issuers.includes(name) ? null : { status: 403, errorCode: 'REFUND_NOT_SUPPORTED' };
}
