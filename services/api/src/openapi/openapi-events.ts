import { eventReasons, type PaymentEventType, paymentEventTypes, transitions } from '@gateway/shared/payment';
import { z } from 'zod';
import type { ZodOpenApiPathItemObject, ZodOpenApiPathsObject } from 'zod-openapi';
import { eventQuery } from '../events/event-query.ts';
import { eventSchema, eventsSchema, snapshotSchema, streamTokenSchema } from '../events/event-view.ts';
import { bearer, byStore, errorResponses, json, readerSecurity, token } from './openapi-parts.ts';

const tags = ['Events'];

/** The routes below `/stores` with which screens follow their store. */
export const eventPaths: ZodOpenApiPathsObject = {
  '/stores/{store_id}/events': {
    get: {
      operationId: 'listEvents',
      tags,
      summary: 'Events of a store, from one `seq` on',
      description:
        'As a list, or with `Accept: text/event-stream` as a stream: `id` is the `seq`, `Last-Event-ID` resumes (and wins over `after`), a comment line comes every 15 s. Delivery is at least once: drop any `seq` you have seen.',
      security: readerSecurity,
      requestParams: {
        path: byStore,
        query: eventQuery.extend({ token }),
        header: z.object({ 'Last-Event-ID': z.string().optional().meta({ description: 'Stream only: the last `seq` you have' }) }),
      },
      responses: {
        200: {
          description: 'The following events, in order and without a gap',
          content: { 'application/json': { schema: eventsSchema }, 'text/event-stream': { schema: z.string() } },
        },
        ...errorResponses('store_not_found', 'events_gone'),
      },
    },
  },
  '/stores/{store_id}/snapshot': {
    get: {
      operationId: 'getSnapshot',
      tags,
      summary: 'Snapshot of a store, for a screen that starts',
      security: readerSecurity,
      requestParams: { path: byStore, query: z.object({ token }) },
      responses: {
        200: json('Open payments, released orders, and the `seq` of the snapshot', snapshotSchema),
        ...errorResponses('store_not_found'),
      },
    },
  },
  '/stores/{store_id}/stream-token': {
    post: {
      operationId: 'createStreamToken',
      tags,
      summary: "A token for a browser's EventSource",
      description:
        'Valid for 60 seconds, for the events and the snapshot of this store. A stream that was opened with it continues afterwards.',
      security: bearer('events'),
      requestParams: { path: byStore },
      responses: { 201: json('Send it as `?token=`', streamTokenSchema), ...errorResponses('store_not_found') },
    },
  },
};

const money = z.int().meta({ description: 'Whole rupiah', example: 55_000 });
const paidAt = z.iso.datetime().meta({ description: 'UTC' });
const ofReason = (type: PaymentEventType) =>
  z.looseObject({ reason: z.enum(eventReasons[type] as unknown as [string, ...string[]]).meta({ description: 'Why' }) });
const arrived = {
  paid_at: paidAt,
  issuer: z.string().nullable().meta({ description: "The payer's app", example: 'dana' }),
  received_amount: money,
};
const refunded = z.looseObject({ refund_id: z.string().meta({ example: 'ref_01jd0000000000000000000000' }), amount: money });
const item = z.looseObject({ name: z.string().meta({ example: 'Nasi goreng' }), quantity: z.number().meta({ example: 2 }) });

/** What the event of each type means, and its `data`. */
const meanings: Record<PaymentEventType, { summary: string; data: z.ZodType }> = {
  'payment.pending': { summary: 'A QR is on display', data: z.looseObject({ expires_at: z.iso.datetime() }) },
  'payment.paid': { summary: 'Money arrived in time', data: z.looseObject(arrived) },
  'payment.paid_late': {
    summary: 'Money arrived after expiry, cancellation or failure',
    data: z.looseObject({
      ...arrived,
      policy: z.enum(eventReasons['payment.paid_late']).meta({ description: 'What happens to the money' }),
    }),
  },
  'payment.duplicate_paid': { summary: 'Money arrived and nothing was due any more; a refund is opened', data: z.looseObject(arrived) },
  'payment.expired': { summary: 'The time to pay is over', data: ofReason('payment.expired') },
  'payment.cancelled': { summary: 'The payment was cancelled', data: ofReason('payment.cancelled') },
  'payment.failed': { summary: 'No provider could make a QR', data: ofReason('payment.failed') },
  'payment.review': { summary: 'Two records of money disagree: an operator must decide', data: ofReason('payment.review') },
  'refund.pending': { summary: 'A refund was requested', data: refunded },
  'refund.succeeded': { summary: 'A refund is with the payer', data: refunded },
  'refund.failed': { summary: 'A refund failed; the money may be refunded again', data: refunded },
  'order.paid': {
    summary: 'The order is paid: start cooking',
    data: z.looseObject({
      items: z.array(item),
      release: z.int().meta({ description: '2 and more when an order was reopened and paid again', example: 1 }),
    }),
  },
};

const signature = z.object({
  'webhook-id': z.string().meta({ description: 'The `event_id`: the same at every attempt', example: 'evt_01jd0000000000000000000000' }),
  'webhook-timestamp': z.string().meta({ description: 'Seconds since 1970 of this attempt', example: '1772421301' }),
  'webhook-signature': z.string().meta({
    description: '`v1,` and the HMAC-SHA256 in base64; one for each valid secret, separated by a space',
    example: 'v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=',
  }),
});
const received = { 200: { description: 'Any 2xx within 10 s: received' }, 410: { description: 'Gone: the endpoint is disabled' } };

const webhookOf = (type: PaymentEventType): ZodOpenApiPathItemObject => {
  const { summary, data } = meanings[type];
  const name = type.replace(/(^|[._])(\w)/g, (_match, _mark, initial: string) => initial.toUpperCase());
  const status = eventSchema.shape.status.meta({ example: transitions.find(({ event }) => event === type)?.to ?? 'paid' });
  const schema = eventSchema.extend({ type: z.literal(type), status, data }).meta({ id: `${name}Event` });
  return {
    post: {
      operationId: `on${name}`,
      tags: ['Webhooks'],
      summary,
      security: [],
      requestParams: { header: signature },
      requestBody: { required: true, content: { 'application/json': { schema } } },
      responses: received,
    },
  };
};

const testEvent = z
  .object({
    event_id: z.string().meta({ example: 'evt_01jd0000000000000000000000' }),
    type: z.literal('webhook.test'),
    occurred_at: z.iso.datetime(),
    data: z.object({ webhook_endpoint: z.string().meta({ example: 'we_01jd0000000000000000000000' }) }),
  })
  .meta({ id: 'WebhookTestEvent' });

/** What the gateway sends to webhook endpoints. */
export const outgoingWebhooks: Record<string, ZodOpenApiPathItemObject> = {
  ...Object.fromEntries(paymentEventTypes.map((type) => [type, webhookOf(type)])),
  'webhook.test': {
    post: {
      operationId: 'onWebhookTest',
      tags: ['Webhooks'],
      summary: 'A test that the owner of the endpoint asked for',
      security: [],
      requestParams: { header: signature },
      requestBody: { required: true, content: { 'application/json': { schema: testEvent } } },
      responses: received,
    },
  },
};
