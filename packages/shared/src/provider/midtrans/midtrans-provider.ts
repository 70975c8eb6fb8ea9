import { performance } from 'node:perf_hooks';
import type { Charge, ChargeRefund } from '../../payment/index.ts';
import { type Clock, cutText, plusMs } from '../../runtime/index.ts';
import type { CallLimits } from '../http-call.ts';
import { operationLimits } from '../http-exchange.ts';
import { asNotCarriedOut, asUnknown, ProviderOutcomeUnknown, ProviderRejected } from '../provider-error.ts';
import type { ProviderTools } from '../provider-kind.ts';
import {
  type ChargeKey,
  type ChargeRequest,
  type ProviderAccount,
  QrisProvider,
  type RefundKey,
  type RefundRequest,
} from '../qris-provider.ts';
import { isAbout, qrTextOf } from '../wire-fields.ts';
import { chargeOf, refundIdOf } from './midtrans-charge.ts';
import { MidtransClient, type MidtransResponse } from './midtrans-client.ts';
import { readQrImage } from './midtrans-qr-image.ts';
import { midtransRefusal, refused, unreadable, wrongCharge } from './midtrans-status.ts';
import { chargeBody, lifetimeSeconds, transactionId, wireRefundResponse, wireTransaction } from './midtrans-wire.ts';

/** QRIS over the Core API of Midtrans. */
export class MidtransProvider extends QrisProvider {
  readonly #client: MidtransClient;
  readonly #clock: Clock;

  constructor(account: ProviderAccount, tools: ProviderTools) {
    super(account);
    this.#client = new MidtransClient(account, tools);
    this.#clock = tools.clock;
  }

  override async createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    const started = performance.now();
    const now = this.#clock.now();
    if (!/^[A-Za-z0-9._~-]{1,50}$/.test(request.reference))
      throw new ProviderRejected('reference', 'the reference is no valid Midtrans order id');
    const body = chargeBody(request, this.account.acquirer ?? 'gopay', now);

    const charge = this.#createdCharge(await this.#client.charge(request.reference, body, signal), request, now);

    if (charge.qrString) return charge;
    const totalMs = Math.max(0, operationLimits.create.totalMs - (performance.now() - started));
    return { ...charge, qrString: await this.#qrFromImage(charge, { ...operationLimits.create, totalMs }, signal) };
  }

  override async findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    const response = await this.#client.status(idOf(key), key.reference, signal);
    return this.#foundCharge(response, key);
  }

  override async cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#endedCharge(await this.#client.cancel(idOf(key), key.reference, signal), key, signal);
  }

  override async expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#endedCharge(await this.#client.expire(idOf(key), key.reference, signal), key, signal);
  }

  /** Always looks up an earlier refund first: `refund_key` makes a repeat safe for seven days only (docs/providers.md 2.7). */
  override async refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    const earlierRefund = await this.#refundNow(request, signal).catch(asNotCarriedOut);
    if (earlierRefund) return earlierRefund;

    const { charge, reference, amount, reason } = request;
    const body = { refund_key: reference, amount, reason: cutText(reason, 255) };
    const response = await this.#client.refund(idOf(charge), reference, body, signal);

    if (response.code === '200') return refunded(response, request);
    // A 202 in the body: the bank denied the refund, and no money moved. An HTTP 202 alone: a call with the same key still runs.
    if (response.code === '202' && response.from === 'midtrans') throw new ProviderRejected('denied_by_bank', 'the bank denied the refund');
    if (['406', '412', '414'].includes(response.code)) {
      const concurrentRefund = await this.#refundNow(request, signal).catch(asUnknown);
      if (concurrentRefund) return concurrentRefund; // another run of this call was faster
    }
    if (response.code === '412') throw new ProviderRejected('not_refundable', 'Midtrans refunds settled charges only');
    throw refused(response, 'Midtrans did not accept the refund');
  }

  override async findRefund({ charge, reference, providerRefundId }: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    const found = await this.findCharge(charge, signal);
    const byReference = reference === null ? null : found?.refunds.find((refund) => refund.reference === reference);
    return byReference ?? found?.refunds.find((refund) => refund.providerRefundId === providerRefundId) ?? null;
  }

  override close(): Promise<void> {
    return this.#client.close();
  }

  #refundNow({ charge, reference }: RefundRequest, signal: AbortSignal): Promise<ChargeRefund | null> {
    return this.findRefund({ charge, reference, providerRefundId: null }, signal);
  }

  /** The charge that a create returned. @throws ProviderError when there is none whose QR may be shown */
  #createdCharge(response: MidtransResponse, request: ChargeRequest, now: Date): Charge {
    if (stateCodes.has(response.code) && isDenied(response.body?.transaction_status))
      throw new ProviderRejected('denied', 'Midtrans denied the charge; nothing payable exists');
    if (response.code !== '201' && response.code !== '200') throw refused(response, 'Midtrans created no charge');

    const parsed = wireTransaction.safeParse(response.body);
    // The id of another order's charge must not be reported: the caller would cancel that charge.
    const id = transactionId.safeParse(response.body?.transaction_id);
    const stated = { reference: idText(response.body?.order_id), providerChargeId: id.success ? id.data : null };
    const isOurs = isAbout({ reference: request.reference, providerChargeId: null }, stated);
    const providerChargeId = isOurs ? stated.providerChargeId : null;
    if (!parsed.success) throw unreadable('with an unreadable charge', providerChargeId);
    if (!isOurs) throw wrongCharge();

    const charge = chargeOf(parsed.data, response.code);
    if (charge.status !== 'open' || charge.amount !== request.amount) throw wrongCharge(providerChargeId);
    const createdAt = parsed.data.transaction_time ?? now;
    return {
      ...charge,
      reference: request.reference,
      expiresAt: charge.expiresAt ?? plusMs(createdAt, lifetimeSeconds(request.expiresAt, now) * 1000),
    };
  }

  /** The charge in an answer to status, cancel or expire; null when Midtrans itself reports that there is none. */
  #foundCharge(response: MidtransResponse, key: ChargeKey): Charge | null {
    const parsed = wireTransaction.safeParse(response.body);
    if (parsed.success && stateCodes.has(response.code)) {
      const { order_id: orderId, transaction_id: id } = parsed.data;
      if (!isAbout(key, { reference: orderId, providerChargeId: id })) throw wrongCharge();
      // An answer whose transaction id is our own reference does not replace the id that is known.
      const providerChargeId = id === key.reference ? (key.providerChargeId ?? id) : id;
      return { ...chargeOf(parsed.data, response.code), reference: key.reference, providerChargeId };
    }
    if (midtransRefusal(response.code, response.from).reason === 'not_found') return null;
    throw refused(response, 'Midtrans did not report the charge');
  }

  /** The charge after cancel or expire. 412: its status changed before, perhaps because the payer paid, so it is looked up. */
  async #endedCharge(response: MidtransResponse, key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    if (response.code === '412') return this.findCharge(key, signal);
    return this.#foundCharge(response, key);
  }

  /** Reads the QR text from the image of a charge that came without it, so that the text can be checked and shown like any other. */
  async #qrFromImage(charge: Charge, limits: CallLimits, signal: AbortSignal): Promise<string> {
    const { providerChargeId } = charge;
    const noQr = (cause?: unknown) =>
      new ProviderOutcomeUnknown('no_qr', 'Midtrans created a charge without a QR', { cause, providerChargeId });
    const image = await this.#client.qrImage(providerChargeId, charge.reference, limits, signal).catch((error: unknown) => {
      throw noQr(error);
    });
    const text = qrTextOf(readQrImage(image));
    if (text === null) throw noQr();
    return text;
  }
}

// In the answer to a status, 407 means "expired" and 202 means "denied" (docs/providers.md 2.5).
const stateCodes: ReadonlySet<string> = new Set(['200', '201', '202', '407']);

const isDenied = (statusText: unknown): boolean => typeof statusText === 'string' && ['deny', 'failure'].includes(statusText.toLowerCase());

const idText = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const idOf = (key: ChargeKey): string => key.providerChargeId ?? key.reference;

function refunded(response: MidtransResponse, request: RefundRequest): ChargeRefund {
  const parsed = wireRefundResponse.safeParse(response.body);
  if (!parsed.success) throw unreadable('with an unreadable refund');
  const { order_id: orderId, transaction_id: id } = parsed.data;
  if (!isAbout(request.charge, { reference: orderId, providerChargeId: id })) throw wrongCharge();
  return {
    reference: request.reference,
    providerRefundId: refundIdOf(parsed.data) ?? request.reference,
    amount: request.amount,
    status: 'pending', // Midtrans approved it; the wallet has not confirmed it yet
    reason: request.reason,
    failure: null,
  };
}
