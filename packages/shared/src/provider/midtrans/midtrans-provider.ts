import { performance } from 'node:perf_hooks';
import type { Charge, ChargeRefund } from '../../payment/index.ts';
import type { Clock, Logger } from '../../runtime/index.ts';
import type { Limits } from '../http-call.ts';
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
import { type MidtransAnswer, MidtransClient } from './midtrans-client.ts';
import { readQrImage } from './midtrans-qr-image.ts';
import { anotherCharge, midtransRefusal, refused, unreadable } from './midtrans-status.ts';
import { chargeBody, lifeSeconds, transactionId, wireRefundAnswer, wireTransaction } from './midtrans-wire.ts';

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

    const charge = this.#created(await this.#client.charge(request.reference, body, signal), request, now);

    if (charge.qrString) return charge;
    const totalMs = Math.max(0, operationLimits.create.totalMs - (performance.now() - started));
    return { ...charge, qrString: await this.#qrFromImage(charge, { ...operationLimits.create, totalMs }, signal) };
  }

  override async findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    const answer = await this.#client.status(idOf(key), key.reference, signal);
    return this.#found(answer, key);
  }

  override async cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#ended(await this.#client.cancel(idOf(key), key.reference, signal), key, signal);
  }

  override async expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.#ended(await this.#client.expire(idOf(key), key.reference, signal), key, signal);
  }

  /** `refund_key` makes a repeat safe for seven days only, so what is already there is looked up first, always. */
  override async refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund> {
    const earlier = await this.#refundNow(request, signal).catch(asNotCarriedOut);
    if (earlier) return earlier;

    const { charge, reference, amount, reason } = request;
    const body = { refund_key: reference, amount, reason: reason.slice(0, 255) };
    const answer = await this.#client.refund(idOf(charge), reference, body, signal);

    if (answer.code === '200') return refunded(answer, request);
    // The bank's no comes as 202 in the body, with the money left where it was; an HTTP 202 is a twin still running.
    if (answer.code === '202' && answer.from === 'midtrans') throw new ProviderRejected('denied_by_bank', 'the bank denied the refund');
    if (['406', '412', '414'].includes(answer.code)) {
      const present = await this.#refundNow(request, signal).catch(asUnknown);
      if (present) return present; // a twin of this call got there first
    }
    if (answer.code === '412') throw new ProviderRejected('not_refundable', 'Midtrans refunds settled charges only');
    throw refused(answer, 'Midtrans did not take the refund');
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
  #created(answer: MidtransAnswer, request: ChargeRequest, now: Date): Charge {
    if (codesOfAState.has(answer.code) && isDenied(answer.body?.transaction_status))
      throw new ProviderRejected('denied', 'Midtrans denied the charge; nothing payable exists');
    if (answer.code !== '201' && answer.code !== '200') throw refused(answer, 'Midtrans made no charge');

    const read = wireTransaction.safeParse(answer.body);
    // An id of another order's charge must not get away: it would be cancelled.
    const ours = answer.body?.order_id === request.reference;
    const id = transactionId.safeParse(answer.body?.transaction_id);
    const providerChargeId = ours && id.success ? id.data : null;
    if (!read.success) throw unreadable('with a charge that cannot be read', providerChargeId);
    if (!ours) throw anotherCharge();

    const charge = chargeOf(read.data, answer.code);
    if (charge.status !== 'open' || charge.amount !== request.amount) throw anotherCharge(providerChargeId);
    const born = read.data.transaction_time ?? now;
    return { ...charge, expiresAt: charge.expiresAt ?? new Date(born.getTime() + lifeSeconds(request.expiresAt, now) * 1000) };
  }

  /** The charge in an answer to status, cancel or expire; null when Midtrans itself says that it knows none. */
  #found(answer: MidtransAnswer, key: ChargeKey): Charge | null {
    const read = wireTransaction.safeParse(answer.body);
    if (read.success && codesOfAState.has(answer.code)) {
      if (read.data.order_id !== key.reference) throw anotherCharge();
      return chargeOf(read.data, answer.code);
    }
    if (midtransRefusal(answer.code, answer.from).reason === 'not_found') return null;
    throw refused(answer, 'Midtrans did not say how the charge stands');
  }

  /** After cancel or expire. 412 means that something else was faster, the payer perhaps: go and look. */
  async #ended(answer: MidtransAnswer, key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    if (answer.code === '412') return this.findCharge(key, signal);
    return this.#found(answer, key);
  }

  /** A charge without its text: read it off the picture, so that it can be checked and shown like any other. */
  async #qrFromImage(charge: Charge, limits: Limits, signal: AbortSignal): Promise<string> {
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
const codesOfAState: ReadonlySet<string> = new Set(['200', '201', '202', '407']);

const isDenied = (word: unknown): boolean => typeof word === 'string' && ['deny', 'failure'].includes(word.toLowerCase());

const idOf = (key: ChargeKey): string => key.providerChargeId ?? key.reference;

function refunded(answer: MidtransAnswer, request: RefundRequest): ChargeRefund {
  const read = wireRefundAnswer.safeParse(answer.body);
  if (!read.success) throw unreadable('with a refund that cannot be read');
  if (read.data.order_id !== request.charge.reference) throw anotherCharge();
  return {
    reference: request.reference,
    providerRefundId: refundIdOf(read.data) ?? request.reference,
    amount: request.amount,
    status: 'pending', // approved; the wallet has not confirmed yet
    reason: request.reason,
    failure: null,
  };
}
