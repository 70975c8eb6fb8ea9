import type { ChargeStatus } from '../../payment/index.ts';
import { errorOf, type ProviderError, ProviderOutcomeUnknown, type Refusal } from '../provider-error.ts';
import type { MidtransResponse } from './midtrans-client.ts';

/**
 * What each `status_code` that is not a yes comes to. The body's code counts before the HTTP status, because Midtrans
 * sends its refusals on HTTP 200.
 * Source: Midtrans API reference, "Status code 4xx" and "5xx", as collected in providers.md 2.4, read 2026-11.
 */
const midtransRefusals: Readonly<Record<string, Refusal>> = {
  '202': { kind: 'unknown', reason: 'in_flight' }, // HTTP 202: the same Idempotency-Key is still being worked on
  '400': { kind: 'rejected', reason: 'validation' },
  '401': { kind: 'misconfigured', reason: 'unauthorized' },
  '402': { kind: 'misconfigured', reason: 'payment_type_not_enabled' },
  '403': { kind: 'misconfigured', reason: 'forbidden' },
  '404': { kind: 'rejected', reason: 'not_found' },
  '405': { kind: 'rejected', reason: 'method_not_allowed' },
  '406': { kind: 'unknown', reason: 'duplicate' }, // an earlier call with this id was carried out: ask
  '407': { kind: 'unknown', reason: 'expired' }, // of a status or an expire this is an answer; of anything else, go and look
  '408': { kind: 'rejected', reason: 'wrong_type' }, // "wrong data type", not HTTP's request timeout
  '409': { kind: 'unknown', reason: 'duplicate' },
  '410': { kind: 'misconfigured', reason: 'account_deactivated' },
  '411': { kind: 'rejected', reason: 'token_problem' },
  '412': { kind: 'unknown', reason: 'state_cannot_change' }, // it exists, and is not what we took it for
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

/** An HTTP status that no code in the body confirms is the edge's word, not Midtrans': the few where the two differ. */
const edgeRefusals: Readonly<Record<string, Refusal>> = {
  '202': { kind: 'unknown', reason: 'in_flight' },
  '404': { kind: 'unknown', reason: 'http_404' }, // no proof that the charge does not exist
  '408': { kind: 'unknown', reason: 'http_408' },
  '501': { kind: 'unknown', reason: 'http_501' },
  '505': { kind: 'unknown', reason: 'http_505' },
};

/** A code that is in no table is not taken for a no. */
export function midtransRefusal(code: string, from: 'midtrans' | 'edge'): Refusal {
  const edge = from === 'edge' ? edgeRefusals[code] : undefined;
  return edge ?? midtransRefusals[code] ?? { kind: 'unknown', reason: /^[3-5]\d\d$/.test(code) ? `http_${code}` : 'unreadable' };
}

/** The error that an answer which is not a yes comes to. */
export function refused(response: MidtransResponse, what: string): ProviderError {
  return errorOf(midtransRefusal(response.code, response.from), what, { retryAfterMs: response.retryAfterMs });
}

/** A yes that is not in the form that was agreed: it may stand for anything. */
export function unreadable(what: string, providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('unreadable', `Midtrans answered ${what}`, { providerChargeId });
}

export function wrongCharge(providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('wrong_charge', 'Midtrans answered with another charge than we asked for', { providerChargeId });
}

const statuses: Readonly<Record<string, ChargeStatus>> = {
  pending: 'open',
  settlement: 'paid',
  refund: 'paid', // the money came; `refunds` says what went back
  partial_refund: 'paid',
  expire: 'expired',
  cancel: 'cancelled',
  deny: 'failed',
  failure: 'failed',
};

/**
 * Money has arrived only if code, status and fraud screen all say so; a word we do not know is not final.
 * Source: Midtrans, "Best practices to handle notification", read 2026-11 (providers.md 2.9, 2.12).
 */
export function midtransChargeStatus(answer: { code: string; transactionStatus: string; fraudStatus: string | null }): ChargeStatus {
  const statusText = answer.transactionStatus.toLowerCase(); // samples write `PENDING` and `ACCEPT` too
  const status = Object.hasOwn(statuses, statusText) ? (statuses[statusText] ?? 'open') : 'open';
  const isAccepted = answer.code === '200' && (answer.fraudStatus === null || answer.fraudStatus.toLowerCase() === 'accept');
  return status === 'paid' && !isAccepted ? 'open' : status;
}
