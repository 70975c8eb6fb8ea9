interface ProblemText {
  status: number;
  title: string;
  meaning: string;
  action: string;
}

/**
 * Every error code with its HTTP status, what it means and what the caller should do. The one place that picks a status code.
 * Error answers, the OpenAPI document and the pages below `/problems` are made from this table. Text in backticks is shown as code.
 */
export const problems = {
  validation_failed: {
    status: 400,
    title: 'Invalid request',
    meaning: 'A field of the body, the query or a header is missing, unknown or not in the accepted form.',
    action: 'Correct the fields that `errors` names, then send the request again.',
  },
  idempotency_key_required: {
    status: 400,
    title: 'Idempotency-Key required',
    meaning: 'This request must carry an `Idempotency-Key`, so that a repeated request takes effect only once.',
    action: 'Send an `Idempotency-Key` header of 1 to 255 characters: a new one for each new request, the same one for a repetition.',
  },
  unauthenticated: {
    status: 401,
    title: 'Missing or invalid credentials',
    meaning: 'The request has no credentials, or its key, stream token, password or webhook signature is invalid, expired or revoked.',
    action: 'Send a valid key as `Authorization: Bearer <key>`. An operator creates keys with `npm run keys -- create`.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    meaning: 'The credentials are valid, but they do not allow this request. `detail` says which scope or role is missing.',
    action: 'Use a key with the required scope, or a user with the required role.',
  },
  order_not_found: {
    status: 404,
    title: 'Order not found',
    meaning: 'No order with this id exists for this key. An order of another tenant or store is answered in the same way.',
    action: 'Check `order_id`, and whether the key belongs to the tenant and the store of the order.',
  },
  payment_not_found: {
    status: 404,
    title: 'Payment not found',
    meaning: 'No such payment exists for this key. A payment of another tenant or store is answered in the same way.',
    action: 'Check the id, and whether the key belongs to the tenant and the store of the payment.',
  },
  refund_not_found: {
    status: 404,
    title: 'Refund not found',
    meaning: 'No refund with this id exists for this key. A refund of another tenant or store is answered in the same way.',
    action: 'Check the id, and whether the key belongs to the tenant and the store of the refund.',
  },
  store_not_found: {
    status: 404,
    title: 'Store not found',
    meaning:
      'No store with this id exists for this key. A store is known from its first payment, and with orders by API from its first use.',
    action: 'Check the store id, and whether the key covers this store.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning: 'No route has this method and path, or the path names something that is not configured.',
    action: 'Compare the method and the path with `/openapi.json`.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: 'This part of the gateway is read-only.',
    action: 'Use `GET`. Operators change rows with `npm run ops`.',
  },
  order_not_payable: {
    status: 409,
    title: 'Order not payable',
    meaning: 'The order cannot be paid in its current state, for example because it is already paid. `reason` is the reason of the host.',
    action: 'Show `reason` to the cashier, and correct the order in the POS if it should be paid.',
  },
  payment_not_cancellable: {
    status: 409,
    title: 'Payment cannot be cancelled',
    meaning: 'The payment has already expired or failed. `payment` is its current state.',
    action: 'None: its QR is no longer valid.',
  },
  already_paid: {
    status: 409,
    title: 'Payment already paid',
    meaning: 'The payment was paid before it could be cancelled. `payment` is its current state.',
    action: 'Deliver the order, or refund the payment.',
  },
  store_conflict: {
    status: 409,
    title: 'Store or order id in use elsewhere',
    meaning:
      'Another tenant or host of this installation has registered the store id first, or the order belongs to another store of the tenant. A store id is unique in an installation, an order id of the API in its tenant.',
    action: "Use another store id: in the path of the order, or in the host's `order.sql`. `detail` says which of the two it is.",
  },
  order_paid: {
    status: 409,
    title: 'Order already paid',
    meaning:
      'Money was taken for the order, so it cannot be changed like this: a paid order is not replaced, and an order with money is not voided.',
    action: 'Read the order. Make a new order for further dishes, or refund the payment.',
  },
  qr_gone: {
    status: 410,
    title: 'QR no longer valid',
    meaning: 'The QR may not be scanned any more: the payment is paid, expired, cancelled or replaced, or has no QR yet.',
    action: 'Read the payment of the order, and create a new payment if the order is still unpaid.',
  },
  events_gone: {
    status: 410,
    title: 'Events no longer available',
    meaning: 'The events after the requested `seq` are no longer stored, or their numbering changed when a backup was restored.',
    action: 'Read the snapshot of the store, and continue from its `seq`.',
  },
  payload_too_large: {
    status: 413,
    title: 'Body too large',
    meaning:
      'The body exceeds the size limit of this route: 16 KiB for a request with JSON, 128 KiB with an order in it, 64 KiB for a webhook.',
    action: 'Send a smaller body.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Body must be JSON',
    meaning: 'The body is not JSON in UTF-8, or it is compressed.',
    action: 'Send `Content-Type: application/json`, and no `Content-Encoding`.',
  },
  order_does_not_reconcile: {
    status: 422,
    title: 'Order parts do not add up to its total',
    meaning: 'The lines and charges of the order do not add up to its total, so the amount due is uncertain. No payment was created.',
    action: "Correct the order in the POS, or the host's `items.sql` and `charges.sql`.",
  },
  amount_out_of_range: {
    status: 422,
    title: 'Amount not supported by QRIS',
    meaning: 'The amount due is smaller or larger than one QRIS payment can be. `detail` says the limits.',
    action: 'Take this payment in another way, or split the order.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key already used for another request',
    meaning: 'The same `Idempotency-Key` was used for a request with another body in the last 72 hours.',
    action: 'Use a new key for a new request. Repeat a request with exactly the same body.',
  },
  tender_exceeds_due: {
    status: 422,
    title: 'Tender exceeds the amount due',
    meaning: 'The tender is more than the order still owes. `due` is what it owes.',
    action: 'Record at most `due`: change that the guest gets back is no part of the tender.',
  },
  refund_exceeds_paid: {
    status: 422,
    title: 'Refund exceeds the amount paid',
    meaning: 'The amount is larger than what can still be refunded at once. `refundable_amount` is the largest possible amount.',
    action: 'Request at most `refundable_amount`.',
  },
  refund_not_supported: {
    status: 422,
    title: 'Refund not supported',
    meaning: "A rule of the payer's app or of the provider forbids this refund, or the host has not recorded the payment yet.",
    action: 'Request it again at `retry_at`. When `retry_at` is null, pay the guest back in another way.',
  },
  url_not_allowed: {
    status: 422,
    title: 'URL not allowed',
    meaning:
      'The URL of a webhook endpoint does not begin with `https://`, contains credentials, or leads to an address that is not of the public internet.',
    action:
      'Use an `https://` URL whose name leads to public addresses only. An operator can open a network with `WEBHOOK_ALLOWED_NETWORKS`.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    meaning:
      'A limit was reached: requests or streams of this key, store or tenant; new payments of one order; refusals and wrong passwords from this address; or more new payments than the gateway can make in time.',
    action: 'Wait for the number of seconds in `Retry-After`, then try again.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning: 'The gateway failed, or the host database returned an invalid result.',
    action: 'Try again. If the error persists, report `request_id`: it finds the request in the log.',
  },
  providers_unavailable: {
    status: 503,
    title: 'No provider available',
    meaning: 'No payment provider returned a QR. The payment is `failed`.',
    action: 'Try again after the seconds in `Retry-After`. The same `Idempotency-Key` creates a new payment.',
  },
  order_busy: {
    status: 503,
    title: 'Order is locked',
    meaning:
      'Another transaction has locked the order in the host database, for example because a cashier is changing it; or many requests ask for it at once.',
    action: 'Try again after the seconds in `Retry-After`.',
  },
  host_unavailable: {
    status: 503,
    title: 'Host unavailable',
    meaning: 'The database of the POS or ERP cannot be reached, or its tables, names or rights have changed.',
    action:
      'Try again after the seconds in `Retry-After`. `/health/ready` on the metrics port tells operators what is wrong; no restart is needed.',
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    meaning:
      'The database with the client keys and the stores, or one with payments, cannot be used at the moment; or too many requests of this tenant are in progress.',
    action:
      'Try again after the seconds in `Retry-After`. `/health/ready` on the metrics port tells operators which database is unavailable.',
  },
} as const satisfies Record<string, ProblemText>;

export type ProblemCode = keyof typeof problems;
