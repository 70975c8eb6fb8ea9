import type { ChargeRefund, ChargeStatus } from '../../payment/index.ts';
import { errorOf, type ProviderError, ProviderOutcomeUnknown, type Refusal } from '../provider-error.ts';
import type { XenditResponse } from './xendit-client.ts';

const rejected = (reason: string): Refusal => ({ kind: 'rejected', reason });
const unknown = (reason: string): Refusal => ({ kind: 'unknown', reason });
const unavailable = (reason: string): Refusal => ({ kind: 'unavailable', reason });
const misconfigured = (reason: string): Refusal => ({ kind: 'misconfigured', reason });

/**
 * What each `error_code` means, where the HTTP status alone would mislead.
 * Source: Xendit API reference, "Create payment request", "Cancel", "Refund", read 2026-11 (docs/providers.md 3.6, 3.9, 3.10).
 */
const xenditRefusals: Readonly<Record<string, Refusal>> = {
  // 400
  API_VALIDATION_ERROR: rejected('validation'),
  INVALID_VALUE_ERROR: rejected('validation'),
  INVALID_JSON_FORMAT: rejected('validation'),
  PAYMENT_REQUEST_RATE_LIMITED: unavailable('rate_limited'), // a rate limit without status 429
  INACTIVE_PAYMENT_REQUEST: unknown('state_cannot_change'), // the charge exists, in another status than we assumed
  TEMPORARILY_UNAVAILABLE: unavailable('temporarily_unavailable'),
  // 400 for a refund
  REFUND_IN_PROGRESS: unknown('refund_in_progress'), // an earlier refund of this charge is pending, perhaps this very one
  REFUND_AMOUNT_EXCEEDED: rejected('refund_amount_exceeded'),
  MAXIMUM_REFUND_AMOUNT_REACHED: rejected('refund_amount_exceeded'),
  INELIGIBLE_TRANSACTION_STATUS: unknown('state_cannot_change'),
  INELIGIBLE_TRANSACTION: unknown('state_cannot_change'),
  INSUFFICIENT_BALANCE: rejected('insufficient_balance'),
  PARTIAL_REFUND_COUNTS_EXCEEDED: rejected('partial_refund_counts_exceeded'),
  TRANSACTION_NOT_FOUND: rejected('not_found'),
  // 403, and 400 in the older API
  REFUND_NOT_SUPPORTED: rejected('refund_not_supported'),
  PARTIAL_REFUND_NOT_SUPPORTED: rejected('partial_refund_not_supported'),
  INVALID_MERCHANT_SETTINGS: misconfigured('merchant_settings'),
  ACCOUNT_ACCESS_BLOCKED: misconfigured('account_blocked'),
  CHANNEL_NOT_ACTIVATED: misconfigured('channel_not_activated'),
  UNAUTHORIZED: misconfigured('unauthorized'),
  REQUEST_FORBIDDEN_ERROR: misconfigured('forbidden'),
  UNAUTHORIZED_SENDER_IP: misconfigured('sender_address'),
  // 401
  INVALID_API_KEY: misconfigured('unauthorized'),
  // 404; the v3 reference prints it under 409 by mistake
  DATA_NOT_FOUND: rejected('not_found'),
  // 429
  RATE_LIMIT_EXCEEDED: unavailable('rate_limited'),
  // 5xx: the call may have been carried out
  SERVER_ERROR: unknown('http_500'),
  CHANNEL_UNAVAILABLE: unknown('channel_unavailable'),
  ISSUER_UNAVAILABLE: unknown('issuer_unavailable'),
};

/** What an HTTP status means when its error code is in no table or absent. A status that is not listed is no clear refusal. */
const httpRefusals: Readonly<Record<number, Refusal>> = {
  400: rejected('validation'),
  401: misconfigured('unauthorized'),
  402: misconfigured('payment_required'),
  403: misconfigured('forbidden'),
  429: unavailable('rate_limited'),
};

/** @param code the body's `error_code`, null when the body is no JSON object that has one. */
function xenditRefusal(status: number, code: string | null): Refusal {
  if (status === 409) return unknown('duplicate'); // with any error code
  const listed = code !== null && Object.hasOwn(xenditRefusals, code) ? xenditRefusals[code] : null;
  // A refusal in the body of a 5xx does not count: the call may have been carried out.
  if (listed && (status < 500 || listed.kind === 'unknown')) return listed;
  return httpRefusals[status] ?? unknown(status < 300 ? 'unreadable' : `http_${status}`);
}

/** The error for an answer that reports no success. */
export function refused(response: XenditResponse, what: string): ProviderError {
  return errorOf(xenditRefusal(response.status, response.errorCode), what, { retryAfterMs: response.retryAfterMs });
}

/** The error for a success in an unexpected form: the call may have been carried out. */
export function unreadable(what: string, providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('unreadable', `Xendit answered ${what}`, { providerChargeId });
}

export function wrongCharge(providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('wrong_charge', 'Xendit answered with a different charge', { providerChargeId });
}

const statuses: Readonly<Record<string, ChargeStatus>> = {
  REQUIRES_ACTION: 'open',
  ACCEPTING_PAYMENTS: 'open',
  AUTHORIZED: 'open',
  PENDING: 'open', // named on one page only, and missing in the enumeration
  SUCCEEDED: 'paid',
  FAILED: 'failed',
  CANCELED: 'cancelled',
  CANCELLED: 'cancelled', // payment requests have one L, refunds have two: both are accepted for both
  EXPIRED: 'expired',
};

/**
 * A payment that succeeded makes the charge paid, whatever the status of the request: after a late payment that stays `EXPIRED`.
 * An unknown status counts as open, because open is not final. Source: Xendit, "Payment request states", read 2026-11
 * (docs/providers.md 3.4).
 */
export function xenditChargeStatus(requestStatus: string, paymentStatus: string | null): ChargeStatus {
  if (paymentStatus === 'SUCCEEDED') return 'paid';
  return Object.hasOwn(statuses, requestStatus) ? (statuses[requestStatus] ?? 'open') : 'open';
}

const refundStatuses: Readonly<Record<string, ChargeRefund['status']>> = {
  PENDING: 'pending',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  CANCELLED: 'failed',
  CANCELED: 'failed',
};

export function xenditRefundStatus(status: string): ChargeRefund['status'] {
  return Object.hasOwn(refundStatuses, status) ? (refundStatuses[status] ?? 'pending') : 'pending';
}

const refundFailures: Readonly<Record<string, string>> = {
  ACCOUNT_ACCESS_BLOCKED: 'account_blocked',
  ACCOUNT_NOT_FOUND: 'account_not_found',
  DUPLICATE_ERROR: 'duplicate',
  INSUFFICIENT_BALANCE: 'insufficient_balance',
};

/** Why an accepted refund failed. Source: Xendit API reference, "Refund", read 2026-11 (docs/providers.md 3.9). */
export function xenditRefundFailure(code: string | null): string {
  return (code !== null && Object.hasOwn(refundFailures, code) && refundFailures[code]) || 'refused';
}
