import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  changeEndpointBody,
  createEndpointBody,
  deliveriesQuery,
  deliveriesSchema,
  endpointSchema,
  endpointsSchema,
  newEndpointSchema,
  newSecretSchema,
  recoverBody,
  recoverSchema,
  testSchema,
} from '../webhook-endpoints/endpoint-view.ts';
import { bearer, errorResponses, json } from './openapi-parts.ts';

const tags = ['Webhook endpoints'];
const security = bearer('webhooks');
const path = z.object({ endpoint_id: z.string().meta({ example: 'we_01jd0000000000000000000000' }) });
const body = (schema: z.ZodType) => ({ required: true, content: { 'application/json': { schema } } });
const bodyProblems = ['validation_failed', 'payload_too_large', 'unsupported_media_type'] as const;

/** The routes below `/webhook-endpoints`, with which a key's owner says where events are sent. */
export const webhookEndpointPaths: ZodOpenApiPathsObject = {
  '/webhook-endpoints': {
    post: {
      operationId: 'createWebhookEndpoint',
      tags,
      summary: 'Have events sent to a URL',
      description:
        'Events of the stores of this key are sent by [Standard Webhooks](https://www.standardwebhooks.com), from at most 2 s after the answer on. `secret` verifies their signatures and is shown once. The endpoint belongs to the key: it stops when the key is revoked.',
      security,
      requestBody: body(createEndpointBody),
      responses: {
        201: json('A new endpoint, with its secret', newEndpointSchema),
        ...errorResponses(...bodyProblems, 'store_not_found', 'url_not_allowed'),
      },
    },
    get: {
      operationId: 'listWebhookEndpoints',
      tags,
      summary: 'The webhook endpoints of this key, oldest first',
      security,
      responses: { 200: json('All of them', endpointsSchema), ...errorResponses() },
    },
  },
  '/webhook-endpoints/{endpoint_id}': {
    get: {
      operationId: 'getWebhookEndpoint',
      tags,
      summary: 'A webhook endpoint',
      security,
      requestParams: { path },
      responses: { 200: json('Its present state', endpointSchema), ...errorResponses('not_found') },
    },
    patch: {
      operationId: 'changeWebhookEndpoint',
      tags,
      summary: 'Change a webhook endpoint',
      description:
        'Fields that are left out stay. A store that is added starts with its next event. An endpoint that is enabled again continues where it stopped, as far as events are kept (72 h).',
      security,
      requestParams: { path },
      requestBody: body(changeEndpointBody),
      responses: {
        200: json('Its present state', endpointSchema),
        ...errorResponses(...bodyProblems, 'store_not_found', 'not_found', 'url_not_allowed'),
      },
    },
    delete: {
      operationId: 'deleteWebhookEndpoint',
      tags,
      summary: 'Remove a webhook endpoint',
      security,
      requestParams: { path },
      responses: { 204: { description: 'Removed: no further delivery starts' }, ...errorResponses('not_found') },
    },
  },
  '/webhook-endpoints/{endpoint_id}/rotate-secret': {
    post: {
      operationId: 'rotateWebhookSecret',
      tags,
      summary: 'Give a webhook endpoint a new secret',
      description: 'For 24 h each delivery is signed with both secrets, so that a receiver can change over without a gap.',
      security,
      requestParams: { path },
      responses: { 200: json('The new secret', newSecretSchema), ...errorResponses('not_found') },
    },
  },
  '/webhook-endpoints/{endpoint_id}/test': {
    post: {
      operationId: 'testWebhookEndpoint',
      tags,
      summary: 'Send a test event',
      description: 'Sends `webhook.test`, signed and retried as every other event. `GET …/deliveries` shows the result.',
      security,
      requestParams: { path },
      responses: { 202: json('It is being sent', testSchema), ...errorResponses('not_found') },
    },
  },
  '/webhook-endpoints/{endpoint_id}/deliveries': {
    get: {
      operationId: 'listWebhookDeliveries',
      tags,
      summary: 'The deliveries of a webhook endpoint, newest event first',
      description: 'Each event with its last attempt. Deliveries are kept for 7 days.',
      security,
      requestParams: { path, query: deliveriesQuery },
      responses: { 200: json('A page', deliveriesSchema), ...errorResponses('not_found') },
    },
  },
  '/webhook-endpoints/{endpoint_id}/recover': {
    post: {
      operationId: 'recoverWebhookEndpoint',
      tags,
      summary: 'Send events again',
      description: 'Sends every event since a time again, in the order of each store. For an endpoint that lost what it had accepted.',
      security,
      requestParams: { path },
      requestBody: body(recoverBody),
      responses: { 202: json('They are being sent', recoverSchema), ...errorResponses(...bodyProblems, 'not_found') },
    },
  },
};
