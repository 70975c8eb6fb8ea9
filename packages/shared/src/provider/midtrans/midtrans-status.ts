import type { ChargeStatus } from '../../payment/index.ts';
import { errorOf, type ProviderError, ProviderOutcomeUnknown, type Refusal } from '../provider-error.ts';
import type { MidtransAnswer } from './midtrans-client.ts';

/**
 * What each `status_code` that is not a yes comes to. The body's code counts before the HTTP status, because Midtrans
 * sends its refusals on HTTP 200.
 * Source: Midtrans API reference, "Status code 4xx" and "5xx", as collected in providers.md 2.4, read 2026-11.
 */
const midtransRefusals: Readonly<Record<string, Refusal>> = {
  '202': { is: 'unknown', reason: 'in_flight' }, // HTTP 202: the same Idempotency-Key is still being worked on
  '400': { is: 'rejected', reason: 'validation' },
  '401': { is: 'misconfigured', reason: 'unauthorized' },
  '402': { is: 'misconfigured', reason: 'payment_type_not_enabled' },
  '403': { is: 'misconfigured', reason: 'forbidden' },
  '404': { is: 'rejected', reason: 'not_found' },
  '405': { is: 'rejected', reason: 'method_not_allowed' },
  '406': { is: 'unknown', reason: 'duplicate' }, // an earlier call with this id was carried out: ask
  '407': { is: 'unknown', reason: 'expired' }, // of a status or an expire this is an answer; of anything else, go and look
  '408': { is: 'rejected', reason: 'wrong_type' }, // "wrong data type", not HTTP's request timeout
  '409': { is: 'unknown', reason: 'duplicate' },
  '410': { is: 'misconfigured', reason: 'account_deactivated' },
  '411': { is: 'rejected', reason: 'token_problem' },
  '412': { is: 'unknown', reason: 'state_cannot_change' }, // it exists, and is not what we took it for
  '413': { is: 'rejected', reason: 'malformed_request' },
  '414': { is: 'rejected', reason: 'refund_amount_or_balance' },
  '429': { is: 'unavailable', reason: 'rate_limited' },
  '500': { is: 'unknown', reason: 'http_500' },
  '501': { is: 'rejected', reason: 'feature_unavailable' },
  '502': { is: 'unknown', reason: 'http_502' },
  '503': { is: 'unknown', reason: 'http_503' },
  '504': { is: 'unknown', reason: 'http_504' },
  '505': { is: 'rejected', reason: 'no_payment_reference' },
};

/** An HTTP status that no code in the body confirms is the edge's word, not Midtrans': the few where the two differ. */
const edgeRefusals: Readonly<Record<string, Refusal>> = {
  '202': { is: 'unknown', reason: 'in_flight' },
  '404': { is: 'unknown', reason: 'http_404' }, // no proof that the charge does not exist
  '408': { is: 'unknown', reason: 'http_408' },
  '501': { is: 'unknown', reason: 'http_501' },
  '505': { is: 'unknown', reason: 'http_505' },
};

/** A code that is in no table is not taken for a no. */
export function midtransRefusal(code: string, from: 'midtrans' | 'edge'): Refusal {
  const edge = from === 'edge' ? edgeRefusals[code] : undefined;
  return edge ?? midtransRefusals[code] ?? { is: 'unknown', reason: /^[3-5]\d\d$/.test(code) ? `http_${code}` : 'unreadable' };
}

/** The error that an answer which is not a yes comes to. */
export function refused(answer: MidtransAnswer, what: string): ProviderError {
  return errorOf(midtransRefusal(answer.code, answer.from), what, { retryAfterMs: answer.retryAfterMs });
}

/** A yes that is not in the form that was agreed: it may stand for anything. */
export function unreadable(what: string, providerChargeId: string | null = null): ProviderOutcomeUnknown {
  return new ProviderOutcomeUnknown('unreadable', `Midtrans answered ${what}`, { providerChargeId });
}

export function anotherCharge(providerChargeId: string | null = null): ProviderOutcomeUnknown {
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
export function midtransChargeStatus(said: { code: string; transactionStatus: string; fraudStatus: string | null }): ChargeStatus {
  const word = said.transactionStatus.toLowerCase(); // samples write `PENDING` and `ACCEPT` too
  const status = Object.hasOwn(statuses, word) ? (statuses[word] ?? 'open') : 'open';
  const accepted = said.code === '200' && (said.fraudStatus === null || said.fraudStatus.toLowerCase() === 'accept');
  return status === 'paid' && !accepted ? 'open' : status;
}
