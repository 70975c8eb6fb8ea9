import { detailsOf, isScannable, orderIdOf, type Payment, paymentStatuses, transactionId } from '@gateway/shared/payment';
import { z } from 'zod';
import type { QrLinks } from './qr-link.ts';

const time = z.iso.datetime().meta({ description: 'UTC' });

/** A payment as callers see it. No field names a provider. */
export const paymentSchema = z
  .object({
    payment_id: z.string().meta({ example: 'pay_01jd0000000000000000000000' }),
    transaction_id: z.string().nullable().meta({
      description: "The reference of the attempt whose QR is or was on display, as a provider's statement shows it. Null before.",
      example: 'pos-01jd0000000000000000000000-1',
    }),
    host: z.string().meta({ example: 'pos' }),
    store_id: z.string().meta({ example: 'JKT-01' }),
    order_id: z
      .string()
      .meta({ description: "The order's canonical key, however the caller spelled it", example: 'd275ff6b-08e9-6424-ca92-3934eb589840' }),
    order_number: z.string().meta({ example: 'A-0042' }),
    table: z.string().nullable().meta({ description: 'The table, where the host gives it', example: '7' }),
    order_type: z
      .string()
      .nullable()
      .meta({ description: "`dine_in`, `take_away`, `delivery`, or the host's own word", example: 'dine_in' }),
    metadata: z
      .record(z.string(), z.string())
      .nullable()
      .meta({ description: 'What the till gave with the order', example: { cashier: 'Sari' } }),
    status: z.enum(paymentStatuses).meta({ example: 'pending' }),
    amount: z.int().meta({ description: 'Whole rupiah', example: 55_000 }),
    currency: z.literal('IDR'),
    received_amount: z.int(),
    refunded_amount: z.int(),
    needs_review: z
      .boolean()
      .meta({ description: 'A report of payment is not confirmed yet, or a discrepancy is open: an operator must review the payment' }),
    qr_string: z.string().nullable().meta({ description: 'Null unless the QR may be scanned now', example: '00020101021226…' }),
    qr_image_url: z.url().nullable().meta({
      description: 'A signed link to an SVG; the same link with `qr.png` is a PNG. Null unless the QR may be scanned now',
      example: 'https://pay.example.id/transaction/payments/pay_01jd0000000000000000000000/qr.svg?sig=2f1c',
    }),
    expires_at: time,
    cancel_requested_at: time.nullable(),
    created_at: time,
    updated_at: time,
    paid_at: time.nullable(),
    issuer: z.string().nullable().meta({ description: 'Whose app the payer paid with, such as `dana`, when the provider says it' }),
    receipt: z.string().nullable().meta({ description: "The provider's retrieval reference of the money: the guest's app shows it" }),
  })
  .meta({ id: 'Payment' });

export type PaymentView = z.output<typeof paymentSchema>;

export function paymentView(payment: Payment, links: QrLinks, now: Date): PaymentView {
  const isShownNow = isScannable(payment, now);
  const { table, orderType, metadata } = detailsOf(payment);
  return {
    payment_id: payment.id,
    transaction_id: transactionId(payment),
    host: payment.host,
    store_id: payment.storeId,
    order_id: orderIdOf(payment),
    order_number: payment.orderNumber,
    table,
    order_type: orderType,
    metadata,
    status: payment.status,
    amount: payment.amount,
    currency: 'IDR',
    received_amount: payment.received,
    refunded_amount: payment.refunded,
    needs_review: payment.needsReview,
    qr_string: isShownNow ? payment.qrString : null,
    qr_image_url: isShownNow ? links.svg(payment.id) : null,
    expires_at: payment.expiresAt.toISOString(),
    cancel_requested_at: payment.cancelRequestedAt?.toISOString() ?? null,
    created_at: payment.createdAt.toISOString(),
    updated_at: payment.updatedAt.toISOString(),
    paid_at: payment.paidAt?.toISOString() ?? null,
    issuer: payment.issuer,
    receipt: payment.receipt,
  };
}
