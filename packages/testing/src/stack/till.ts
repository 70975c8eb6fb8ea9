/** An answer of the api, and after how many milliseconds it came. */
export interface HttpResult<Body> {
  status: number;
  headers: Headers;
  body: Body;
  ms: number;
}

/** The body of an answer: a payment, or a problem. The OpenAPI document describes the fields. */
export interface PaymentBody {
  payment_id: string;
  transaction_id: string;
  store_id: string;
  order_id: string;
  status: string;
  amount: number;
  received_amount: number;
  refunded_amount: number;
  needs_review: boolean;
  qr_string: string | null;
  qr_image_url: string | null;
  expires_at: string;
  cancel_requested_at: string | null;
  paid_at: string | null;
  code?: string;
  reason?: string;
  detail?: string;
  request_id?: string;
  errors?: { path: string; message: string }[];
  payment?: PaymentBody;
}

type RequestHeaders = Record<string, string>;

/** A client of the api with a key, such as the software of a till. */
export interface Till {
  request<Body = PaymentBody>(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: RequestHeaders },
  ): Promise<HttpResult<Body>>;
  /** POST /transaction/payments. `more` are further fields of the body. */
  create(orderId: string, headers?: RequestHeaders, more?: Record<string, unknown>): Promise<HttpResult<PaymentBody>>;
  get(paymentId: string): Promise<HttpResult<PaymentBody>>;
  check(paymentId: string, headers?: RequestHeaders): Promise<HttpResult<PaymentBody>>;
  cancel(paymentId: string, headers?: RequestHeaders): Promise<HttpResult<PaymentBody>>;
}

/** @param api the base URL of the api; an empty `key` sends none */
export function tillAt(api: string, key: string): Till {
  async function request<Body>(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: RequestHeaders } = {},
  ): Promise<HttpResult<Body>> {
    const started = performance.now();
    const response = await fetch(new URL(path, api), {
      method,
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : text) as Body,
      ms: performance.now() - started,
    };
  }
  const payments = '/transaction/payments';
  return {
    request,
    create: (orderId, headers = {}, more = {}) => request('POST', payments, { body: { order_id: orderId, ...more }, headers }),
    get: (paymentId) => request('GET', `${payments}/${paymentId}`),
    check: (paymentId, headers = {}) => request('POST', `${payments}/${paymentId}/check`, { headers }),
    cancel: (paymentId, headers = {}) => request('POST', `${payments}/${paymentId}/cancel`, { headers }),
  };
}
