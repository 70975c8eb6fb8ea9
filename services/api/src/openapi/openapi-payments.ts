import { z } from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { createPaymentBody } from '../payments/create-payment.ts';
import { paymentsQuery, paymentsSchema } from '../payments/list-payments.ts';
import { paymentSchema } from '../payments/payment-view.ts';
import { refundBody } from '../payments/refund-payment.ts';
import { refundSchema, refundsSchema } from '../payments/refund-view.ts';
import { timelineSchema } from '../payments/timeline/get-timeline.ts';
import { bearer, byId, errorResponses, idempotencyKey, json, prefer } from './openapi-parts.ts';

const payment = (description: string) => json(description, paymentSchema);

/** The routes below `/transaction`, which tills call. */
export const paymentPaths: ZodOpenApiPathsObject = {
  '/transaction/payments': {
    post: {
      operationId: 'createPayment',
      tags: ['Payments'],
      summary: 'Make an order payable by QRIS',
      description:
        'Waits for the QR, at most as long as you prefer. An order that already has a live QR for its amount due gets the same one. An order whose payment is reported but not confirmed yet gets that payment, with `needs_review` and without a QR: a second QR could be paid as well. An order that may not be paid is answered 409, and its live QR is hidden before. A key of the host `till` may send `order` and `store_id` along: order and payment are stored together, or nothing is. The body has at most 16 KiB, with an order 128 KiB.',
      security: bearer('payments'),
      requestParams: { header: z.object({ 'Idempotency-Key': idempotencyKey, Prefer: prefer }) },
      requestBody: { content: { 'application/json': { schema: createPaymentBody } } },
      responses: {
        201: payment('A new payment, with its QR'),
        200: payment(
          'This order already has a live QR, or a payment that is reported and not confirmed yet (`needs_review`), or this Idempotency-Key was used before',
        ),
        202: payment('The QR is still being created: ask again at `Location`'),
        ...errorResponses(
          'order_not_found',
          'store_not_found',
          'order_not_payable',
          'order_paid',
          'store_conflict',
          'payload_too_large',
          'unsupported_media_type',
          'order_does_not_reconcile',
          'amount_out_of_range',
          'idempotency_key_reused',
          'providers_unavailable',
          'order_busy',
        ),
      },
    },
    get: {
      operationId: 'listPayments',
      tags: ['Payments'],
      summary: 'Payments, newest first, page by page',
      security: bearer('payments'),
      requestParams: { query: paymentsQuery },
      responses: { 200: json('A page', paymentsSchema), ...errorResponses('store_not_found') },
    },
  },
  '/transaction/payments/{payment_id}': {
    get: {
      operationId: 'getPayment',
      tags: ['Payments'],
      summary: 'The current state of a payment',
      security: bearer('payments'),
      requestParams: { path: byId },
      responses: { 200: payment('Its current state'), ...errorResponses('payment_not_found') },
    },
  },
  '/transaction/payments/{payment_id}/qr.svg': { get: qrImageOperation('getQrSvg', 'image/svg+xml') },
  '/transaction/payments/{payment_id}/qr.png': { get: qrImageOperation('getQrPng', 'image/png') },
  '/transaction/payments/{payment_id}/check': {
    post: {
      operationId: 'checkPayment',
      tags: ['Payments'],
      summary: 'Ask the provider now',
      description:
        'A payment that the provider answered about within the last seconds (3, or 10 at a live Midtrans account) is answered from what is known. Otherwise the question waits for its turn among all calls to the provider account.',
      security: bearer('payments'),
      requestParams: { path: byId, header: z.object({ Prefer: prefer }) },
      responses: {
        200: payment('Its state after the provider was asked, or as it was known some seconds ago'),
        202: payment('The provider did not answer in time'),
        ...errorResponses('payment_not_found'),
      },
    },
  },
  '/transaction/payments/{payment_id}/cancel': {
    post: {
      operationId: 'cancelPayment',
      tags: ['Payments'],
      summary: 'Hide the QR at once, and cancel it at the provider',
      security: bearer('payments'),
      requestParams: { path: byId, header: z.object({ Prefer: prefer }) },
      responses: {
        200: payment('Cancelled'),
        202: payment('Hidden; the provider has not confirmed the cancellation yet'),
        ...errorResponses('payment_not_found', 'payment_not_cancellable', 'already_paid'),
      },
    },
  },
  '/transaction/payments/{payment_id}/timeline': {
    get: {
      operationId: 'getTimeline',
      tags: ['Payments'],
      summary: 'Timeline of a payment: what happened, and what happens next',
      description: 'In Indonesian, or in English with `Accept-Language: en`.',
      security: bearer('payments'),
      requestParams: { path: byId, header: z.object({ 'Accept-Language': z.string().optional().meta({ example: 'id' }) }) },
      responses: { 200: json('Timeline', timelineSchema), ...errorResponses('payment_not_found') },
    },
  },
  '/transaction/payments/{payment_id}/refunds': {
    post: {
      operationId: 'createRefund',
      tags: ['Refunds'],
      summary: 'Refund a payment, in full or in part',
      description:
        'In full or in part, once or several times, up to the amount paid. Needs the scope `refunds`. It is `pending` until the provider confirms it; the result is published as `refund.succeeded` or `refund.failed`. A failed refund may be requested again.',
      security: bearer('refunds'),
      requestParams: {
        path: byId,
        header: z.object({ 'Idempotency-Key': idempotencyKey.unwrap().meta({ description: 'A new one for each refund' }) }),
      },
      requestBody: { content: { 'application/json': { schema: refundBody } } },
      responses: {
        202: json('Pending: follow it at `Location`', refundSchema),
        200: json('This Idempotency-Key was used before, and the refund is final', refundSchema),
        ...errorResponses(
          'idempotency_key_required',
          'payment_not_found',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'refund_exceeds_paid',
          'refund_not_supported',
        ),
      },
    },
    get: {
      operationId: 'listRefunds',
      tags: ['Refunds'],
      summary: 'The refunds of a payment, oldest first',
      description: 'Includes the refunds that the gateway opened itself for duplicate and late payments.',
      security: bearer('refunds'),
      requestParams: { path: byId },
      responses: { 200: json('All of them', refundsSchema), ...errorResponses('payment_not_found') },
    },
  },
  '/transaction/refunds/{refund_id}': {
    get: {
      operationId: 'getRefund',
      tags: ['Refunds'],
      summary: 'The current state of a refund',
      security: bearer('refunds'),
      requestParams: { path: z.object({ refund_id: z.string().meta({ example: 'ref_01jd0000000000000000000000' }) }) },
      responses: { 200: json('Its current state', refundSchema), ...errorResponses('refund_not_found') },
    },
  },
  '/transaction/orders/{order_id}/payment': {
    get: {
      operationId: 'getPaymentOfOrder',
      tags: ['Payments'],
      summary: 'The payment to show for an order',
      description:
        'The payment with the live QR; without one, a payment that is reported and not confirmed yet; then a settled one; then the newest. A till that restarted finds its QR here.',
      security: bearer('payments'),
      requestParams: { path: z.object({ order_id: z.string() }) },
      responses: { 200: payment('Its current state'), ...errorResponses('payment_not_found') },
    },
  },
};

function qrImageOperation(operationId: string, type: string): ZodOpenApiOperationObject {
  return {
    operationId,
    tags: ['Payments'],
    summary: 'The QR as an image',
    description: 'By key, or by the signature in `qr_image_url`.',
    security: [...bearer('payments'), {}],
    requestParams: { path: byId, query: z.object({ sig: z.string().optional() }) },
    responses: {
      200: { description: 'The QR', content: { [type]: { schema: { type: 'string' } } } },
      ...errorResponses('payment_not_found', 'qr_gone'),
    },
  };
}
