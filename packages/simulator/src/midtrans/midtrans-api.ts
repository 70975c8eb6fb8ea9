import type { MidtransAccount } from '../accounts.ts';
import { type Charge, type ChargeState, type Operation, refundedOrPending, stateAsOf, stateOf } from '../charge.ts';
import type { CallInput, FakeResponse, ProviderApi, ProviderCall, Route, Subject } from '../provider-call.ts';
import { qrImage } from '../qr-image.ts';
import { type ChargeRequest, parseObject, readChargeRequest } from './midtrans-charge-request.ts';
import type { MidtransCharges, MidtransParts } from './midtrans-charges.ts';
import { MidtransIdempotency } from './midtrans-idempotency.ts';
import { notificationUrls } from './midtrans-notification-urls.ts';
import { refundRefusal } from './midtrans-refund-rules.ts';
import { midtransRefusals } from './midtrans-refusals.ts';
import { MidtransThrottle } from './midtrans-throttle.ts';
import { echoed, expiryTime, grossAmount, refunds, settlement, statusFor, transaction } from './midtrans-transaction.ts';
import { midtransError, midtransResponse, rupiahText, signatureKey } from './midtrans-wire.ts';

type Call = ProviderCall<MidtransAccount>;

/** Midtrans' Core API for QRIS. Source: providers.md 2. */
export class MidtransApi implements ProviderApi<MidtransAccount> {
  readonly #parts: MidtransParts;
  readonly #charges: MidtransCharges;
  readonly #idempotency: MidtransIdempotency;
  readonly #throttle: MidtransThrottle;
  readonly refusals: ReturnType<typeof midtransRefusals>;
  readonly routes: readonly Route<MidtransAccount>[];

  constructor(parts: MidtransParts, charges: MidtransCharges) {
    this.#parts = parts;
    this.#charges = charges;
    this.#idempotency = new MidtransIdempotency(parts.clock);
    this.#throttle = new MidtransThrottle(parts.clock, parts.switches);
    this.refusals = midtransRefusals(parts.switches);
    this.routes = [
      this.#post('create', /^\/v2\/charge$/, (call) => this.#create(call)),
      { method: 'GET', operation: 'status', path: /^\/v2\/([^/]+)\/status$/, handle: (call) => this.#json(call, () => this.#status(call)) },
      this.#post('cancel', /^\/v2\/([^/]+)\/cancel$/, (call) => this.#cancel(call)),
      this.#post('cancel', /^\/v2\/([^/]+)\/expire$/, (call) => this.#expire(call)),
      this.#post('refund', /^\/v2\/([^/]+)\/refund$/, (call) => this.#refund(call, false)),
      this.#post('refund', /^\/v2\/([^/]+)\/refund\/online\/direct$/, (call) => this.#refund(call, true)),
      { method: 'GET', operation: 'other', isPublic: true, path: /^\/v[24]\/qris\/([^/]+)\/qr-code$/, handle: (call) => this.#image(call) },
    ];
  }

  identify(authorization: string | undefined): MidtransAccount | null {
    return this.#parts.accounts.identify(authorization);
  }

  subjectOf({ account, params: [id], text }: CallInput<MidtransAccount>, operation: Operation): Subject {
    if (operation === 'create') return { reference: orderIdIn(text) };
    const charge = account && id !== undefined ? this.#findById(account, id) : undefined;
    return { charge, reference: charge?.reference ?? id ?? null };
  }

  /** Removes the stored answers and the counts of the rate limits. */
  clear(): void {
    this.#idempotency.clear();
    this.#throttle.clear();
  }

  #post(operation: Route<MidtransAccount>['operation'], path: RegExp, act: (call: Call) => FakeResponse): Route<MidtransAccount> {
    const stillRunning = () => this.refusals.stillRunning();
    const handle = (call: Call) =>
      this.#json(call, () => this.#idempotency.once(call.account.id, headerOf(call, 'idempotency-key'), stillRunning, () => act(call)));
    return { method: 'POST', operation, path, handle };
  }

  /** Midtrans answers in JSON only, and refuses a caller whose `accept` header excludes it. Source: providers.md 2.1, 2.4. */
  #json(call: Call, act: () => FakeResponse): FakeResponse {
    return /application\/json|\*\/\*/.test(call.headers.accept ?? '') ? act() : this.#error('403');
  }

  #create(call: Call): FakeResponse {
    const { account, fault } = call;
    if (this.#throttle.refusesCharge(account.id)) return this.refusals.rateLimited(60_000);
    const request = readChargeRequest(call.text);
    if ('code' in request)
      return this.#error(request.code, request.validationMessages && { validationMessages: request.validationMessages });
    if (!account.isQrisActive) return this.#error('402');
    if (account.acquirers && !account.acquirers.includes(request.acquirer))
      return this.#error('402', { message: `${request.acquirer} Dynamic QRIS is not active for this merchant` });
    const existing = this.#parts.book.byReference('midtrans', account.id, request.orderId);
    if (existing && isTaken(existing)) return this.#error('406', { charge: existing });
    const urls = notificationUrls(call.headers, account, this.#parts.switches.current);
    if (fault?.fault === 'rejected') return this.#denied(account, this.#charges.openDenied(account, request, urls));
    const qrAmount = fault?.fault === 'wrong_amount_qr' ? request.grossAmount + 1 : request.grossAmount;
    const charge = this.#charges.open(account, request, urls, qrAmount);
    return this.#created(call, charge, request);
  }

  /** The answer to a create call. Source: providers.md 2.3. */
  #created(call: Call, charge: Charge, request: ChargeRequest): FakeResponse {
    const switches = this.#parts.switches.current;
    const body = {
      status_code: '201',
      status_message: 'QRIS transaction is created',
      ...transaction(charge, stateOf(charge), call.account),
      ...(call.fault?.fault === 'no_qr' ? {} : { actions: imageActions(call.baseUrl, charge, !switches.midtrans_omit_qr_code_v2) }),
      ...(call.fault?.fault === 'no_qr' || switches.midtrans_omit_qr_string ? {} : { qr_string: qrText(charge, call.fault?.fault) }),
      ...request.customFields,
      ...expiryTime(charge, switches),
    };
    return midtransResponse(this.#parts.switches, '201', body, charge);
  }

  #denied(account: MidtransAccount, charge: Charge): FakeResponse {
    const body = {
      status_code: '202',
      status_message: 'GO-PAY transaction is rejected',
      ...transaction(charge, stateOf(charge), account),
      channel_response_code: '900',
      channel_response_message: 'GENERIC_SERVICE_ERROR',
    };
    return midtransResponse(this.#parts.switches, '202', body, charge);
  }

  /** The status of a charge, as it is at `call.asOf`. Source: providers.md 2.5. */
  #status(call: Call): FakeResponse {
    const charge = this.#find(call);
    if (charge && this.#throttle.refusesPoll(charge)) return { ...this.refusals.rateLimited(10_000), charge };
    const state = charge && stateAsOf(charge, call.asOf);
    if (!charge || !state) return this.#error('404', { charge });
    const { switches } = this.#parts;
    const isOddPending = state.lifecycle === 'pending' && switches.current.midtrans_status_of_pending === '200_upper_case';
    const code = isOddPending ? '200' : statusFor(state).responseCode;
    const body = {
      status_code: code,
      status_message: 'Success, transaction is found',
      ...transaction(charge, state, call.account),
      ...(isOddPending ? { transaction_status: 'PENDING' } : {}),
      ...expiryTime(charge, switches.current),
      ...settlement(charge, state),
      ...refunds(state),
      ...(switches.current.midtrans_order_id_of_status === 'transaction_id' ? { order_id: charge.id } : {}),
      ...echoed(charge, state, switches.current),
      signature_key: signatureKey(charge.reference, code, grossAmount(charge, state), call.account.serverKey),
    };
    return midtransResponse(switches, code, body, charge);
  }

  #cancel(call: Call): FakeResponse {
    return this.#closePending(call, '200', 'Success, transaction is canceled', (charge) => this.#charges.cancel(charge));
  }

  #expire(call: Call): FakeResponse {
    return this.#closePending(call, '407', 'Success, transaction has expired', (charge) => {
      this.#charges.expire(charge);
      return stateOf(charge);
    });
  }

  /** Cancels or expires a pending charge. Source: providers.md 2.6. */
  #closePending(call: Call, code: string, message: string, act: (charge: Charge) => ChargeState): FakeResponse {
    const charge = this.#find(call);
    if (!charge) return this.#error('404');
    if (stateOf(charge).lifecycle !== 'pending') return this.#error('412', { charge });
    const state = act(charge);
    const body = { status_code: code, status_message: message, ...transaction(charge, state, call.account) };
    return midtransResponse(this.#parts.switches, code, body, charge);
  }

  /** Refunds a part of a charge, or all that is left. Source: providers.md 2.7. */
  #refund(call: Call, isDirect: boolean): FakeResponse {
    const charge = this.#find(call);
    if (!charge) return this.#error('404');
    const request = call.text === '' ? {} : parseObject(call.text);
    if (!request) return this.#error('413', { charge });
    const problems = refundBodyProblems(request);
    if (problems.length > 0) return this.#error('400', { validationMessages: problems, charge });
    const state = stateOf(charge);
    const key = (request.refund_key as string | undefined) ?? null;
    const amount = (request.amount as number | undefined) ?? (state.payment?.amount ?? 0) - refundedOrPending(state);
    const { clock, switches } = this.#parts;
    const refusal = refundRefusal({ charge, state, key, amount, now: clock.now(), switches: switches.current });
    if (refusal) return this.#error(refusal.code, { charge, ...(refusal.message === undefined ? {} : { message: refusal.message }) });
    const refund = this.#charges.refund(charge, { key, amount, reason: (request.reason as string | undefined) ?? null, isDirect });
    const after = stateOf(charge);
    const { settlement_time } = settlement(charge, after);
    const reportedAmount = switches.current.midtrans_refund_amount === 'cumulative' ? refundedOrPending(after) : amount;
    const body = {
      status_code: '200',
      status_message: 'Success, refund request is approved',
      ...transaction(charge, after, call.account),
      settlement_time,
      refund_chargeback_id: refund.no,
      refund_chargeback_uuid: refund.id,
      refund_amount: rupiahText(reportedAmount),
      ...(key === null ? {} : { refund_key: key }),
    };
    return midtransResponse(switches, '200', body, charge);
  }

  /** The QR picture. It needs no key, only the transaction's id. Source: providers.md 2.3. */
  #image({ params: [id] }: Call): FakeResponse {
    const charge = this.#parts.book.find(id ?? '');
    if (charge?.provider !== 'midtrans' || charge.id !== id || charge.qrString === null) return this.#error('404');
    return { status: 200, body: qrImage(charge.qrString), type: 'image/png', outcome: '200', charge };
  }

  #find({ account, params: [id = ''] }: Call): Charge | undefined {
    return this.#findById(account, id);
  }

  /** The charge with this transaction id, else the newest one with this order id. */
  #findById(account: MidtransAccount, id: string): Charge | undefined {
    return this.#parts.book.byId('midtrans', account.id, id) ?? this.#parts.book.byReference('midtrans', account.id, id);
  }

  #error(code: string, details?: Parameters<typeof midtransError>[2]): FakeResponse {
    return midtransError(this.#parts.switches, code, details);
  }
}

/** An order id is free again after cancel, expire or denial. Source: providers.md 2.2, 2.6. */
const isTaken = (charge: Charge): boolean => ['pending', 'paid'].includes(stateOf(charge).lifecycle);

function orderIdIn(text: string): string | null {
  const details = parseObject(text)?.transaction_details as { order_id?: unknown } | null | undefined;
  return typeof details?.order_id === 'string' ? details.order_id : null;
}

function headerOf({ headers }: Call, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** With the fault `dirty_qr` the text has a zero byte in its middle. */
const qrText = ({ qrString }: Charge, fault: string | undefined): string | null =>
  fault === 'dirty_qr' && qrString !== null ? `${qrString.slice(0, 20)}\u0000${qrString.slice(20)}` : qrString;

function imageActions(baseUrl: string, charge: Charge, hasFrame: boolean): object[] {
  const bare = { name: 'generate-qr-code', method: 'GET', url: `${baseUrl}/v2/qris/${charge.id}/qr-code` };
  const framed = { name: 'generate-qr-code-v2', method: 'GET', url: `${baseUrl}/v4/qris/${charge.id}/qr-code` };
  return hasFrame ? [bare, framed] : [bare];
}

function refundBodyProblems({ refund_key: key, amount, reason }: Record<string, unknown>): string[] {
  const problems: string[] = [];
  if (key !== undefined && (typeof key !== 'string' || !/^[A-Za-z0-9_-]+$/.test(key))) problems.push('refund_key is invalid');
  if (amount !== undefined && !Number.isInteger(amount)) problems.push('amount must be an integer');
  if (reason !== undefined && (typeof reason !== 'string' || reason.length > 255)) problems.push('reason too long');
  return problems;
}
