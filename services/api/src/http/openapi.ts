import { z } from 'zod';
import { createDocument, type ZodOpenApiPathsObject } from 'zod-openapi';
import { eventQuery } from '../events/event-query.ts';
import { eventsSchema, snapshotSchema, streamTokenSchema } from '../events/event-view.ts';
import { demoOrdersSchema, placedOrderSchema, storeQuery } from '../pages/demo-orders.ts';
import { payBody } from '../simulator/pay-at-simulator.ts';
import { bearer, byId, byStore, json, reading, refusals, token } from './openapi-parts.ts';
import { paymentPaths } from './openapi-payments.ts';

const paths: ZodOpenApiPathsObject = {
  ...paymentPaths,
  '/stores/{store_id}/events': {
    get: {
      summary: 'What happened in a store, from one place on',
      description:
        'As a list, or with `Accept: text/event-stream` as a stream: `id` is the `seq`, `Last-Event-ID` resumes (and wins over `after`), a comment line comes every 15 s. Delivery is at least once: drop any `seq` you have seen.',
      security: reading,
      requestParams: {
        path: byStore,
        query: eventQuery.extend({ token }),
        header: z.object({ 'Last-Event-ID': z.string().optional().meta({ description: 'Stream only: the last `seq` you have' }) }),
      },
      responses: {
        200: {
          description: 'What follows, in order and without a gap',
          content: { 'application/json': { schema: eventsSchema }, 'text/event-stream': { schema: z.string() } },
        },
        ...refusals('validation_failed', 'store_not_found', 'events_gone'),
      },
    },
  },
  '/stores/{store_id}/snapshot': {
    get: {
      summary: 'What a screen shows that knows nothing yet',
      security: reading,
      requestParams: { path: byStore, query: z.object({ token }) },
      responses: { 200: json('Open payments and orders, and the `seq` they are true at', snapshotSchema), ...refusals('store_not_found') },
    },
  },
  '/stores/{store_id}/stream-token': {
    post: {
      summary: "A token for a browser's EventSource",
      description:
        'Opens the events and the snapshot of this one store for 60 seconds; a stream that was opened with it goes on after that.',
      security: bearer,
      requestParams: { path: byStore },
      responses: { 201: json('Send it as `?token=`', streamTokenSchema), ...refusals('store_not_found') },
    },
  },
  '/webhooks/{provider}': {
    post: {
      summary: 'News from a provider (for providers)',
      requestParams: { path: z.object({ provider: z.string() }) },
      responses: {
        200: json('Kept', z.object({ received: z.literal(true) })),
        ...refusals('validation_failed', 'payload_too_large', 'not_found'),
      },
    },
  },
};

const localPaths: ZodOpenApiPathsObject = {
  '/simulator/payments/{payment_id}/pay': {
    post: {
      summary: 'The customer scans and pays (local stack only)',
      security: bearer,
      requestParams: { path: byId },
      requestBody: { content: { 'application/json': { schema: payBody } } },
      responses: { 200: json('Paid at the simulator', z.looseObject({})), ...refusals('payment_not_found', 'qr_gone') },
    },
  },
  '/simulator/control/{control}': {
    get: {
      summary: "The simulator's own controls (local stack only)",
      description: 'GET, POST and DELETE, as its README lists them: faults, lost webhooks, late and untrue money.',
      security: bearer,
      requestParams: { path: z.object({ control: z.string().meta({ example: 'charges' }) }) },
      responses: { 200: json('As the simulator answers', z.looseObject({})), ...refusals('not_found') },
    },
  },
  '/demo/orders': {
    get: {
      summary: 'What the demo till has open (local stack only)',
      security: bearer,
      requestParams: { query: storeQuery },
      responses: { 200: json('Newest first', demoOrdersSchema), ...refusals('validation_failed') },
    },
    post: {
      summary: 'Somebody sits down and orders (local stack only)',
      security: bearer,
      requestBody: { content: { 'application/json': { schema: storeQuery } } },
      responses: { 201: json('An order that can be made payable', placedOrderSchema), ...refusals('validation_failed', 'store_not_found') },
    },
  },
};

const documents = new Map<string, unknown>();

/** The OpenAPI document, made of the schemas that the routes themselves parse with. */
export function openApiDocument({ publicUrl, simulatorUrl }: { publicUrl: string; simulatorUrl: string | null }): unknown {
  const key = `${publicUrl} ${simulatorUrl !== null}`;
  const made = documents.get(key) ?? document(publicUrl, simulatorUrl !== null);
  documents.set(key, made);
  return made;
}

function document(publicUrl: string, isLocal: boolean): unknown {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'QRIS payment gateway',
      version: '1',
      description: 'Makes restaurant orders payable by QRIS. Amounts are whole rupiah, times UTC.',
    },
    servers: [{ url: publicUrl }],
    paths: isLocal ? { ...paths, ...localPaths } : paths,
    components: { securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key made by `npm run keys -- create`' } } },
  });
}
