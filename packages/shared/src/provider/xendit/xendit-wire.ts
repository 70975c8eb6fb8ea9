import { z } from 'zod';
import { cleanText, cutText } from '../../runtime/index.ts';
import type { ChargeRequest, RefundRequest } from '../qris-provider.ts';
import { optionalText, qrText, timestampAs, wholeRupiah } from '../wire-fields.ts';

const timestamp = timestampAs(parseUtc);

/** `pr-` or `py-` and a UUID, or `rfd-…`. It becomes part of paths, so other characters are refused. */
export const xenditId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);

/**
 * A payment request in the answers to create, get and cancel.
 * Source: Xendit API reference, "Payment request" v3 (2024-11-11), read 2026-11 (docs/providers.md 3.3, 3.5).
 */
export const wirePaymentRequest = z.object({
  payment_request_id: xenditId,
  reference_id: z.string(),
  request_amount: wholeRupiah,
  status: z.string(),
  latest_payment_id: xenditId.nullish(),
  actions: z
    .array(z.object({ descriptor: optionalText, value: qrText }).catch({ descriptor: null, value: null }))
    .nullish()
    .catch(null),
  channel_properties: z.object({ expires_at: timestamp }).nullish().catch(null),
  created: timestamp,
});
export type WirePaymentRequest = z.infer<typeof wirePaymentRequest>;

/** A payment. Source: Xendit API reference, "Get payment", read 2026-11 (docs/providers.md 3.5, 3.8). */
export const wirePayment = z.object({
  payment_id: xenditId,
  payment_request_id: xenditId,
  reference_id: optionalText,
  request_amount: wholeRupiah,
  status: z.string(),
  captures: z
    .array(z.object({ capture_amount: wholeRupiah, capture_timestamp: timestamp }))
    .max(1000)
    .nullish(), // some answers have none
  payment_details: z.object({ issuer_name: optionalText, receipt_id: optionalText }).nullish().catch(null),
  updated: timestamp,
});
export type WirePayment = z.infer<typeof wirePayment>;

/** Source: Xendit API reference, "Refund", read 2026-11 (docs/providers.md 3.9). */
export const wireRefund = z.object({
  id: xenditId,
  payment_request_id: optionalText,
  reference_id: optionalText,
  amount: wholeRupiah,
  status: z.string(),
  reason: optionalText,
  failure_code: optionalText,
  metadata: z.object({ reason: optionalText }).nullish().catch(null),
});
export type WireRefund = z.infer<typeof wireRefund>;

/** Payments and refunds that moved money. Source: Xendit API reference, "List transactions", read 2026-11 (docs/providers.md 3.5). */
export const wireTransactions = z.object({
  data: z.array(
    z.object({
      product_id: xenditId.nullish().catch(null),
      type: optionalText,
      status: optionalText,
      reference_id: optionalText,
      product_data: z.object({ payment_request_id: xenditId.nullish() }).nullish().catch(null),
    }),
  ),
});

/** Parses ISO 8601 with an offset. Null for anything else: JavaScript reads a time without an offset in the zone of the server. */
export function parseUtc(text: unknown): Date | null {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)$/.test(text)) return null;
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? null : at;
}

/** The lifetime of every QRIS payment request: no field changes it. Source: Xendit, "QRIS", read 2026-11 (docs/providers.md 3.13). */
export const lifetimeMs = 48 * 3_600_000;

/** Source: Xendit API reference, "Create payment request", read 2026-11 (docs/providers.md 3.3). */
export function paymentRequestBody(request: ChargeRequest) {
  const description = cutText(cleanText(request.description), 1000);
  return {
    reference_id: request.reference,
    type: 'PAY',
    country: 'ID',
    currency: 'IDR',
    request_amount: request.amount,
    capture_method: 'AUTOMATIC',
    channel_code: 'QRIS',
    channel_properties: {}, // the schema requires it; an official example omits it
    ...(description ? { description } : {}),
    metadata: { reference: request.reference },
  };
}

/** The charge's reference goes into `metadata`, which the webhook of the refund repeats: `reference_id` there is the refund's own. */
export function refundBody(request: RefundRequest, paymentRequestId: string) {
  const reason = cutText(cleanText(request.reason), 500);
  return {
    reference_id: request.reference,
    payment_request_id: paymentRequestId,
    currency: 'IDR',
    amount: request.amount,
    reason: refundReason(request.reason),
    metadata: { charge_reference: request.charge.reference, ...(reason ? { reason } : {}) },
  };
}

const reasonPatterns: readonly [RegExp, string][] = [
  [/fraud|penipuan/i, 'FRAUDULENT'],
  [/duplicate|twice|dobel|ganda/i, 'DUPLICATE'],
  [/cancel|batal/i, 'CANCELLATION'],
  [/customer|request|pelanggan/i, 'REQUESTED_BY_CUSTOMER'],
];

/** The one of Xendit's five reasons that fits a free text in English or Indonesian. */
function refundReason(text: string): string {
  return reasonPatterns.find(([pattern]) => pattern.test(text))?.[1] ?? 'OTHERS';
}
