import { paymentEventTypes } from '@gateway/shared/payment';
import { storeIdPattern } from '@gateway/shared/runtime';
import { webhookDeliveries, type webhookEndpoints } from '@gateway/shared/store';
import { z } from 'zod';
import { pageLimit } from '../http/page-limit.ts';

const url = z
  .string()
  .max(2_000)
  .meta({ description: 'Must begin with `https://`, and lead to the public internet', example: 'https://pos.example.id/hooks/qris' });
const events = z
  .array(z.enum(['*', ...paymentEventTypes]))
  .min(1)
  .max(50)
  .meta({ description: 'The types to send; `*`: all', example: ['payment.paid'] });
const storeIds = z
  .array(z.string().regex(storeIdPattern, 'must be a store id'))
  .min(1)
  .max(1_000)
  .nullable()
  .meta({ description: 'Null: all stores of the key', example: ['JKT-01'] });
const description = z.string().max(200).nullable().meta({ example: 'kitchen display' });

export const createEndpointBody = z.strictObject({
  url,
  events,
  store_ids: storeIds.default(null),
  description: description.default(null),
});

export const changeEndpointBody = z
  .strictObject({ url, events, store_ids: storeIds, description, disabled: z.boolean() })
  .partial()
  .meta({ id: 'WebhookEndpointChange' });

export const endpointSchema = z
  .object({
    id: z.string().meta({ example: 'we_01jd0000000000000000000000' }),
    url,
    events,
    store_ids: storeIds,
    description,
    created_at: z.iso.datetime(),
    disabled: z.boolean(),
    disabled_at: z.iso.datetime().nullable(),
    disabled_reason: z.string().nullable().meta({ description: 'Why no events are sent', example: null }),
  })
  .meta({ id: 'WebhookEndpoint' });

const secret = z.string().meta({ description: 'Verifies the signatures. Shown once', example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' });
export const newEndpointSchema = endpointSchema.extend({ secret }).meta({ id: 'NewWebhookEndpoint' });
export const newSecretSchema = z.object({ id: endpointSchema.shape.id, secret }).meta({ id: 'NewWebhookSecret' });
export const endpointsSchema = z.object({ webhook_endpoints: z.array(endpointSchema) }).meta({ id: 'WebhookEndpoints' });
export const testSchema = z
  .object({ event_id: z.string().meta({ example: 'evt_01jd0000000000000000000000' }) })
  .meta({ id: 'WebhookTest' });
export const recoverBody = z.strictObject({
  since: z.iso
    .datetime({ offset: true, error: 'must be a time such as 2026-03-02T10:00:00+07:00' })
    .meta({ description: 'Events from this time on are sent again; at most 72 hours back' }),
});
export const recoverSchema = z.object({ since: z.iso.datetime() }).meta({ id: 'WebhookRecovery' });

export const deliveriesQuery = z.strictObject({
  state: z.enum(webhookDeliveries.deliveryStates).optional(),
  limit: pageLimit,
  cursor: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'The `next_cursor` of the previous page, with the other parameters unchanged' }),
});

const deliverySchema = z
  .object({
    event_id: z.string().meta({ description: 'The `webhook-id` of every attempt', example: 'evt_01jd0000000000000000000000' }),
    type: z.string().meta({ example: 'payment.paid' }),
    store_id: z.string().nullable().meta({ example: 'JKT-01' }),
    seq: z.int().nullable().meta({ example: 118 }),
    occurred_at: z.iso.datetime(),
    state: z.enum(webhookDeliveries.deliveryStates).meta({
      description: '`pending`: not attempted yet. `retrying`: the last attempt failed. `failed`: the endpoint was disabled at this event',
      example: 'retrying',
    }),
    tries: z.int().meta({ description: 'Attempts so far', example: 1 }),
    attempted_at: z.iso.datetime().nullable().meta({ example: '2026-03-02T03:15:01.000Z' }),
    status_code: z.int().nullable().meta({ description: 'The last answer; null: there was none', example: 500 }),
    error: z.string().nullable().meta({ description: 'Why the last attempt failed', example: 'answered 500' }),
    duration_ms: z.int().nullable().meta({ example: 12 }),
    next_try_at: z.iso.datetime().nullable().meta({ example: '2026-03-02T03:15:06.000Z' }),
    delivered_at: z.iso.datetime().nullable(),
  })
  .meta({ id: 'WebhookDelivery' });
export const deliveriesSchema = z
  .object({ deliveries: z.array(deliverySchema), next_cursor: z.string().nullable() })
  .meta({ id: 'WebhookDeliveries' });

export const endpointView = (endpoint: webhookEndpoints.WebhookEndpoint): z.input<typeof endpointSchema> => ({
  id: endpoint.id,
  url: endpoint.url,
  events: endpoint.events as z.input<typeof events>,
  store_ids: endpoint.storeIds,
  description: endpoint.description,
  created_at: endpoint.createdAt.toISOString(),
  disabled: endpoint.disabledAt !== null,
  disabled_at: endpoint.disabledAt?.toISOString() ?? null,
  disabled_reason: endpoint.disabledReason,
});

export const deliveryView = (delivery: webhookDeliveries.WebhookDelivery): z.input<typeof deliverySchema> => ({
  event_id: delivery.eventId,
  type: delivery.type,
  store_id: delivery.storeId === '*' ? null : delivery.storeId,
  seq: delivery.storeId === '*' ? null : delivery.seq,
  occurred_at: delivery.occurredAt.toISOString(),
  state: delivery.state,
  tries: delivery.tries,
  attempted_at: delivery.attemptedAt?.toISOString() ?? null,
  status_code: delivery.statusCode,
  error: delivery.error,
  duration_ms: delivery.durationMs,
  next_try_at: delivery.nextTryAt?.toISOString() ?? null,
  delivered_at: delivery.deliveredAt?.toISOString() ?? null,
});
