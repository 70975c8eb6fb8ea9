import type { Charge, ChargeRefund } from '../../payment/index.ts';
import { type Clock, type Logger, plusMs } from '../../runtime/index.ts';
import { asNotCarriedOut, ProviderOutcomeUnknown, ProviderRejected } from '../provider-error.ts';
import {
  type ChargeKey,
  type ChargeRequest,
  type ProviderAccount,
  QrisProvider,
  type RefundKey,
  type RefundRequest,
} from '../qris-provider.ts';
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

/** QRIS at Xendit: Payments API v3. */
export class XenditProvider extends QrisProvider {
  readonly #client: XenditClient;
  readonly #clock: Clock;

  constructor(account: ProviderAccount, { log, clock }: { log: Logger; clock: Clock }) {
    super(account);
    this.#client = new XenditClient(account, log);
    this.#clock = clock;
  }

  override async createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    const now = this.#clock.now();
    const response = await this.#client.createPaymentRequest(request.reference, paymentRequestBody(request), signal);
    if (!isSuccess(response)) throw refused(response, 'Xendit made no charge');

    const parsed = wirePaymentRequest.safeParse(response.body);
    // An id of another order's charge must not get away: it would be cancelled.
    const isOurs = response.body?.reference_id === request.reference;
    const id = xenditId.safeParse(response.body?.payment_request_id);
    const providerChargeId = isOurs && id.success ? id.data : null;
    if (!parsed.success) throw unreadable('with a charge that cannot be read', providerChargeId);
    if (!isOurs) throw wrongCharge();

    const charge = chargeOf(parsed.data, null);
    if (charge.status === 'failed') throw new ProviderRejected('failed', 'Xendit says the charge failed; nothing payable exists');
    if (charge.status !== 'open' || charge.amount !== request.amount) throw wrongCharge(providerChargeId);
    if (!charge.qrString) throw new ProviderOutcomeUnknown('no_qr', 'Xendit made a charge and gave no QR with it', { providerChargeId });
    return { ...charge, expiresAt: charge.expiresAt ?? plusMs(now, lifetimeMs) };
  }

  /**
   * Without the id, Xendit can only be asked for money that moved. Null then means that nobody has paid, not that no charge exists
   * (`ProviderTraits.findsUnpaidByReference`).
   */
  override async findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    const id = key.providerChargeId ?? (await this.#idOfPaid(key.reference, signal));
    if (id === null) return null;
    const response = await this.#client.paymentRequest(id, key.reference, signal);
    if (isNotFound(response)) return null;
    if (!isSuccess(response)) throw refused(response, 'Xendit did not say how the charge stands');
    return this.#readCharge(response, key, signal);
  }

  override async cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    // Unknown id: what cannot be named cannot be cancelled, but it may have been paid.
    if (key.providerChargeId === null) return this.findCharge(key, signal);
    const response = await this.#client.cancelPaymentRequest(key.providerChargeId, key.reference, signal);
    if (isSuccess(response)) return this.#readCharge(response, key, signal);
    if (isNotFound(response)) return null;
    const refusal = refused(response, 'Xendit did not cancel the charge');
    // Something else was faster, the payer perhaps: go and look.
    if (refusal.reason === 'state_cannot_change') return this.findCharge(key, signal);
    throw refusal;
  }

  /**
   * v3 promises no idempotency for refunds. So an earlier one is looked for first, among the money that moved; one that is still
   * pending makes Xendit refuse with REFUND_IN_PROGRESS, which is "unknown"; and the idempotency key, the refund's own reference,
   * is the last net.
   */
  override async refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    const { charge, reference } = request;
    const existing = await this.findRefund({ charge, reference, providerRefundId: null }, signal).catch(asNotCarriedOut);
    if (existing) return existing;

    const id = charge.providerChargeId ?? (await this.#idOfPaid(charge.reference, signal).catch(asNotCarriedOut));
    if (id === null) throw new ProviderRejected('not_found', 'Xendit knows no payment of this charge');
    const response = await this.#client.createRefund(reference, refundBody(request, id), signal);
    if (isSuccess(response)) return this.#readRefund(response, reference);
    const refusal = refused(response, 'Xendit did not take the refund');
    if (refusal.reason === 'state_cannot_change') throw new ProviderRejected('not_refundable', 'Xendit refunds paid charges only');
    throw refusal;
  }

  override async findRefund({ reference, providerRefundId }: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    const id = providerRefundId ?? (await this.#idOfRefund(reference, signal));
    if (id === null) return null;
    const response = await this.#client.refund(id, reference, signal);
    if (isNotFound(response)) return null;
    if (!isSuccess(response)) throw refused(response, 'Xendit did not say how the refund stands');
    return this.#readRefund(response, reference);
  }

  override close(): Promise<void> {
    return this.#client.close();
  }

  /** A payment request with its latest payment: after a late payment only the payment knows (providers.md 3.4). */
  async #readCharge(response: XenditResponse, key: ChargeKey, signal: AbortSignal): Promise<Charge> {
    const parsed = wirePaymentRequest.safeParse(response.body);
    if (!parsed.success) throw unreadable('with a charge that cannot be read');
    if (parsed.data.reference_id !== key.reference) throw wrongCharge();
    return chargeOf(parsed.data, await this.#latestPayment(parsed.data, signal));
  }

  async #latestPayment(request: WirePaymentRequest, signal: AbortSignal): Promise<WirePayment | null> {
    if (!request.latest_payment_id) return null;
    const response = await this.#client.payment(request.latest_payment_id, request.reference_id, signal);
    // A request that says SUCCEEDED is paid even if its payment cannot be read yet; any other word proves nothing without it.
    if (isNotFound(response) && request.status === 'SUCCEEDED') return null;
    if (!isSuccess(response))
      throw isNotFound(response)
        ? unreadable('with a payment that it does not know')
        : refused(response, 'Xendit did not show the payment');
    const parsed = wirePayment.safeParse(response.body);
    if (!parsed.success) throw unreadable('with a payment that cannot be read');
    if (parsed.data.payment_request_id !== request.payment_request_id) throw wrongCharge();
    return parsed.data;
  }

  #readRefund(response: XenditResponse, reference: string): ChargeRefund {
    const parsed = wireRefund.safeParse(response.body);
    if (!parsed.success) throw unreadable('with a refund that cannot be read');
    if (parsed.data.reference_id !== reference) throw wrongCharge();
    return refundOf(parsed.data);
  }

  async #idOfPaid(reference: string, signal: AbortSignal): Promise<string | null> {
    const filter = { reference_id: reference, types: 'PAYMENT', channel_categories: 'QR_CODE' } as const;
    const found = await this.#findTransaction('PAYMENT', filter, signal);
    const id = found?.product_data?.payment_request_id;
    if (found && !id) throw unreadable('with money that names no charge');
    return id ?? null;
  }

  async #idOfRefund(reference: string, signal: AbortSignal): Promise<string | null> {
    // No filter by type: only PAYMENT is documented, and a refund that a wrong filter hides would be paid twice.
    return (await this.#findTransaction('REFUND', { reference_id: reference }, signal))?.product_id ?? null;
  }

  /** The entry of the money that moved under this reference, a successful one if there are several. */
  async #findTransaction(type: 'PAYMENT' | 'REFUND', filter: Parameters<XenditClient['transactions']>[0], signal: AbortSignal) {
    const response = await this.#client.transactions(filter, signal);
    if (!isSuccess(response)) throw refused(response, 'Xendit did not list the transactions');
    const parsed = wireTransactions.safeParse(response.body);
    if (!parsed.success) throw unreadable('with a list that cannot be read');
    const entries = parsed.data.data.filter((each) => each.reference_id === filter.reference_id && each.type === type);
    return entries.find((each) => each.status === 'SUCCESS') ?? entries[0];
  }
}

const isSuccess = (response: XenditResponse): boolean => response.status >= 200 && response.status < 300;

/** Xendit's own word for it. A bare 404, of an edge or of a wrong base URL, proves nothing. */
const isNotFound = (response: XenditResponse): boolean => response.status === 404 && response.errorCode === 'DATA_NOT_FOUND';
