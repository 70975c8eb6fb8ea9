import { qrisCeiling } from '../../payment/index.ts';
import { plusMs } from '../../runtime/index.ts';
import { dayMs, isPartial, type ProviderTraits, type RefundFacts, type RefundObstacle } from '../provider-traits.ts';

const hourMs = 3_600_000;

/** Sources: docs/providers.md 2.5 (polling), 2.12 (states), 2.15 (amounts). */
export const midtransTraits: ProviderTraits = {
  maxAmount: qrisCeiling,
  refusesNegativeItems: false,
  fixedLifetimeMs: null,
  callsPerSecond: { test: 5, live: 5 }, // Midtrans publishes no number
  minPollMs: { test: 3_000, live: 10_000 }, // live: Midtrans asks for "about every 10 s"
  latePaymentWindowMs: 24 * hourMs,
  findsUnpaidByReference: true,
  repeatsRefundsSafely: true, // by `refund_key`; and each charge lists its refunds
  refundObstacle,
};

/** Source: Midtrans API reference, "Refund transaction", read 2026-11 (docs/providers.md 2.7). */
function refundObstacle(facts: RefundFacts): RefundObstacle | null {
  const isShopee = facts.acquirer === 'airpay shopee';
  const windowDays = isShopee ? 365 : facts.issuer === 'gopay' ? 45 : 7; // 45 days if the payer used GoPay itself
  if (facts.now.getTime() - facts.paidAt.getTime() > windowDays * dayMs)
    return { code: 'refund_window_over', detail: `this payment could be refunded for ${windowDays} days`, retryAt: null };
  if (!isShopee) return null;
  if (isPartial(facts)) return { code: 'partial_refund_not_supported', detail: 'this payment can only be refunded in full', retryAt: null };
  return nightlyRefundBlock(facts.now);
}

/** The Shopee acquirer accepts no refunds from 23:55 to 06:00 in Jakarta. */
function nightlyRefundBlock(now: Date): RefundObstacle | null {
  const wib = plusMs(now, 7 * hourMs); // its UTC getters return the time in Jakarta
  const minute = wib.getUTCHours() * 60 + wib.getUTCMinutes();
  const isBeforeMidnight = minute >= 23 * 60 + 55;
  if (!isBeforeMidnight && minute >= 6 * 60) return null;
  const morning = Date.UTC(wib.getUTCFullYear(), wib.getUTCMonth(), wib.getUTCDate() + (isBeforeMidnight ? 1 : 0), 6) - 7 * hourMs;
  return { code: 'refund_not_possible_yet', detail: 'no refunds from 23:55 to 06:00 WIB', retryAt: new Date(morning) };
}
