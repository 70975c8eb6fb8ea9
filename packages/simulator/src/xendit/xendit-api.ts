import type { XenditAccount } from '../accounts.ts';
import { type Charge, type ChargeState, type Operation, refundedOrPending, stateAsOf, stateOf } from '../charge.ts';
import type { CallInput, FakeResponse, ProviderApi, ProviderCall, Route, Subject } from '../provider-call.ts';
import { deliveredOnce } from '../webhook-sender.ts';
import type { XenditCharges, XenditParts } from './xendit-charges.ts';
import { jsonObject, readCreateBody } from './xendit-create-body.ts';
import { XenditIdempotency } from './xendit-idempotency.ts';
import { paymentObject, paymentRequest, refundObject, transactionObject } from './xendit-objects.ts';
import { XenditRateLimit } from './xendit-rate-limit.ts';
import { readRefundBody } from './xendit-refund-body.ts';
import { refundFailure, refundRefusal } from './xendit-refund-rules.ts';
import { xenditRefusals } from './xendit-refusals.ts';
import { xenditError, xenditResponse } from './xendit-wire.ts';

type Call = ProviderCall<XenditAccount>;

const apiVersion = '2024-11-11';

/** Answers to the test-mode amounts of the legacy API, enabled by the switch `xendit_magic_amounts`. Source: providers.md 3.12. */
const magicCreates = new Map([
  [10_100, () => xenditError(403, 'CHANNEL_NOT_ACTIVATED', 'The channel is not activated')],
  [10_101, () => xenditError(503, 'CHANNEL_UNAVAILABLE', 'The QRIS channel is temporarily unavailable')],
  [10_102, () => xenditError(500, 'SERVER_ERROR', 'Something went wrong on our side')],
]);

/** Xendit's Payments API v3 for QRIS, with refunds and the list of transactions. Source: providers.md 3. */
export class XenditApi implements ProviderApi<XenditAccount> {
  readonly #parts: XenditParts;
  readonly #charges: XenditCharges;
  readonly #rateLimit: XenditRateLimit;
  readonly #idempotency: XenditIdempotency;
  readonly refusals: ProviderApi<XenditAccount>['refusals'];
  readonly routes: readonly Route<XenditAccount>[];

  constructor(parts: XenditParts, charges: XenditCharges) {
    this.#parts = parts;
    this.#charges = charges;
    this.#rateLimit = new XenditRateLimit(parts.clock, parts.switches);
    this.#idempotency = new XenditIdempotency(parts.clock);
    this.refusals = xenditRefusals(parts.switches);
    this.routes = [
      this.#route('POST', '/v3/payment_requests', 'create', (call) => this.#once(call, () => this.#create(call))),
      this.#route('GET', '/v3/payment_requests', 'status', (call) => this.#lookUp(call)),
      this.#route('GET', '/v3/payment_requests/:id', 'status', (call) => this.#get(call)),
      this.#route('POST', '/v3/payment_requests/:id/cancel', 'cancel', (call) => this.#cancel(call)),
      this.#route('POST', '/v3/payment_requests/:id/simulate', 'other', (call) => this.#simulate(call)),
      this.#route('GET', '/v3/payments/:id', 'status', (call) => this.#getPayment(call)),
      this.#route('POST', '/refunds', 'refund', (call) => this.#once(call, () => this.#refund(call))),
      this.#route('GET', '/refunds/:id', 'status', (call) => this.#getRefund(call)),
      this.#route('GET', '/transactions', 'status', (call) => this.#transactions(call)),
    ];
  }

  identify(authorization: string | undefined): XenditAccount | null {
    return this.#parts.accounts.identify(authorization);
  }

  subjectOf({ account, params: [pathId], query, text }: CallInput<XenditAccount>, operation: Operation): Subject {
    const body = jsonObject(text) ?? {};
    const reference = textOrNull(body.reference_id) ?? query.get('reference_id');
    if (operation === 'create') return { reference };
    const id = pathId ?? textOrNull(body.payment_request_id);
    if (!account || id === null) return { reference };
    const { book } = this.#parts;
    const charge = book.byId('xendit', account.id, id) ?? book.byPart('xendit', account.id, id);
    return { charge, reference: charge?.reference ?? reference };
  }

  /** Removes the stored answers and the counts of the rate limit. */
  clear(): void {
    this.#rateLimit.clear();
    this.#idempotency.clear();
  }

  /** A route that first counts the call for the rate limit, then checks the API version that v3 paths require. */
  #route(method: 'GET' | 'POST', path: string, operation: Operation, act: (call: Call) => FakeResponse): Route<XenditAccount> {
    const endpoint = `${method} ${path}`;
    const handle = (call: Call): FakeResponse => {
      const refusal = setupRefusal(call);
      if (refusal) return refusal;
      const limit = this.#rateLimit.count(call.account.id, endpoint);
      const response = limit?.isRefused ? this.#throttled(operation, limit.resetSeconds) : this.#versioned(call, path, act);
      return limit ? { ...response, headers: { ...response.headers, ...limit.headers } } : response;
    };
    return { method, operation, path: new RegExp(`^${path.replace(':id', '([^/]+)')}$`), handle };
  }

  #throttled(operation: Operation, resetSeconds: number): FakeResponse {
    const isHttp400 = operation === 'create' && this.#parts.switches.current.xendit_throttle_answer === 'http_400';
    if (isHttp400) return xenditError(400, 'PAYMENT_REQUEST_RATE_LIMITED', 'Too many payment requests');
    return this.refusals.rateLimited(resetSeconds * 1_000);
  }

  #versioned(call: Call, path: string, act: (call: Call) => FakeResponse): FakeResponse {
    if (path.startsWith('/v3/') && call.headers['api-version'] !== apiVersion) {
      return xenditError(400, 'API_VALIDATION_ERROR', `api-version must be ${apiVersion}`);
    }
    return act(call);
  }

  #once(call: Call, act: () => FakeResponse): FakeResponse {
    const key = call.headers['idempotency-key'];
    if (typeof key !== 'string' || !this.#parts.switches.current.xendit_honours_idempotency_key) return act();
    return this.#idempotency.once(`${call.account.id} ${key}`, call.text, act);
  }

  /** Two payment requests may have the same reference. Source: providers.md 3.3. */
  #create(call: Call): FakeResponse {
    const { account, fault, text } = call;
    const switches = this.#parts.switches.current;
    const body = readCreateBody(text, switches);
    if ('errorCode' in body) return xenditError(400, body.errorCode, body.problems[0] ?? '', undefined, body.problems);
    if (!account.isQrisActive) return xenditError(403, 'CHANNEL_NOT_ACTIVATED', 'The channel is not activated');
    const magic = switches.xendit_magic_amounts ? magicCreates.get(body.requestAmount) : undefined;
    if (magic) return magic();
    const forUserId = call.headers['for-user-id'];
    const subAccount = typeof forUserId === 'string' ? forUserId : undefined;
    const charge =
      fault?.fault === 'rejected'
        ? this.#charges.openFailed(account, body, subAccount)
        : this.#charges.open(account, body, subAccount, body.requestAmount + (fault?.fault === 'wrong_amount_qr' ? 1 : 0));
    const request = paymentRequest(charge, stateOf(charge), account);
    if (fault?.fault === 'no_qr') return xenditResponse(201, { ...request, actions: [] }, charge);
    return xenditResponse(201, fault?.fault === 'dirty_qr' ? { ...request, ...dirtyActions(charge) } : request, charge);
  }

  /** The payment request, as it is at `call.asOf`. Source: providers.md 3.5. */
  #get(call: Call): FakeResponse {
    const charge = this.#find(call);
    const state = charge && stateAsOf(charge, call.asOf);
    return charge && state ? xenditResponse(200, paymentRequest(charge, state, call.account), charge) : notFound(charge);
  }

  /** Lists by reference. v2 had this filter and v3 does not document it, so a switch enables it. Source: providers.md 10. */
  #lookUp(call: Call): FakeResponse {
    if (!this.#parts.switches.current.xendit_lookup_by_reference) return this.refusals.unknownPath();
    const data = this.#accountCharges(call).flatMap((charge) => {
      const state = stateAsOf(charge, call.asOf);
      return state ? [paymentRequest(charge, state, call.account)] : [];
    });
    return xenditResponse(200, { data, has_more: false }, this.#accountCharges(call)[0]);
  }

  #getPayment(call: Call): FakeResponse {
    const charge = this.#findPart(call);
    const payment = charge && stateAsOf(charge, call.asOf)?.payment;
    if (!charge || !payment || payment.id !== call.params[0]) return notFound(charge);
    return xenditResponse(200, paymentObject(charge, payment, call.account), charge);
  }

  /** Cancels a pending payment request. Source: providers.md 3.6. */
  #cancel(call: Call): FakeResponse {
    const charge = this.#find(call);
    if (!charge) return notFound();
    const refusal = notPending(charge);
    return refusal ?? xenditResponse(200, paymentRequest(charge, this.#charges.cancel(charge), call.account), charge);
  }

  /** Xendit's own simulation of a payment in test mode. Source: providers.md 3.7. */
  #simulate(call: Call): FakeResponse {
    const charge = this.#find(call);
    if (!charge) return notFound();
    const refusal = notPending(charge);
    if (refusal) return refusal;
    const amount = jsonObject(call.text)?.amount ?? null;
    if (amount !== null && !(Number.isInteger(amount) && Number(amount) >= 1)) {
      return xenditError(400, 'API_VALIDATION_ERROR', 'amount must be a whole number of rupiah', charge);
    }
    this.#charges.pay(charge, { issuer: 'dana', amount: amount === null ? null : Number(amount) }, deliveredOnce);
    return xenditResponse(200, { status: 'PENDING', message: 'Simulated payment accepted; result follows by webhook' }, charge);
  }

  /** Refunds a part of a payment, or all that is left. Source: providers.md 3.9. */
  #refund(call: Call): FakeResponse {
    const body = readRefundBody(call.text);
    if ('problem' in body) return xenditError(400, body.errorCode, body.problem);
    const charge = this.#parts.book.byId('xendit', call.account.id, body.paymentRequestId);
    if (!charge) return notFound();
    const state = stateOf(charge);
    const amount = body.amount ?? (state.payment?.amount ?? 0) - refundedOrPending(state);
    const { clock, switches } = this.#parts;
    const refusal = refundRefusal({ state, amount, now: clock.now(), switches: switches.current });
    if (refusal) return xenditError(refusal.status, refusal.errorCode, 'The refund cannot be made', charge);
    const { reference, reason, echo } = body;
    const refund = this.#charges.refund(charge, { reference, amount, reason, failureCode: refundFailure(amount, switches.current), echo });
    return xenditResponse(200, refundObject(charge, state.payment?.id ?? '', refund), charge);
  }

  #getRefund(call: Call): FakeResponse {
    const charge = this.#findPart(call);
    const state = charge && stateAsOf(charge, call.asOf);
    const refund = state?.refunds.find(({ id }) => id === call.params[0]);
    return charge && refund ? xenditResponse(200, refundObject(charge, state?.payment?.id ?? '', refund), charge) : notFound(charge);
  }

  /** Lists paid payment requests; an unpaid one is never found here. Source: providers.md 3.5. */
  #transactions(call: Call): FakeResponse {
    const { query, account } = call;
    const includes = (name: string, value: string) => {
      const requested = query.getAll(name).flatMap((text) => text.split(','));
      return requested.length === 0 || requested.includes(value);
    };
    const limit = Number(query.get('limit') ?? 10);
    const paid: [Charge, ChargeState][] = [];
    if (includes('types', 'PAYMENT') && includes('channel_categories', 'QR_CODE')) {
      for (const charge of this.#accountCharges(call)) {
        const state = stateAsOf(charge, call.asOf);
        if (state?.payment) paid.push([charge, state]);
        if (paid.length > limit) break;
      }
    }
    const data = paid.slice(0, limit).flatMap(([charge, { payment }]) => (payment ? [transactionObject(charge, payment, account)] : []));
    return xenditResponse(200, { has_more: paid.length > limit, data, links: [] }, paid[0]?.[0]);
  }

  /** This account's charges, newest first; those of one reference when the query names it. */
  #accountCharges({ account, query }: Call): Charge[] {
    const charges = this.#parts.book.newestFirst(query.get('reference_id') ?? undefined);
    return charges.filter((charge) => charge.provider === 'xendit' && charge.account === account.id);
  }

  #find({ account, params: [id = ''] }: Call): Charge | undefined {
    return this.#parts.book.byId('xendit', account.id, id);
  }

  #findPart({ account, params: [id = ''] }: Call): Charge | undefined {
    return this.#parts.book.byPart('xendit', account.id, id);
  }
}

/** Refuses every call of an account that is not set up for this caller. Source: providers.md 3.10; the code for a sub-account is assumed. */
function setupRefusal({ account, headers }: Call): FakeResponse | null {
  if (!account.isAddressAllowed) return xenditError(403, 'UNAUTHORIZED_SENDER_IP', 'The address of the caller is not on the allow-list');
  const subAccount = headers['for-user-id'];
  const isKnown = subAccount === undefined || account.subAccounts === null || account.subAccounts.includes(String(subAccount));
  return isKnown ? null : xenditError(403, 'REQUEST_FORBIDDEN_ERROR', 'The sub-account does not belong to this account');
}

/** A QR text with a zero byte in its middle. */
const dirtyActions = ({ qrString }: Charge): object => ({
  actions: [{ type: 'PRESENT_TO_CUSTOMER', descriptor: 'QR_STRING', value: `${qrString?.slice(0, 20)}\u0000${qrString?.slice(20)}` }],
});

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const notFound = (charge?: Charge): FakeResponse => xenditError(404, 'DATA_NOT_FOUND', 'The requested resource was not found', charge);

/** The refusal for a charge that is not pending; null: the charge is pending. Source: providers.md 3.6. */
function notPending(charge: Charge): FakeResponse | null {
  const { lifecycle, payment } = stateOf(charge);
  if (lifecycle === 'pending') return null;
  if (payment) return xenditError(400, 'INELIGIBLE_TRANSACTION_STATUS', 'The payment request is paid', charge);
  return xenditError(400, 'INACTIVE_PAYMENT_REQUEST', 'The payment request is not active any more', charge);
}
