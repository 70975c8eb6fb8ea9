import type { Charge, ChargeRefund } from '../../payment/index.ts';
import { type Clock, plusMs } from '../../runtime/index.ts';
import { asNotCarriedOut, ProviderOutcomeUnknown, ProviderRejected } from '../provider-error.ts';
import type { ProviderTools } from '../provider-kind.ts';
import {
  type ChargeKey,
  type ChargeRequest,
  type ProviderAccount,
  QrisProvider,
  type RefundKey,
  type RefundRequest,
} from '../qris-provider.ts';
import { isAbout } from '../wire-fields.ts';
import { chargeOf, refundOf } from './xendit-charge.ts';
import { XenditClient, type XenditResponse } from './xendit-client.ts';
import { refused, unreadable, wrongCharge } from './xendit-status.ts';
import {
  lifetimeMs,
  paymentRequestBody,
  refundBody,
  type WirePayment,
  type WirePaymentRequest,
  wirePayment,
  wirePaymentRequest,
  wireRefund,
  wireTransactions,
  xenditId,
} from './xendit-wire.ts';

/** QRIS over the Payments API v3 of Xendit. */
export class XenditProvider extends QrisProvider {
  readonly #client: XenditClient;
  readonly #clock: Clock;

  constructor(account: ProviderAccount, tools: ProviderTools) {
    super(account);
    this.#client = new XenditClient(account, tools);
    this.#clock = tools.clock;
  }

  override async createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    const now = this.#clock.now();
    const response = await this.#client.createPaymentRequest(request.reference, paymentRequestBody(request), signal);
    if (!isSuccess(response)) throw refused(response, 'Xendit created no charge');

    const parsed = wirePaymentRequest.safeParse(response.body);
    // The id of another order's charge must not be reported: the caller would cancel that charge.
    const { reference_id: stated } = response.body ?? {};
    const id = xenditId.safeParse(response.body?.payment_request_id);
    const ids = { reference: typeof stated === 'string' ? stated : null, providerChargeId: id.success ? id.data : null };
    const isOurs = isAbout({ reference: request.reference, providerChargeId: null }, ids);
    const providerChargeId = isOurs ? ids.providerChargeId : null;
    if (!parsed.success) throw unreadable('with an unreadable charge', providerChargeId);
    if (!isOurs) throw wrongCharge();

    const charge = chargeOf(parsed.data, null);
    if (charge.status === 'failed') throw new ProviderRejected('failed', 'Xendit reports a failed charge; nothing payable exists');
    if (charge.status !== 'open' || charge.amount !== request.amount) throw wrongCharge(providerChargeId);
    if (!charge.qrString) throw new ProviderOutcomeUnknown('no_qr', 'Xendit created a charge without a QR', { providerChargeId });
    return { ...charge, reference: request.reference, expiresAt: charge.expiresAt ?? plusMs(now, lifetimeMs) };
  }

  /**
   * Without the provider's id only the list of payments can be searched. Null then means that no payment exists, but a charge may exist
   * (`ProviderTraits.findsUnpaidByReference`).
   */
  override async findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    const id = key.providerChargeId ?? (await this.#idOfPaid(key.reference, signal));
    if (id === null) return null;
    const response = await this.#client.paymentRequest(id, key.reference, signal);
    if (isNotFound(response)) return null;
    if (!isSuccess(response)) throw refused(response, 'Xendit did not report the charge');
    return this.#readCharge(response, key, signal);
  }

  override async cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    // Without the id the charge cannot be cancelled, but it may have been paid.
    if (key.providerChargeId === null) return this.findCharge(key, signal);
    const response = await this.#client.cancelPaymentRequest(key.providerChargeId, key.reference, signal);
    if (isSuccess(response)) return this.#readCharge(response, key, signal);
    if (isNotFound(response)) return null;
    const refusal = refused(response, 'Xendit did not cancel the charge');
    // Its status changed before, perhaps because the payer paid: the charge is looked up.
    if (refusal.reason === 'state_cannot_change') return this.findCharge(key, signal);
    throw refusal;
  }

  /**
   * Version 3 documents no idempotency for refunds, so three things prevent a second payment. An earlier refund is searched among the
   * transactions first. Xendit refuses with REFUND_IN_PROGRESS while an earlier one is pending, which is reported as an unknown
   * outcome. The idempotency key is the reference of the refund (docs/providers.md 3.9).
   */
  override async refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    const { charge, reference } = request;
    const existing = await this.findRefund({ charge, reference, providerRefundId: null }, signal).catch(asNotCarriedOut);
    if (existing) return existing;

    const id = charge.providerChargeId ?? (await this.#idOfPaid(charge.reference, signal).catch(asNotCarriedOut));
    if (id === null) throw new ProviderRejected('not_found', 'Xendit has no payment of this charge');
    const response = await this.#client.createRefund(reference, refundBody(request, id), signal);
    if (isSuccess(response)) return this.#readRefund(response, reference);
    const refusal = refused(response, 'Xendit did not accept the refund');
    if (refusal.reason === 'state_cannot_change') throw new ProviderRejected('not_refundable', 'Xendit refunds paid charges only');
    throw refusal;
  }

  override async findRefund({ charge, reference, providerRefundId }: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    const id = providerRefundId ?? (reference === null ? null : await this.#idOfRefund(reference, signal));
    if (id === null) return null;
    const response = await this.#client.refund(id, reference ?? charge.reference, signal);
    if (isNotFound(response)) return null;
    if (!isSuccess(response)) throw refused(response, 'Xendit did not report the refund');
    return reference === null ? this.#readAnyRefund(response, charge) : this.#readRefund(response, reference);
  }

  override async payForTest({ providerChargeId, reference, amount }: Charge, signal: AbortSignal): Promise<boolean> {
    const response = await this.#client.simulatePayment(providerChargeId, reference, amount, signal);
    if (!isSuccess(response)) throw refused(response, 'Xendit did not simulate the payment');
    return true;
  }

  override close(): Promise<void> {
    return this.#client.close();
  }

  /** A payment request with its latest payment: after a late payment only the payment reports it (docs/providers.md 3.4). */
  async #readCharge(response: XenditResponse, key: ChargeKey, signal: AbortSignal): Promise<Charge> {
    const parsed = wirePaymentRequest.safeParse(response.body);
    if (!parsed.success) throw unreadable('with an unreadable charge');
    const { reference_id: reference, payment_request_id: id } = parsed.data;
    if (!isAbout(key, { reference, providerChargeId: id })) throw wrongCharge();
    return { ...chargeOf(parsed.data, await this.#latestPayment(parsed.data, signal)), reference: key.reference };
  }

  async #latestPayment(request: WirePaymentRequest, signal: AbortSignal): Promise<WirePayment | null> {
    if (!request.latest_payment_id) return null;
    const response = await this.#client.payment(request.latest_payment_id, request.reference_id, signal);
    // A request with status SUCCEEDED is paid even if its payment is not found yet. Any other status proves nothing without the payment.
    if (isNotFound(response) && request.status === 'SUCCEEDED') return null;
    if (!isSuccess(response))
      throw isNotFound(response)
        ? unreadable('with the id of a payment that does not exist')
        : refused(response, 'Xendit did not report the payment');
    const parsed = wirePayment.safeParse(response.body);
    if (!parsed.success) throw unreadable('with an unreadable payment');
    const { payment_id: paymentId, payment_request_id: requestId } = parsed.data;
    if (paymentId !== request.latest_payment_id && requestId !== request.payment_request_id) throw wrongCharge();
    return parsed.data;
  }

  /** A refund of this charge, requested here or at the dashboard. */
  #readAnyRefund(response: XenditResponse, { providerChargeId }: ChargeKey): ChargeRefund {
    const parsed = wireRefund.safeParse(response.body);
    if (!parsed.success) throw unreadable('with an unreadable refund');
    const { payment_request_id: requestId } = parsed.data;
    if (providerChargeId !== null && requestId !== null && requestId !== providerChargeId) throw wrongCharge();
    return refundOf(parsed.data);
  }

  #readRefund(response: XenditResponse, reference: string): ChargeRefund {
    const parsed = wireRefund.safeParse(response.body);
    if (!parsed.success) throw unreadable('with an unreadable refund');
    if (parsed.data.reference_id !== reference) throw wrongCharge();
    return refundOf(parsed.data);
  }

  async #idOfPaid(reference: string, signal: AbortSignal): Promise<string | null> {
    const filter = { reference_id: reference, types: 'PAYMENT', channel_categories: 'QR_CODE' } as const;
    const found = await this.#findTransaction('PAYMENT', filter, signal);
    const id = found?.product_data?.payment_request_id;
    if (found && !id) throw unreadable('with a payment that names no charge');
    return id ?? null;
  }

  async #idOfRefund(reference: string, signal: AbortSignal): Promise<string | null> {
    // Without a filter by type: only PAYMENT is documented, and a refund that a wrong filter hides would be paid twice.
    return (await this.#findTransaction('REFUND', { reference_id: reference }, signal))?.product_id ?? null;
  }

  /** The transaction of this type and reference, a successful one if there are several; undefined when there is none. */
  async #findTransaction(type: 'PAYMENT' | 'REFUND', filter: Parameters<XenditClient['transactions']>[0], signal: AbortSignal) {
    const response = await this.#client.transactions(filter, signal);
    if (!isSuccess(response)) throw refused(response, 'Xendit did not list the transactions');
    const parsed = wireTransactions.safeParse(response.body);
    if (!parsed.success) throw unreadable('with an unreadable list');
    const entries = parsed.data.data.filter((each) => each.reference_id === filter.reference_id && each.type === type);
    return entries.find((each) => each.status === 'SUCCESS') ?? entries[0];
  }
}

const isSuccess = (response: XenditResponse): boolean => response.status >= 200 && response.status < 300;

/** A 404 without Xendit's own error code proves nothing: it may come from a proxy or from a wrong base URL. */
const isNotFound = (response: XenditResponse): boolean => response.status === 404 && response.errorCode === 'DATA_NOT_FOUND';
