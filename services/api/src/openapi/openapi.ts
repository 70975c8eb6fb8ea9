import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { eventPaths, outgoingWebhooks } from './openapi-events.ts';
import { type DocumentParts, withExamples } from './openapi-examples.ts';
import { orderPaths } from './openapi-orders.ts';
import { errorResponses, json } from './openapi-parts.ts';
import { paymentPaths } from './openapi-payments.ts';
import { webhookEndpointPaths } from './openapi-webhook-endpoints.ts';

const providerParam = z.string().meta({ example: 'midtrans' });

const webhook = (operationId: string, summary: string, path: z.ZodObject, description: string): ZodOpenApiOperationObject => ({
  operationId,
  tags: ['Providers'],
  summary,
  security: [],
  description,
  requestParams: { path },
  requestBody: { required: true, content: { 'application/json': { schema: z.looseObject({}) } } },
  responses: {
    200: json('Stored', z.object({ received: z.literal(true) })),
    ...errorResponses('payload_too_large', 'unsupported_media_type', 'not_found'),
  },
});

const paths: ZodOpenApiPathsObject = {
  ...paymentPaths,
  ...orderPaths,
  ...eventPaths,
  ...webhookEndpointPaths,
  '/webhooks/{provider}': {
    post: webhook(
      'receiveProviderWebhook',
      'Provider webhook of the account `default` (called by providers)',
      z.object({ provider: providerParam }),
      'A webhook that is repeated too much, or about too many charges that are not ours, is answered 429: the provider sends it again. The first report of a charge is never refused for that.',
    ),
  },
  '/webhooks/{provider}/{account}': {
    post: webhook(
      'receiveAccountWebhook',
      'Provider webhook of a further account (called by providers)',
      z.object({ provider: providerParam, account: z.string().meta({ description: 'The id of the account', example: 'jkt' }) }),
      'Checked with the secrets of this account only: the present one, and after a rotation the one before for 24 hours. `npm run ops -- accounts show` prints the address to register.',
    ),
  },
};

const localStackTag = 'Local stack';
const tags = {
  Payments: 'Make an order payable, show its QR, follow and cancel it.',
  Orders: 'Send orders, for tills whose orders are in no database of a host.',
  Refunds: 'Pay money back.',
  Events: 'What happened in a store, for screens.',
  'Webhook endpoints': 'Have events sent to your own server.',
  Webhooks: 'What your server receives.',
  Providers: 'What Midtrans and Xendit call.',
  [localStackTag]: 'Only `npm start` has these routes.',
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
  const created = createDocument({
    openapi: '3.1.0',
    info: {
      title: 'QRIS payment gateway',
      version: '1',
      description: 'Makes restaurant orders payable by QRIS. Amounts are whole rupiah, times UTC.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(tags)
      .filter(([name]) => name !== localStackTag || Object.keys(allPaths).some((path) => path.startsWith('/demo/')))
      .map(([name, description]) => ({ name, description })),
    externalDocs: { description: 'Every error code: what it means, and what to do', url: `${publicUrl}/problems` },
    servers: [{ url: publicUrl }],
    paths: allPaths,
    webhooks: outgoingWebhooks,
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key made by `npm run keys -- create`, with the scope that is named' },
      },
    },
  });
  return withExamples(created as unknown as DocumentParts);
}
