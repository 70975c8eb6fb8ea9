import { performance } from 'node:perf_hooks';
import type { Charge, ChargeRefund } from '../../payment/index.ts';
import { type Clock, type Logger, plusMs } from '../../runtime/index.ts';
import type { CallLimits } from '../http-call.ts';
import { operationLimits } from '../http-exchange.ts';
import { asNotCarriedOut, asUnknown, ProviderOutcomeUnknown, ProviderRejected } from '../provider-error.ts';
import {
  type ChargeKey,
  type ChargeRequest,
  type ProviderAccount,
  QrisProvider,
  type RefundKey,
  type RefundRequest,
} from '../qris-provider.ts';
import { chargeOf, refundIdOf } from './midtrans-charge.ts';
import { MidtransClient, type MidtransResponse } from './midtrans-client.ts';
import { readQrImage } from './midtrans-qr-image.ts';
import { midtransRefusal, refused, unreadable, wrongCharge } from './midtrans-status.ts';
import { chargeBody, lifetimeSeconds, transactionId, wireRefundResponse, wireTransaction } from './midtrans-wire.ts';

/** QRIS at Midtrans: Core API, server to server. */
export class MidtransProvider extends QrisProvider {
  readonly #client: MidtransClient;
  readonly #clock: Clock;

  constructor(account: ProviderAccount, { log, clock }: { log: Logger; clock: Clock }) {
    super(account);
    this.#client = new MidtransClient(account, log);
    this.#clock = clock;
  }

  override async createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge> {
    const started = performance.now();
    const now = this.#clock.now();
    if (!/^[A-Za-z0-9._~-]{1,50}$/.test(request.reference)) throw new ProviderRejected('reference', 'Midtrans takes no such order id');
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

  /** `refund_key` makes a repeat safe for seven days only, so what is already there is looked up first, always. */
  override async refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    const earlierRefund = await this.#refundNow(request, signal).catch(asNotCarriedOut);
    if (earlierRefund) return earlierRefund;

    const { charge, reference, amount, reason } = request;
    const body = { refund_key: reference, amount, reason: reason.slice(0, 255) };
    const response = await this.#client.refund(idOf(charge), reference, body, signal);

    if (response.code === '200') return refunded(response, request);
    // The bank's no comes as 202 in the body, with the money left where it was; an HTTP 202 is a twin still running.
    if (response.code === '202' && response.from === 'midtrans') throw new ProviderRejected('denied_by_bank', 'the bank denied the refund');
    if (['406', '412', '414'].includes(response.code)) {
      const concurrentRefund = await this.#refundNow(request, signal).catch(asUnknown);
      if (concurrentRefund) return concurrentRefund; // a twin of this call got there first
    }
    if (response.code === '412') throw new ProviderRejected('not_refundable', 'Midtrans refunds settled charges only');
    throw refused(response, 'Midtrans did not take the refund');
  }

  override async findRefund({ charge, reference, providerRefundId }: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null> {
    const found = await this.findCharge(charge, signal);
    const byReference = found?.refunds.find((refund) => refund.reference === reference);
    return byReference ?? found?.refunds.find((refund) => refund.providerRefundId === providerRefundId) ?? null;
  }

  override close(): Promise<void> {
    return this.#client.close();
  }

  #refundNow({ charge, reference }: RefundRequest, signal: AbortSignal): Promise<ChargeRefund | null> {
    return this.findRefund({ charge, reference, providerRefundId: null }, signal);
  }

  /** The charge that a create made, or the reason why there is none to show. */
  #createdCharge(response: MidtransResponse, request: ChargeRequest, now: Date): Charge {
    if (stateCodes.has(response.code) && isDenied(response.body?.transaction_status))
      throw new ProviderRejected('denied', 'Midtrans denied the charge; nothing payable exists');
    if (response.code !== '201' && response.code !== '200') throw refused(response, 'Midtrans made no charge');

    const parsed = wireTransaction.safeParse(response.body);
    // An id of another order's charge must not get away: it would be cancelled.
    const isOurs = response.body?.order_id === request.reference;
    const id = transactionId.safeParse(response.body?.transaction_id);
    const providerChargeId = isOurs && id.success ? id.data : null;
    if (!parsed.success) throw unreadable('with a charge that cannot be read', providerChargeId);
    if (!isOurs) throw wrongCharge();

    const charge = chargeOf(parsed.data, response.code);
    if (charge.status !== 'open' || charge.amount !== request.amount) throw wrongCharge(providerChargeId);
    const createdAt = parsed.data.transaction_time ?? now;
    return { ...charge, expiresAt: charge.expiresAt ?? plusMs(createdAt, lifetimeSeconds(request.expiresAt, now) * 1000) };
  }

  /** The charge in an answer to status, cancel or expire; null when Midtrans itself says that it knows none. */
  #foundCharge(response: MidtransResponse, key: ChargeKey): Charge | null {
    const parsed = wireTransaction.safeParse(response.body);
    if (parsed.success && stateCodes.has(response.code)) {
      if (parsed.data.order_id !== key.reference) throw wrongCharge();
      return chargeOf(parsed.data, response.code);
    }
    if (midtransRefusal(response.code, response.from).reason === 'not_found') return null;
    throw refused(response, 'Midtrans did not say how the charge stands');
  }

  /** After cancel or expire. 412 means that something else was faster, the payer perhaps: go and look. */
  async #endedCharge(response: MidtransResponse, key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    if (response.code === '412') return this.findCharge(key, signal);
    return this.#foundCharge(response, key);
  }

  /** A charge without its text: read it off the picture, so that it can be checked and shown like any other. */
  async #qrFromImage(charge: Charge, limits: CallLimits, signal: AbortSignal): Promise<string> {
    const { providerChargeId } = charge;
    const noQr = (cause?: unknown) =>
      new ProviderOutcomeUnknown('no_qr', 'Midtrans made a charge and gave no QR with it', { cause, providerChargeId });
    const image = await this.#client.qrImage(providerChargeId, charge.reference, limits, signal).catch((error: unknown) => {
      throw noQr(error);
    });
    const text = readQrImage(image);
    if (text === null) throw noQr();
    return text;
  }
}

// 407 is how a status says "expired", 202 how it says "denied" (providers.md 2.5).
const stateCodes: ReadonlySet<string> = new Set(['200', '201', '202', '407']);

const isDenied = (statusText: unknown): boolean => typeof statusText === 'string' && ['deny', 'failure'].includes(statusText.toLowerCase());

const idOf = (key: ChargeKey): string => key.providerChargeId ?? key.reference;

function refunded(response: MidtransResponse, request: RefundRequest): ChargeRefund {
  const parsed = wireRefundResponse.safeParse(response.body);
  if (!parsed.success) throw unreadable('with a refund that cannot be read');
  if (parsed.data.order_id !== request.charge.reference) throw wrongCharge();
  return {
    reference: request.reference,
    providerRefundId: refundIdOf(parsed.data) ?? request.reference,
    amount: request.amount,
    status: 'pending', // approved; the wallet has not confirmed yet
    reason: request.reason,
    failure: null,
  };
}
