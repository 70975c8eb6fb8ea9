import type { CallLimits } from '../http-call.ts';
import { type ExchangeTools, HttpExchange, operationLimits } from '../http-exchange.ts';
import { basicAuthorization, type JsonObject, jsonObject, retryAfterMs } from '../http-response.ts';
import { ProviderMisconfigured, ProviderUnavailable } from '../provider-error.ts';
import type { ProviderAccount } from '../qris-provider.ts';
import { idempotencyKey } from './midtrans-wire.ts';

/** An answer of Midtrans that is not judged yet. */
export interface MidtransResponse {
  /** The `status_code` of the body; the HTTP status when the body has none. */
  code: string;
  /** Null when the body is no JSON object. */
  body: JsonObject | null;
  /** `edge`: the body has no `status_code`, so a proxy may have answered. */
  from: 'midtrans' | 'edge';
  retryAfterMs: number | null;
}

/** The Core API of Midtrans, one method for each endpoint. Source: Midtrans API reference, read 2026-11 (docs/providers.md 2). */
export class MidtransClient {
  readonly #exchange: HttpExchange;
  readonly #authorization: string | null;
  readonly #notificationUrl: string | undefined;

  constructor(account: ProviderAccount, tools: ExchangeTools) {
    this.#exchange = new HttpExchange(account, tools);
    this.#authorization = basicAuthorization(account.secretKey);
    this.#notificationUrl = account.notificationUrl;
  }

  charge(reference: string, body: object, signal: AbortSignal): Promise<MidtransResponse> {
    const override = this.#notificationUrl ? { 'x-override-notification': this.#notificationUrl } : {};
    const headers = { 'idempotency-key': idempotencyKey(reference, 'charge'), ...override };
    return this.#call('create', 'POST', '/v2/charge', { reference, limits: operationLimits.create, headers, body }, signal);
  }

  status(id: string, reference: string, signal: AbortSignal): Promise<MidtransResponse> {
    return this.#call('find', 'GET', '/v2/{id}/status', { id, reference, limits: operationLimits.find }, signal);
  }

  cancel(id: string, reference: string, signal: AbortSignal): Promise<MidtransResponse> {
    const headers = { 'idempotency-key': idempotencyKey(reference, 'cancel') };
    return this.#call('cancel', 'POST', '/v2/{id}/cancel', { id, reference, limits: operationLimits.cancel, headers }, signal);
  }

  expire(id: string, reference: string, signal: AbortSignal): Promise<MidtransResponse> {
    const headers = { 'idempotency-key': idempotencyKey(reference, 'expire') };
    return this.#call('expire', 'POST', '/v2/{id}/expire', { id, reference, limits: operationLimits.cancel, headers }, signal);
  }

  /** @param reference the reference of the refund, which is also its `refund_key` */
  refund(id: string, reference: string, body: object, signal: AbortSignal): Promise<MidtransResponse> {
    const headers = { 'idempotency-key': idempotencyKey(reference, 'refund') };
    return this.#call('refund', 'POST', '/v2/{id}/refund', { id, reference, limits: operationLimits.refund, headers, body }, signal);
  }

  /** The PNG of the QR. It needs no key, so none is sent. Its URL is built from our base URL, never taken from an answer. */
  async qrImage(transactionId: string, reference: string, limits: CallLimits, signal: AbortSignal): Promise<Buffer> {
    const response = await this.#exchange.send(
      {
        operation: 'qr_image',
        method: 'GET',
        route: '/v2/qris/{id}/qr-code',
        path: `/v2/qris/${encodeURIComponent(transactionId)}/qr-code`,
        headers: { accept: 'image/png' },
        reference,
        limits,
      },
      signal,
    );
    if (response.status !== 200) throw new ProviderUnavailable(`http_${response.status}`, 'Midtrans returned no QR image');
    return response.body;
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  async #call(
    operation: string,
    method: 'GET' | 'POST',
    route: string,
    call: { id?: string; reference: string; limits: CallLimits; headers?: Record<string, string>; body?: object },
    signal: AbortSignal,
  ): Promise<MidtransResponse> {
    if (this.#authorization === null)
      throw new ProviderMisconfigured('secret_key', 'the Midtrans server key is empty or contains white space');
    const response = await this.#exchange.send(
      {
        operation,
        method,
        route,
        path: route.replace('{id}', encodeURIComponent(call.id ?? '')),
        // Midtrans requires both headers on every call, also on one without a body (docs/providers.md 2.1).
        headers: { accept: 'application/json', 'content-type': 'application/json', authorization: this.#authorization, ...call.headers },
        ...(call.body ? { body: call.body } : {}),
        reference: call.reference,
        limits: call.limits,
      },
      signal,
    );
    const body = jsonObject(response.body);
    const code = statusCodeOf(body);
    return {
      code: code ?? String(response.status),
      body,
      from: code ? 'midtrans' : 'edge',
      retryAfterMs: retryAfterMs(response, 'retry-after'),
    };
  }
}

function statusCodeOf(body: JsonObject | null): string | null {
  const code = body?.status_code;
  if (typeof code !== 'string' && typeof code !== 'number') return null;
  return /^\d{3}$/.test(String(code)) ? String(code) : null;
}
