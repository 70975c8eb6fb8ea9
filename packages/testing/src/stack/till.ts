/** What the api answered, and after how many milliseconds. */
export interface HttpResult<Body> {
  status: number;
  headers: Headers;
  body: Body;
  ms: number;
}

/** A payment as the contract shows it, or a problem: a test looks at what it expects. */
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

type Headers_ = Record<string, string>;

/** Whoever calls the api with a key: the software of a till. */
export interface Till {
  request<Body = PaymentBody>(method: string, path: string, options?: { body?: unknown; headers?: Headers_ }): Promise<HttpResult<Body>>;
  /** POST /transaction/payments */
  create(orderId: string, headers?: Headers_, more?: Record<string, unknown>): Promise<HttpResult<PaymentBody>>;
  get(paymentId: string): Promise<HttpResult<PaymentBody>>;
  check(paymentId: string, headers?: Headers_): Promise<HttpResult<PaymentBody>>;
  cancel(paymentId: string, headers?: Headers_): Promise<HttpResult<PaymentBody>>;
}

export function tillAt(api: string, key: string): Till {
  async function request<Body>(
    method: string,
    path: string,
    { body, headers = {} }: { body?: unknown; headers?: Headers_ } = {},
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
