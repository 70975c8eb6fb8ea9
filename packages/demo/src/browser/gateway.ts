import type { PaymentStatus } from '@gateway/shared/payment';
import { demoKey } from './store.ts';
import { text } from './text.ts';

/** A payment in the api's JSON. Amounts are whole rupiah, times ISO 8601 in UTC. */
export interface Payment {
  payment_id: string;
  transaction_id: string | null;
  order_id: string;
  order_number: string;
  status: PaymentStatus;
  amount: number;
  received_amount: number;
  refunded_amount: number;
  needs_review: boolean;
  qr_string: string | null;
  qr_image_url: string | null;
  expires_at: string;
  cancel_requested_at: string | null;
  created_at: string;
  paid_at: string | null;
}

/** The api, or the simulator behind it, refused a request. `message` is shown to the person at the screen. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.message ?? status));
    this.status = status;
    this.body = body;
  }
}

const timeoutMs = 30_000; // longer than the api waits for a provider, 25 s at most

type Method = 'GET' | 'POST' | 'DELETE';

/** @throws ApiError when the request is refused, Error when no response comes */
export const request = async <Result>(
  method: Method,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Result> => (await exchange<Result>(method, path, body, headers)).body;

async function exchange<Result>(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(path, {
    method,
    headers: {
      authorization: `Bearer ${demoKey}`,
      'accept-language': document.documentElement.lang,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(timeoutMs),
  }).catch(() => {
    throw new Error(text('noAnswer'));
  });
  const responseBody = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, responseBody);
  return { status: response.status, body: responseBody as Result };
}

const payments = '/transaction/payments';

export const findPayment = (id: string) => request<Payment>('GET', `${payments}/${id}`);
export const paymentOfOrder = (orderId: string) => request<Payment>('GET', `/transaction/orders/${orderId}/payment`);
/** Asks the provider now. `isAnswered` is false when no answer came in time: the payment is then as it was known before. */
export async function checkPayment(id: string): Promise<{ payment: Payment; isAnswered: boolean }> {
  const { status, body } = await exchange<Payment>('POST', `${payments}/${id}/check`);
  return { payment: body, isAnswered: status === 200 };
}

export const cancelPayment = (id: string) => request<Payment>('POST', `${payments}/${id}/cancel`);

/** A new key for each press of a button. A request that the network sends twice then makes no second payment or refund. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Gets the order's QR: the live one, or a new one. */
export const makePayable = (orderId: string, expiresIn: number) =>
  request<Payment>('POST', payments, { order_id: orderId, expires_in: expiresIn }, { 'idempotency-key': newIdempotencyKey() });
