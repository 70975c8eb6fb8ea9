import { createHash } from 'node:crypto';
import { z } from 'zod';
import { cutText, plusMs } from '../../runtime/index.ts';
import type { ChargeItem, ChargeRequest } from '../qris-provider.ts';
import { optionalText, qrText, timestampAs, wholeRupiah } from '../wire-fields.ts';

const timestamp = timestampAs(parseWib);

/** `transaction_id` is a UUID. It becomes part of paths, so other characters are refused. */
export const transactionId = z.string().regex(/^[A-Za-z0-9-]{1,64}$/);

const refund = z.object({
  refund_key: optionalText,
  refund_chargeback_id: z.union([z.number(), optionalText]),
  refund_chargeback_uuid: optionalText,
  refund_amount: wholeRupiah,
  reason: optionalText,
  bank_confirmed_at: optionalText,
});
export type WireRefund = z.infer<typeof refund>;

/**
 * A transaction in the answers to charge, status, cancel and expire. Strict where decisions about money depend on a field. Unknown
 * fields are ignored, because Midtrans adds fields at any time.
 * Source: Midtrans API reference, "QRIS" and "Get transaction status", read 2026-11 (docs/providers.md 2.3, 2.5).
 */
export const wireTransaction = z.object({
  transaction_id: transactionId,
  order_id: z.string(),
  gross_amount: wholeRupiah,
  transaction_status: z.string(),
  fraud_status: z.string().nullish(),
  transaction_time: timestamp,
  settlement_time: timestamp,
  expiry_time: timestamp,
  qr_string: qrText,
  issuer: optionalText,
  merchant_cross_reference_id: optionalText,
  shopeepay_reference_number: optionalText,
  reference_id: optionalText,
  extra_info: z.unknown().optional(),
  metadata: z.unknown().optional(),
  // One unreadable entry makes the whole answer unreadable: a refund that is overlooked could be paid twice.
  refunds: z.array(refund).nullish(),
});
export type WireTransaction = z.infer<typeof wireTransaction>;

/** The answer to a refund. `refund_amount` is not read: one page calls it "total", another "cumulative" (docs/providers.md 2.7). */
export const wireRefundResponse = z.object({
  order_id: z.string(),
  transaction_id: optionalText,
  refund_chargeback_id: refund.shape.refund_chargeback_id,
  refund_chargeback_uuid: optionalText,
  refund_key: optionalText,
});

const wibOffsetMs = 7 * 3_600_000;

/** Parses `2026-03-02 10:00:01`, which has no offset and is Western Indonesia Time (UTC+7). Null for anything else. */
export function parseWib(text: unknown): Date | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return null;
  const asUtc = new Date(`${text.replace(' ', 'T')}Z`);
  if (Number.isNaN(asUtc.getTime())) return null;
  // JavaScript parses 31 February as 3 March: only a time that formats back to the same text is valid.
  return asUtc.toISOString().startsWith(text.replace(' ', 'T')) ? plusMs(asUtc, -wibOffsetMs) : null;
}

// Midtrans accepts 20 s to 7 days. Source: Midtrans, "Custom expiry", read 2026-11 (docs/providers.md 2.13).
const minLifetimeSeconds = 20;
const maxLifetimeSeconds = 7 * 24 * 3600;

/** The lifetime to request, counted from Midtrans' transaction time. A duration, because our clock may differ from theirs. */
export function lifetimeSeconds(expiresAt: Date, now: Date): number {
  const seconds = Math.ceil((expiresAt.getTime() - now.getTime()) / 1000);
  return Math.min(Math.max(seconds, minLifetimeSeconds), maxLifetimeSeconds);
}

/** Source: Midtrans API reference, "QRIS charge", read 2026-11 (docs/providers.md 2.2). Customer details are not sent: nothing needs them. */
export function chargeBody(request: ChargeRequest, acquirer: string, now: Date) {
  const seconds = lifetimeSeconds(request.expiresAt, now);
  const items = itemDetails(request.items, request.amount);
  return {
    payment_type: 'qris',
    transaction_details: { order_id: request.reference, gross_amount: request.amount },
    ...(items ? { item_details: items } : {}),
    qris: { acquirer },
    custom_expiry: seconds % 60 === 0 ? { expiry_duration: seconds / 60, unit: 'minute' } : { expiry_duration: seconds, unit: 'second' },
    custom_field1: cutText(request.description, 255),
  };
}

const maxItemNameLength = 50;

/**
 * The lines of the bill in the form that Midtrans accepts: whole prices, quantities of at least one, names of 1 to 50 characters, and
 * a sum that equals the amount. Null when they are not all of that: the lines are optional, and the charge must not fail for them.
 */
export function itemDetails(items: readonly ChargeItem[], amount: number): ChargeItem[] | null {
  const areWhole = items.every((item) => Number.isSafeInteger(item.price) && Number.isSafeInteger(item.quantity) && item.quantity >= 1);
  const sum = items.reduce((total, item) => total + item.price * item.quantity, 0);
  if (items.length === 0 || !areWhole || sum !== amount) return null;
  return items.map(({ name, price, quantity }) => ({ name: cutText(name.trim(), maxItemNameLength) || 'Item', price, quantity }));
}

const maxIdempotencyKeyLength = 46; // Midtrans silently ignores a longer one (docs/providers.md 2.8)

/** One key for each reference and operation, because Midtrans shares keys across endpoints. The same call has the same key. */
export function idempotencyKey(reference: string, operation: 'charge' | 'cancel' | 'expire' | 'refund'): string {
  const key = `${reference}-${operation}`;
  if (key.length <= maxIdempotencyKeyLength) return key;
  return `${createHash('sha256').update(reference).digest('hex').slice(0, 32)}-${operation}`;
}
