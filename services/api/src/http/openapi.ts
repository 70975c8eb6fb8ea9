import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { eventQuery } from '../events/event-query.ts';
import { eventsSchema, snapshotSchema, streamTokenSchema } from '../events/event-view.ts';
import { createPaymentBody } from '../payments/create-payment.ts';
import { paymentSchema } from '../payments/payment-view.ts';
import { payBody } from '../simulator/pay-at-simulator.ts';
import { type ProblemCode, problems } from './problem.ts';

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What to do' }),
    code: z.enum(Object.keys(problems) as [ProblemCode, ...ProblemCode[]]),
    request_id: z.string(),
    reason: z.string().optional().meta({ description: "With order_not_payable: the host's own reason" }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const paymentId = z.string().meta({ description: 'pay_…', example: 'pay_01jd0000000000000000000000' });
const prefer = z
  .string()
  .optional()
  .meta({ description: '`wait=10`: seconds to wait for an answer, 0 to 25; `respond-async` is 0', example: 'wait=10' });
const idempotencyKey = z
  .string()
  .max(255)
  .optional()
  .meta({ description: 'Your name for this request, kept 72 h: sending it again answers with the same thing in its present state' });
const byId = z.object({ payment_id: paymentId });
const byStore = z.object({ store_id: z.string().meta({ example: 'JKT-01' }) });
const token = z.string().optional().meta({ description: 'A stream token, in place of a key' });
const bearer = [{ key: [] }];
const reading = [...bearer, {}]; // or by ?token=

const json = (description: string, schema: z.ZodType) => ({ description, content: { 'application/json': { schema } } });
const payment = (description: string) => json(description, paymentSchema);

/** The answers that say no, by status: every code that may come. */
function refusals(...codes: ProblemCode[]) {
  const usual: ProblemCode[] = ['unauthenticated', 'forbidden', 'rate_limited', 'internal', 'database_unavailable'];
  const byStatus = Object.groupBy([...codes, ...usual], (code) => String(problems[code][0]));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, some = []]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${problems[code][1]}`).join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}

const paths: ZodOpenApiPathsObject = {
  '/transaction/payments': {
    post: {
      summary: 'Make an order payable by QRIS',
      description:
        'Waits for the QR, at most as long as you prefer. An order that already has a live QR for what it owes gets the same one.',
      security: bearer,
      requestParams: { header: z.object({ 'Idempotency-Key': idempotencyKey, Prefer: prefer }) },
      requestBody: { content: { 'application/json': { schema: createPaymentBody } } },
      responses: {
        201: payment('The QR is here'),
        200: payment('This order already has a live QR, or this Idempotency-Key was answered before'),
        202: payment('Still working: ask again at `Location`'),
        ...refusals(
          'validation_failed',
          'order_not_found',
          'order_not_payable',
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
  },
  '/transaction/payments/{payment_id}': {
    get: {
      summary: 'The present state of a payment',
      security: bearer,
      requestParams: { path: byId },
      responses: { 200: payment('As it is now'), ...refusals('payment_not_found') },
    },
  },
  '/transaction/payments/{payment_id}/qr.svg': { get: picture('image/svg+xml') },
  '/transaction/payments/{payment_id}/qr.png': { get: picture('image/png') },
  '/transaction/payments/{payment_id}/check': {
    post: {
      summary: 'Ask the provider now',
      security: bearer,
      requestParams: { path: byId, header: z.object({ Prefer: prefer }) },
      responses: {
        200: payment('As it is after asking'),
        202: payment('The provider did not answer in time'),
        ...refusals('payment_not_found'),
      },
    },
  },
  '/transaction/payments/{payment_id}/cancel': {
    post: {
      summary: 'Hide the QR at once, and cancel it at the provider',
      security: bearer,
      requestParams: { path: byId, header: z.object({ Prefer: prefer }) },
      responses: {
        200: payment('Cancelled'),
        202: payment('Hidden; the provider is still being asked'),
        ...refusals('payment_not_found', 'payment_not_cancellable', 'already_paid'),
      },
    },
  },
  '/transaction/orders/{order_id}/payment': {
    get: {
      summary: 'The payment to show for an order',
      description: 'A till that rebooted gets its live QR back; without a live one, the newest.',
      security: bearer,
      requestParams: { path: z.object({ order_id: z.string() }) },
      responses: { 200: payment('As it is now'), ...refusals('payment_not_found') },
    },
  },
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
};

function picture(type: string): ZodOpenApiOperationObject {
  return {
    summary: 'The picture of the QR',
    description: 'By key, or by the signature in `qr_image_url`.',
    security: [...bearer, {}],
    requestParams: { path: byId, query: z.object({ sig: z.string().optional() }) },
    responses: {
      200: { description: 'The QR', content: { [type]: { schema: { type: 'string' } } } },
      ...refusals('payment_not_found', 'qr_gone'),
    },
  };
}

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
