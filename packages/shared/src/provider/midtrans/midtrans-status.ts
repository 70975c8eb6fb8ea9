import type { ChargeStatus } from '../../payment/index.ts';
import { errorOf, type ProviderError, ProviderOutcomeUnknown, type Refusal } from '../provider-error.ts';
import type { MidtransResponse } from './midtrans-client.ts';

/**
 * What each `status_code` other than success means. The code in the body counts before the HTTP status, because Midtrans sends
 * refusals with HTTP 200.
 * Source: Midtrans API reference, "Status code 4xx" and "5xx", read 2026-11 (docs/providers.md 2.4).
 */
const midtransRefusals: Readonly<Record<string, Refusal>> = {
  '202': { kind: 'unknown', reason: 'in_flight' }, // HTTP 202: a call with the same Idempotency-Key still runs
  '400': { kind: 'rejected', reason: 'validation' },
  '401': { kind: 'misconfigured', reason: 'unauthorized' },
  '402': { kind: 'misconfigured', reason: 'payment_type_not_enabled' },
  '403': { kind: 'misconfigured', reason: 'forbidden' },
  '404': { kind: 'rejected', reason: 'not_found' },
  '405': { kind: 'rejected', reason: 'method_not_allowed' },
  '406': { kind: 'unknown', reason: 'duplicate' }, // an earlier call with this id was carried out: look the charge up
  '407': { kind: 'unknown', reason: 'expired' }, // status and expire return it with the charge; any other call has to look the charge up
  '408': { kind: 'rejected', reason: 'wrong_type' }, // "wrong data type", not HTTP's request timeout
  '409': { kind: 'unknown', reason: 'duplicate' },
  '410': { kind: 'misconfigured', reason: 'account_deactivated' },
  '411': { kind: 'rejected', reason: 'token_problem' },
  '412': { kind: 'unknown', reason: 'state_cannot_change' }, // the charge exists, in another status than we assumed
  '413': { kind: 'rejected', reason: 'malformed_request' },
  '414': { kind: 'rejected', reason: 'refund_amount_or_balance' },
  '429': { kind: 'unavailable', reason: 'rate_limited' },
  '500': { kind: 'unknown', reason: 'http_500' },
  '501': { kind: 'rejected', reason: 'feature_unavailable' },
  '502': { kind: 'unknown', reason: 'http_502' },
  '503': { kind: 'unknown', reason: 'http_503' },
  '504': { kind: 'unknown', reason: 'http_504' },
  '505': { kind: 'rejected', reason: 'no_payment_reference' },
};

/** The HTTP statuses that mean something else when the body has no code: a proxy sent them, not Midtrans. */
const edgeRefusals: Readonly<Record<string, Refusal>> = {
  '202': { kind: 'unknown', reason: 'in_flight' },
  '404': { kind: 'unknown', reason: 'http_404' }, // does not prove that the charge does not exist
  '408': { kind: 'unknown', reason: 'http_408' },
  '501': { kind: 'unknown', reason: 'http_501' },
  '505': { kind: 'unknown', reason: 'http_505' },
};

/** A code that is in no table never counts as a clear refusal. */
export function midtransRefusal(code: string, from: 'midtrans' | 'edge'): Refusal {
  const edge = from === 'edge' ? edgeRefusals[code] : undefined;
  return edge ?? midtransRefusals[code] ?? { kind: 'unknown', reason: /^[3-5]\d\d$/.test(code) ? `http_${code}` : 'unreadable' };
}

/** The error for an answer that reports no success. */
export function refused(response: MidtransResponse, what: string): ProviderError {
  return errorOf(midtransRefusal(response.code, response.from), what, { retryAfterMs: response.retryAfterMs });
}

/** The error for a success in an unexpected form: the call may have been carried out. */
export function unreadable(what: string, providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('unreadable', `Midtrans answered ${what}`, { providerChargeId });
}

export function wrongCharge(providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('wrong_charge', 'Midtrans answered with a different charge', { providerChargeId });
}

const statuses: Readonly<Record<string, ChargeStatus>> = {
  pending: 'open',
  settlement: 'paid',
  refund: 'paid', // the money arrived; `refunds` lists what was refunded
  partial_refund: 'paid',
  expire: 'expired',
  cancel: 'cancelled',
  deny: 'failed',
  failure: 'failed',
};

/**
 * Paid only if code, status and fraud status all report it. An unknown status counts as open, because open is not final.
 * Source: Midtrans, "Best practices to handle notification", read 2026-11 (docs/providers.md 2.9, 2.12).
 */
export function midtransChargeStatus(answer: { code: string; transactionStatus: string; fraudStatus: string | null }): ChargeStatus {
  const statusText = answer.transactionStatus.toLowerCase(); // the samples also have `PENDING` and `ACCEPT`
  const status = Object.hasOwn(statuses, statusText) ? (statuses[statusText] ?? 'open') : 'open';
  const isAccepted = answer.code === '200' && (answer.fraudStatus === null || answer.fraudStatus.toLowerCase() === 'accept');
  return status === 'paid' && !isAccepted ? 'open' : status;
}
