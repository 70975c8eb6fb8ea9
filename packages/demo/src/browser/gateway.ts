import { text } from './text.ts';

/** Everybody knows this key, and it opens nothing but a demo. The page of a real till has none: it asks the till's own server. */
const demoKey = 'sk_test_pos_demo';

export interface Payment {
  payment_id: string;
  transaction_id: string | null;
  order_id: string;
  order_number: string;
  status: 'created' | 'pending' | 'paid' | 'expired' | 'cancelled' | 'failed' | 'partially_refunded' | 'refunded';
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

/** The gateway, or the simulator behind it, said no. `message` is for whoever pressed the button. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(String(body.detail ?? body.message ?? status));
    this.status = status;
    this.body = body;
  }
}

const timeoutMs = 30_000; // the api itself waits 25 s at most

type Method = 'GET' | 'POST' | 'DELETE';

/** @throws Refused, or an Error that says that nobody answered */
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
/** `isAnswered`: the provider has spoken; else this is what was known before. */
export async function checkPayment(id: string): Promise<{ payment: Payment; isAnswered: boolean }> {
  const { status, body } = await exchange<Payment>('POST', `${payments}/${id}/check`);
  return { payment: body, isAnswered: status === 200 };
}

export const cancelPayment = (id: string) => request<Payment>('POST', `${payments}/${id}/cancel`);

/** For each press one: the same request, sent again by an impatient network, makes no second payment and no second refund. */
export const newIdempotencyKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The order's QR, made or found. */
export const makePayable = (orderId: string, expiresIn: number) =>
  request<Payment>('POST', payments, { order_id: orderId, expires_in: expiresIn }, { 'idempotency-key': newIdempotencyKey() });
