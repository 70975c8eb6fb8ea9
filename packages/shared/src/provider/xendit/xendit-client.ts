import { type Call, type ExchangeTools, HttpExchange, operationLimits } from '../http-exchange.ts';
import { basicAuthorization, type JsonObject, jsonObject, retryAfterMs } from '../http-response.ts';
import { ProviderMisconfigured } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';

/** An answer of Xendit that is not judged yet. */
export interface XenditResponse {
  status: number;
  /** Null when the body is no JSON object. */
  body: JsonObject | null;
  errorCode: string | null;
  retryAfterMs: number | null;
}

type XenditRequest = Pick<Call, 'operation' | 'method' | 'route' | 'reference' | 'limits'> & {
  path?: string;
  idempotencyKey?: string;
  body?: object;
};

/** Payments API v3, refunds and transactions of Xendit, one method for each endpoint. Source: Xendit API reference, read 2026-11 (docs/providers.md 3). */
export class XenditClient {
  readonly #exchange: HttpExchange;
  readonly #authorization: string | null;
  readonly #forUserId: string | undefined;

  constructor(account: ProviderAccount, tools: ExchangeTools) {
    this.#exchange = new HttpExchange(account, tools);
    this.#authorization = basicAuthorization(account.secretKey);
    this.#forUserId = account.forUserId;
  }

  createPaymentRequest(reference: string, body: object, signal: AbortSignal): Promise<XenditResponse> {
    const call = { operation: 'create', method: 'POST', route: '/v3/payment_requests', limits: operationLimits.create } as const;
    return this.#send({ ...call, reference, body, idempotencyKey: reference }, signal);
  }

  paymentRequest(id: string, reference: string, signal: AbortSignal): Promise<XenditResponse> {
    return this.#send({ ...get('/v3/payment_requests/{id}', id), reference }, signal);
  }

  payment(id: string, reference: string, signal: AbortSignal): Promise<XenditResponse> {
    return this.#send({ ...get('/v3/payments/{id}', id), reference }, signal);
  }

  cancelPaymentRequest(id: string, reference: string, signal: AbortSignal): Promise<XenditResponse> {
    const route = '/v3/payment_requests/{id}/cancel';
    return this.#send({ ...get(route, id), operation: 'cancel', method: 'POST', limits: operationLimits.cancel, reference }, signal);
  }

  /** Test mode only: pays the charge. The answer is always PENDING; the result comes by webhook (docs/providers.md 3.7). */
  simulatePayment(id: string, reference: string, amount: number, signal: AbortSignal): Promise<XenditResponse> {
    const route = '/v3/payment_requests/{id}/simulate';
    const call = { operation: 'simulate', method: 'POST', limits: operationLimits.cancel, body: { amount } } as const;
    return this.#send({ ...get(route, id), ...call, reference }, signal);
  }

  /** @param reference the reference of the refund */
  createRefund(reference: string, body: object, signal: AbortSignal): Promise<XenditResponse> {
    const call = { operation: 'refund', method: 'POST', route: '/refunds', limits: operationLimits.refund } as const;
    return this.#send({ ...call, reference, body, idempotencyKey: reference }, signal);
  }

  refund(id: string, reference: string, signal: AbortSignal): Promise<XenditResponse> {
    return this.#send({ ...get('/refunds/{id}', id), reference }, signal);
  }

  /** Payments and refunds that moved money under this reference. A charge that is not paid is not listed. */
  transactions(
    filter: { reference_id: string; types?: 'PAYMENT'; channel_categories?: 'QR_CODE' },
    signal: AbortSignal,
  ): Promise<XenditResponse> {
    const path = `/transactions?${new URLSearchParams(filter)}`;
    return this.#send({ ...get('/transactions', ''), path, reference: filter.reference_id }, signal);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  async #send({ idempotencyKey, path, ...request }: XenditRequest, signal: AbortSignal): Promise<XenditResponse> {
    if (this.#authorization === null)
      throw new ProviderMisconfigured('secret_key', 'the Xendit secret key is empty or contains white space');
    const headers = {
      accept: 'application/json',
      authorization: this.#authorization,
      'api-version': '2024-11-11',
      ...(this.#forUserId ? { 'for-user-id': this.#forUserId } : {}),
      // Version 3 does not document it, the version before did: it is sent, and nothing relies on it (docs/providers.md 3.9).
      ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
    };
    const response = await this.#exchange.send({ ...request, path: path ?? request.route, headers }, signal);
    const body = jsonObject(response.body);
    return {
      status: response.status,
      body,
      errorCode: typeof body?.error_code === 'string' ? body.error_code : null,
      retryAfterMs: retryAfterMs(response, 'rate-limit-reset', 'retry-after'),
    };
  }
}

function get(route: string, id: string) {
  return {
    operation: 'find',
    method: 'GET',
    route,
    path: route.replace('{id}', encodeURIComponent(id)),
    limits: operationLimits.find,
  } as const;
}
