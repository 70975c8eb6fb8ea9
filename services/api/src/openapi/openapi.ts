import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { eventQuery } from '../events/event-query.ts';
import { eventsSchema, snapshotSchema, streamTokenSchema } from '../events/event-view.ts';
import { bearer, byStore, errorResponses, json, readerSecurity, token } from './openapi-parts.ts';
import { paymentPaths } from './openapi-payments.ts';

const providerParam = z.string().meta({ example: 'midtrans' });

const webhook = (summary: string, path: z.ZodObject, description: string): ZodOpenApiOperationObject => ({
  tags: ['Webhooks'],
  summary,
  description,
  requestParams: { path },
  responses: {
    200: json('Stored', z.object({ received: z.literal(true) })),
    ...errorResponses('validation_failed', 'payload_too_large', 'not_found', 'database_unavailable'),
  },
});

const paths: ZodOpenApiPathsObject = {
  ...paymentPaths,
  '/stores/{store_id}/events': {
    get: {
      tags: ['Events'],
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
        ...errorResponses('validation_failed', 'store_not_found', 'events_gone'),
      },
    },
  },
  '/stores/{store_id}/snapshot': {
    get: {
      tags: ['Events'],
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
      tags: ['Events'],
      summary: "A token for a browser's EventSource",
      description:
        'Valid for 60 seconds, for the events and the snapshot of this store. A stream that was opened with it continues afterwards.',
      security: bearer,
      requestParams: { path: byStore },
      responses: { 201: json('Send it as `?token=`', streamTokenSchema), ...errorResponses('store_not_found') },
    },
  },
  '/webhooks/{provider}': {
    post: webhook(
      'Provider webhook of the account `default` (called by providers)',
      z.object({ provider: providerParam }),
      'A webhook that is repeated too much, or about too many charges that are not ours, is answered 429: the provider sends it again. The first report of a charge is never refused for that.',
    ),
  },
  '/webhooks/{provider}/{account}': {
    post: webhook(
      'Provider webhook of a further account (called by providers)',
      z.object({ provider: providerParam, account: z.string().meta({ description: 'The id of the account', example: 'jkt' }) }),
      'Checked with the secrets of this account only: the present one, and after a rotation the one before for 24 hours. `npm run ops -- accounts show` prints the address to register.',
    ),
  },
};

const documents = new Map<string, unknown>();

/**
 * The OpenAPI document, built from the schemas with which the routes parse. Built once for each base URL; a process has one.
 * @param extraPaths the operations of the demo's routes
 */
export function openApiDocument(publicUrl: string, extraPaths: ZodOpenApiPathsObject = {}): unknown {
  const cached = documents.get(publicUrl) ?? document(publicUrl, { ...paths, ...extraPaths });
  documents.set(publicUrl, cached);
  return cached;
}

function document(publicUrl: string, allPaths: ZodOpenApiPathsObject): unknown {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'QRIS payment gateway',
      version: '1',
      description: 'Makes restaurant orders payable by QRIS. Amounts are whole rupiah, times UTC.',
    },
    externalDocs: { description: 'Every error code: what it means, and what to do', url: `${publicUrl}/problems` },
    servers: [{ url: publicUrl }],
    paths: allPaths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key made by `npm run keys -- create`' } } },
  });
}
