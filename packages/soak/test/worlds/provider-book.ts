import type { Charge as SharedCharge } from '@gateway/shared/payment';
import { rupiah } from '@gateway/shared/payment';
import { type Charge, type ChargeState, type ProviderName, type Refund, stateOf } from '@gateway/simulator';
import { midtransQr, xenditQr } from '@gateway/simulator/emv-qr';
import type { World } from './world.ts';

/** A QR that the gateway forgets can be paid for so much longer than its payment, and that is noticed. */
const expiryLagMs = 3_600_000;

/** The charges of both providers, in memory, with the rules of the simulator: the book that the gateway's records are compared with. */
export class ProviderBook {
  readonly charges: Charge[] = [];
  readonly #world: World;
  /** Called after each change, which the provider then reports by webhook. */
  onChange: (charge: Charge) => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  open(provider: ProviderName, request: { reference: string; amount: number; expiresAt: Date }, qrAmount = request.amount): Charge {
    const { time } = this.#world;
    const id = `${provider}-${this.#world.options.seed}-${this.charges.length + 1}`;
    const isMidtrans = provider === 'midtrans';
    const charge: Charge = {
      provider,
      account: 'default',
      reference: request.reference,
      id,
      amount: request.amount,
      createdAt: time.nowMs,
      expiresAt: isMidtrans ? request.expiresAt.getTime() : time.nowMs + 48 * 3_600_000,
      qrString: isMidtrans ? midtransQr('gopay', qrAmount, id) : xenditQr(qrAmount, request.reference),
      echo: { qrAmount },
      notificationUrls: [],
      states: [{ at: time.nowMs, realAt: time.nowMs, lifecycle: 'pending', payment: null, refunds: [] }],
      calls: [],
      notices: [],
      expiry: null,
    };
    this.charges.push(charge);
    const expire = () => {
      if (stateOf(charge).lifecycle === 'pending') this.change(charge, { lifecycle: 'expired' });
    };
    const lagMs = isMidtrans ? expiryLagMs : 0;
    time.after(charge.expiresAt + lagMs - time.nowMs, `expiry at ${provider}`, expire, { isWeak: true });
    if (isMidtrans) this.onChange(charge);
    this.#maybePaidWithoutTill(charge);
    return charge;
  }

  /** Money may also arrive for a charge whose QR no till has shown, as long as the provider accepts money for it. */
  #maybePaidWithoutTill(charge: Charge): void {
    const { time } = this.#world;
    const name = `charge ${this.charges.length} paid without a till`;
    const sentence = `The charge ${charge.reference.slice(-2)} of ${charge.provider} is paid, whether a till has shown its QR or not.`;
    const pay = () => {
      if (stateOf(charge).lifecycle === 'pending' && this.#world.fails(name, 0.02, sentence)) this.pay(charge);
    };
    time.after(this.#world.untilMoment(name), name, pay, { isWeak: true });
  }

  find(provider: ProviderName, key: { reference: string; providerChargeId: string | null }): Charge | undefined {
    return this.charges.findLast(
      (charge) => charge.provider === provider && (charge.id === key.providerChargeId || charge.reference === key.reference),
    );
  }

  /** The guest pays. Money also arrives for a charge that has ended; twice for one charge it does not. @returns false: it was paid before */
  pay(charge: Charge): boolean {
    const { lifecycle, payment } = stateOf(charge);
    if (payment) return false;
    const paidAt = this.#world.time.nowMs;
    const name = `money for ${charge.reference.slice(-2)} of ${charge.provider}`;
    const difference = this.#world.draws.pick(`${name} differs by`, [-10_000, 5_000]);
    const isOther = this.#world.fails(`${name} differs`, 0.02, `The money differs from the QR of ${charge.provider} by ${difference}.`);
    const money = {
      id: `${charge.id}-money`,
      amount: charge.amount + (isOther ? difference : 0),
      issuer: 'dana',
      paidAt,
      receipt: `${charge.id}-receipt`,
      imposedFee: 0,
    };
    this.change(charge, { payment: money, ...(charge.provider === 'midtrans' || lifecycle === 'pending' ? { lifecycle: 'paid' } : {}) });
    return true;
  }

  cancel(charge: Charge): void {
    if (stateOf(charge).lifecycle === 'pending') this.change(charge, { lifecycle: 'cancelled' });
  }

  /** At Midtrans a repeat finds the first refund of the same reference; Xendit documents no such thing, so there it refunds once more. */
  refund(charge: Charge, { reference, amount, reason }: { reference: string; amount: number; reason: string }): Refund {
    const { refunds } = stateOf(charge);
    const earlier = refunds.find((each) => each.reference === reference);
    if (earlier && charge.provider === 'midtrans') return earlier;
    const { time } = this.#world;
    const refund: Refund = {
      id: `${charge.id}-refund-${refunds.length + 1}`,
      no: refunds.length + 1,
      reference,
      amount,
      reason,
      status: 'pending',
      failureCode: null,
      createdAt: time.nowMs,
      concludedAt: null,
      echo: {},
    };
    this.change(charge, { refunds: [...refunds, refund] });
    const conclude = () =>
      this.change(charge, {
        refunds: stateOf(charge).refunds.map((each) =>
          each.id === refund.id ? { ...each, status: 'succeeded' as const, concludedAt: time.nowMs } : each,
        ),
      });
    time.after(this.#world.duration(`${refund.id} concluded`, 500, 20_000), 'a refund is confirmed', conclude);
    return refund;
  }

  private change(charge: Charge, change: Partial<ChargeState>): void {
    const { nowMs } = this.#world.time;
    charge.states.push({ ...stateOf(charge), ...change, at: nowMs, realAt: nowMs });
    this.onChange(charge);
  }
}

/** A charge as the gateway's port has it. */
export function asSeenByGateway(charge: Charge, state: ChargeState): SharedCharge {
  const { payment, lifecycle } = state;
  return {
    reference: charge.reference,
    providerChargeId: charge.id,
    status: payment ? 'paid' : lifecycle === 'pending' ? 'open' : lifecycle === 'paid' ? 'paid' : lifecycle,
    amount: rupiah(charge.amount),
    paidAmount: payment && rupiah(payment.amount),
    paidAt: payment && new Date(Math.floor(payment.paidAt / 1_000) * 1_000), // the providers' times have whole seconds
    qrString: null,
    expiresAt: new Date(charge.expiresAt),
    issuer: payment?.issuer ?? null,
    receipt: payment?.receipt ?? null,
    refunds: state.refunds.map(refundSeenByGateway),
  };
}

export const refundSeenByGateway = ({ reference, id, amount, status, reason, failureCode }: Refund) => ({
  reference,
  providerRefundId: id,
  amount: rupiah(amount),
  status,
  reason,
  failure: failureCode,
});
