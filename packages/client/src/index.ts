import createFetchClient, { type Client as FetchClient } from 'openapi-fetch';
import type { components, operations, paths } from './generated/api.ts';
import { GatewayProblem } from './problem.ts';
import { type RetryOptions, retryingFetch, wait } from './retrying-fetch.ts';

export { WebhookVerificationError } from 'standardwebhooks';
export type { components, operations, paths } from './generated/api.ts';
export { GatewayProblem } from './problem.ts';
export { verifyWebhook, type WebhookEvent, type WebhookHeaders } from './verify-webhook.ts';

type Schemas = components['schemas'];
export type Payment = Schemas['Payment'];
export type Refund = Schemas['Refund'];
export type WebhookEndpoint = Schemas['WebhookEndpoint'];
type QueryOf<Name extends keyof operations> = NonNullable<operations[Name]['parameters']['query']>;

export interface GatewayOptions {
  /** `https://pay.example.id` */
  baseUrl: string;
  /** A key of `npm run keys -- create`. It must not be in a page that customers open. */
  key: string;
  /** Default: 3 attempts, 500 ms. */
  retry?: Partial<RetryOptions>;
  /** Default: the fetch of the platform. */
  fetch?: typeof fetch;
}

export interface CallOptions {
  signal?: AbortSignal;
}

export interface CreateOptions extends CallOptions {
  /** Default: a new one for each call, so that a repetition of this client makes no second object. Give your own to repeat after a crash. */
  idempotencyKey?: string;
  /** Seconds to wait for the QR, 0 to 25. Default: 10. */
  waitSeconds?: number;
}

export interface WaitOptions extends CallOptions {
  /** Milliseconds between two questions. Default: 1000. */
  everyMs?: number;
}

/** The payment ended without money: it is expired, cancelled or failed. */
export class PaymentNotPaid extends Error {
  override readonly name = 'PaymentNotPaid';
  readonly payment: Payment;

  constructor(payment: Payment) {
    super(`payment ${payment.payment_id} is ${payment.status}`);
    this.payment = payment;
  }
}

/** The API of a gateway. Every call throws `GatewayProblem` for a refusal. */
export type GatewayClient = ReturnType<typeof createGatewayClient>;

export function createGatewayClient({ baseUrl, key, retry, fetch: fetchOnce = (input, init) => fetch(input, init) }: GatewayOptions) {
  const api: FetchClient<paths> = createFetchClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${key}` },
    fetch: retryingFetch(fetchOnce, { tries: 3, firstDelayMs: 500, ...retry }),
  });
  const ofPayment = (payment_id: string) => ({ path: { payment_id } });
  const ofEndpoint = (endpoint_id: string) => ({ path: { endpoint_id } });

  const payments = {
    /** Makes an order payable. The payment has its QR, or is still `created` when it takes longer than `waitSeconds`. */
    create: (
      body: Schemas['CreatePayment'],
      { idempotencyKey = newKey(), waitSeconds = 10, signal }: CreateOptions = {},
    ): Promise<Payment> =>
      answerOf(
        api.POST('/transaction/payments', {
          body,
          params: { header: { 'Idempotency-Key': idempotencyKey, Prefer: `wait=${waitSeconds}` } },
          ...only({ signal }),
        }),
      ),
    get: (id: string, { signal }: CallOptions = {}): Promise<Payment> =>
      answerOf(api.GET('/transaction/payments/{payment_id}', { params: ofPayment(id), ...only({ signal }) })),
    list: (query: QueryOf<'listPayments'> = {}, { signal }: CallOptions = {}) =>
      answerOf(api.GET('/transaction/payments', { params: { query }, ...only({ signal }) })),
    ofOrder: (order_id: string, { signal }: CallOptions = {}): Promise<Payment> =>
      answerOf(api.GET('/transaction/orders/{order_id}/payment', { params: { path: { order_id } }, ...only({ signal }) })),
    check: (id: string, { signal }: CallOptions = {}): Promise<Payment> =>
      answerOf(api.POST('/transaction/payments/{payment_id}/check', { params: ofPayment(id), ...only({ signal }) })),
    cancel: (id: string, { signal }: CallOptions = {}): Promise<Payment> =>
      answerOf(api.POST('/transaction/payments/{payment_id}/cancel', { params: ofPayment(id), ...only({ signal }) })),
    timeline: (id: string, { signal }: CallOptions = {}) =>
      answerOf(api.GET('/transaction/payments/{payment_id}/timeline', { params: ofPayment(id), ...only({ signal }) })),
    /** Asks until the payment is paid. @throws PaymentNotPaid when it ends otherwise; the reason of the signal when that is aborted */
    waitUntilPaid: async (id: string, { everyMs = 1_000, signal }: WaitOptions = {}): Promise<Payment> => {
      for (;;) {
        const payment = await payments.get(id, only({ signal }));
        if (/^(paid|partially_refunded|refunded)$/.test(payment.status)) return payment;
        if (!/^(created|pending)$/.test(payment.status)) throw new PaymentNotPaid(payment);
        await wait(everyMs * (0.75 + Math.random() / 2), signal);
      }
    },
  };

  const refunds = {
    create: (
      paymentId: string,
      body: { amount: number; reason: string },
      { idempotencyKey = newKey(), signal }: CreateOptions = {},
    ): Promise<Refund> =>
      answerOf(
        api.POST('/transaction/payments/{payment_id}/refunds', {
          body,
          params: { ...ofPayment(paymentId), header: { 'Idempotency-Key': idempotencyKey } },
          ...only({ signal }),
        }),
      ),
    list: (paymentId: string, { signal }: CallOptions = {}) =>
      answerOf(api.GET('/transaction/payments/{payment_id}/refunds', { params: ofPayment(paymentId), ...only({ signal }) })),
    get: (refund_id: string, { signal }: CallOptions = {}): Promise<Refund> =>
      answerOf(api.GET('/transaction/refunds/{refund_id}', { params: { path: { refund_id } }, ...only({ signal }) })),
  };

  const webhookEndpoints = {
    /** The answer has the secret, which is shown once. */
    create: (body: operations['createWebhookEndpoint']['requestBody']['content']['application/json']) =>
      answerOf(api.POST('/webhook-endpoints', { body })),
    list: () => answerOf(api.GET('/webhook-endpoints')),
    get: (id: string) => answerOf(api.GET('/webhook-endpoints/{endpoint_id}', { params: ofEndpoint(id) })),
    change: (id: string, body: Schemas['WebhookEndpointChange']) =>
      answerOf(api.PATCH('/webhook-endpoints/{endpoint_id}', { params: ofEndpoint(id), body })),
    remove: (id: string) => answerOf(api.DELETE('/webhook-endpoints/{endpoint_id}', { params: ofEndpoint(id) })),
    rotateSecret: (id: string) => answerOf(api.POST('/webhook-endpoints/{endpoint_id}/rotate-secret', { params: ofEndpoint(id) })),
    test: (id: string) => answerOf(api.POST('/webhook-endpoints/{endpoint_id}/test', { params: ofEndpoint(id) })),
    deliveries: (id: string, query: QueryOf<'listWebhookDeliveries'> = {}) =>
      answerOf(api.GET('/webhook-endpoints/{endpoint_id}/deliveries', { params: { ...ofEndpoint(id), query } })),
    recover: (id: string, since: Date) =>
      answerOf(api.POST('/webhook-endpoints/{endpoint_id}/recover', { params: ofEndpoint(id), body: { since: since.toISOString() } })),
  };

  /** `api` has every route of the document, typed, for what has no function here. */
  return { payments, refunds, webhookEndpoints, api };
}

const newKey = (): string => crypto.randomUUID();

/** Leaves out what is not set: `exactOptionalPropertyTypes` tells it apart from undefined. */
const only = ({ signal }: { signal: AbortSignal | undefined }): { signal?: AbortSignal } => (signal ? { signal } : {});

async function answerOf<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<NonNullable<T>> {
  const { data, error, response } = await answer;
  if (!response.ok) throw new GatewayProblem(response, error);
  return data as NonNullable<T>;
}
