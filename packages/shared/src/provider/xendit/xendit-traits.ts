import { qrisCeiling } from '../../payment/index.ts';
import { plusMs } from '../../runtime/index.ts';
import { dayMs, isPartial, type ProviderTraits, type RefundFacts, type RefundObstacle } from '../provider-traits.ts';
import { lifetimeMs } from './xendit-wire.ts';

/** Sources: docs/providers.md 3.5 (lookup), 3.11 (late confirmations), 3.13 (limits). */
export const xenditTraits: ProviderTraits = {
  maxAmount: qrisCeiling, // ten million by the QRIS page and the regulator; a channel table says twenty
  refusesNegativeItems: false, // no items are sent
  fixedLifetimeMs: lifetimeMs,
  callsPerSecond: { test: 1, live: 5 }, // 60 a minute in test mode
  minPollMs: { test: 3_000, live: 3_000 },
  latePaymentWindowMs: 48 * 3_600_000,
  findsUnpaidByReference: false,
  repeatsRefundsSafely: false, // version 3 documents no idempotency, and no lookup of a refund by our reference
  refundObstacle,
};

const refundWindowDays = 7; // by the QRIS page; a channel table says 30
const refundableIssuers = ['dana', 'shopeepay', 'ovo', 'gopay', 'permata', 'jenius', 'smbc', 'bsi', 'cimb'];

/** Source: Xendit, "QRIS", refunds, read 2026-11 (docs/providers.md 3.9). */
function refundObstacle(facts: RefundFacts): RefundObstacle | null {
  const age = facts.now.getTime() - facts.paidAt.getTime();
  if (age > refundWindowDays * dayMs)
    return { code: 'refund_window_over', detail: `this payment could be refunded for ${refundWindowDays} days`, retryAt: null };
  if (facts.issuer === null) return null; // Xendit did not name the issuer, so it decides about the request itself
  const issuer = refundableIssuers.find((name) => plainName(facts.issuer ?? '').includes(name));
  if (!issuer)
    return { code: 'issuer_not_refundable', detail: 'the app that paid takes no refunds by QRIS: pay it back another way', retryAt: null };
  return issuer === 'cimb' ? cimbObstacle(facts, age) : null;
}

function cimbObstacle(facts: RefundFacts, age: number): RefundObstacle | null {
  if (isPartial(facts))
    return { code: 'partial_refund_not_supported', detail: 'CIMB payments can only be refunded in full', retryAt: null };
  if (age >= dayMs) return null;
  return {
    code: 'refund_not_possible_yet',
    detail: 'CIMB payments can be refunded after 24 hours',
    retryAt: plusMs(facts.paidAt, dayMs),
  };
}

/** Lower-case letters only: issuers are called `Bank Permata`, `SMBC Indonesia (Jenius)`, `Shopee Pay`. */
const plainName = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');
