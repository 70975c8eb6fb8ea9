import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { ordersQuery } from '../orders/get-orders.ts';
import { orderBody, orderPath, storePath, tenderBody } from '../orders/order-body.ts';
import { orderSchema, ordersSchema } from '../orders/order-view.ts';
import { bearer, errorResponses, idempotencyKey, json } from './openapi-parts.ts';

const order = (description: string) => json(description, orderSchema);
const limits =
  'Only for keys of the host `till`; others get 403. As many requests a second as for every route, and a body of at most 128 KiB.';

/** The routes for tills whose orders come by HTTP. */
export const orderPaths: ZodOpenApiPathsObject = {
  '/stores/{store_id}/orders/{order_id}': {
    put: {
      operationId: 'putOrder',
      tags: ['Orders'],
      summary: 'Make or replace an order',
      description: `The same body again changes nothing. A QR for another amount is hidden before the answer. A void order becomes open again. A total above the limit of QRIS is stored, and its payment is refused. ${limits}`,
      security: bearer('payments'),
      requestParams: { path: orderPath },
      requestBody: { content: { 'application/json': { schema: orderBody } } },
      responses: {
        201: order('A new order'),
        200: order('The order as it is now'),
        ...errorResponses(
          'store_not_found',
          'order_paid',
          'store_conflict',
          'payload_too_large',
          'unsupported_media_type',
          'order_does_not_reconcile',
          'order_busy',
        ),
      },
    },
    get: {
      operationId: 'getOrder',
      tags: ['Orders'],
      summary: 'An order, what is due, and its payment to show',
      security: bearer('payments'),
      requestParams: { path: orderPath },
      responses: { 200: order('The order'), ...errorResponses('store_not_found', 'order_not_found') },
    },
    delete: {
      operationId: 'voidOrder',
      tags: ['Orders'],
      summary: 'Void an order',
      description:
        'Its QR is hidden before the answer, and money that still arrives is refunded. Refused once money was taken: refund the payment instead. May be repeated.',
      security: bearer('payments'),
      requestParams: { path: orderPath },
      responses: {
        200: order('The order, which is void'),
        ...errorResponses('store_not_found', 'order_not_found', 'order_paid', 'order_busy'),
      },
    },
  },
  '/stores/{store_id}/orders/{order_id}/tenders': {
    post: {
      operationId: 'takeTender',
      tags: ['Orders'],
      summary: 'Record money that was taken otherwise, such as cash',
      description:
        'Reduces `due`, and hides the live QR before the answer, because it asks for more. What is left can be paid by QRIS with a new payment. An order with nothing due is `paid`.',
      security: bearer('payments'),
      requestParams: {
        path: orderPath,
        header: z.object({ 'Idempotency-Key': idempotencyKey.unwrap().meta({ description: 'A new one for each tender' }) }),
      },
      requestBody: { content: { 'application/json': { schema: tenderBody } } },
      responses: {
        201: order('The order with the tender'),
        200: order('This Idempotency-Key was used before: the order as it is now'),
        ...errorResponses(
          'idempotency_key_required',
          'store_not_found',
          'order_not_found',
          'order_not_payable',
          'payload_too_large',
          'unsupported_media_type',
          'idempotency_key_reused',
          'tender_exceeds_due',
          'order_busy',
        ),
      },
    },
  },
  '/stores/{store_id}/orders': {
    get: {
      operationId: 'listOrders',
      tags: ['Orders'],
      summary: 'The orders of a store, newest first, page by page',
      security: bearer('payments'),
      requestParams: { path: storePath, query: ordersQuery },
      responses: { 200: json('A page', ordersSchema), ...errorResponses('store_not_found') },
    },
  },
};
