import { randomUUID } from 'node:crypto';
import type { Accounts, MidtransAccount } from '../accounts.ts';
import { ActionNotPossible } from '../action-not-possible.ts';
import { type Charge, type ChargeState, type Payment, type Refund, requireRefundable, stateOf } from '../charge.ts';
import type { ChargeBook } from '../charge-book.ts';
import { midtransQr } from '../emv-qr.ts';
import type { DashboardRefund, ForgedStatus, Payer, PayerActions } from '../payer-actions.ts';
import type { SimulatorClock } from '../simulator-clock.ts';
import type { Switches } from '../switches.ts';
import { type Delivery, deliveredOnce, type WebhookSender } from '../webhook-sender.ts';
import type { ChargeRequest } from './midtrans-charge-request.ts';
import { midtransNotice } from './midtrans-notice.ts';

export interface MidtransParts {
  book: ChargeBook;
  clock: SimulatorClock;
  switches: Switches;
  accounts: Accounts<MidtransAccount>;
  sender: WebhookSender;
}

export interface RefundRequest {
  key: string | null;
  amount: number;
  reason: string | null;
  /** True for the direct endpoint: the wallet confirms the refund at once. */
  isDirect: boolean;
}

const feeRate = 0.007; // the MDR of a regular merchant, charged to the payer: 10000 becomes 10071 (providers.md 7)

/** The charges of Midtrans. Each change is recorded in the charge book first, then sent as a webhook. */
export class MidtransCharges implements PayerActions {
  readonly #parts: MidtransParts;
  #refundNo = 183_700;

  constructor(parts: MidtransParts) {
    this.#parts = parts;
  }

  /** @param qrAmount the amount in the QR: the charge's amount, unless the fault `wrong_amount_qr` applies */
  open(account: MidtransAccount, request: ChargeRequest, notificationUrls: readonly string[], qrAmount: number): Charge {
    const { book, clock, switches } = this.#parts;
    const charge = book.open({
      ...this.#draft(account, request, notificationUrls),
      qrString: midtransQr(request.acquirer, qrAmount, randomUUID()),
      lifecycle: 'pending',
    });
    const expireAt = charge.expiresAt + switches.current.midtrans_expiry_lag_s * 1_000;
    charge.expiry = clock.at(expireAt, () => this.#close(charge, 'expired'));
    this.#notify(charge);
    return charge;
  }

  /** A charge that is denied at once: it exists, and it has no QR. */
  openDenied(account: MidtransAccount, request: ChargeRequest, notificationUrls: readonly string[]): Charge {
    const charge = this.#parts.book.open({ ...this.#draft(account, request, notificationUrls), qrString: null, lifecycle: 'failed' });
    this.#notify(charge);
    return charge;
  }

  pay(charge: Charge, payer: Payer, delivery: Delivery): void {
    const { lifecycle, payment } = stateOf(charge);
    if (payment) throw new ActionNotPossible('already_paid', 'this charge is already paid');
    if (charge.qrString === null) throw new ActionNotPossible('not_payable', 'this charge was denied: it has no QR');
    if (lifecycle === 'cancelled' && this.#parts.switches.current.cancel_stops_scan) {
      throw new ActionNotPossible('not_payable', 'the QR of a cancelled charge cannot be scanned (switch cancel_stops_scan)');
    }
    this.#parts.book.applyChange(charge, { lifecycle: 'paid', payment: this.#payment(charge, payer) });
    this.#notify(charge, delivery);
  }

  expire(charge: Charge): void {
    this.#requirePending(charge);
    this.#close(charge, 'expired');
  }

  fail(charge: Charge): void {
    this.#requirePending(charge);
    this.#close(charge, 'failed');
  }

  /** The merchant cancels the charge. The caller must have checked that it is pending. */
  cancel(charge: Charge): ChargeState {
    const state = this.#parts.book.applyChange(charge, { lifecycle: 'cancelled' });
    if (this.#parts.switches.current.midtrans_cancel_and_refund_notices) this.#notify(charge);
    return state;
  }

  /** The refund is approved at once. When the wallet confirms it, a second webhook is sent. Source: providers.md 2.7. */
  refund(charge: Charge, { key, amount, reason, isDirect }: RefundRequest): Refund {
    const { book, clock, switches } = this.#parts;
    const refund: Refund = {
      id: randomUUID(),
      no: this.#refundNo++,
      reference: key,
      amount,
      reason,
      status: 'pending',
      failureCode: null,
      createdAt: clock.now(),
      concludedAt: null,
      echo: {},
    };
    book.applyChange(charge, { refunds: [...stateOf(charge).refunds, refund] });
    this.#notifyRefund(charge);
    if (isDirect) this.#confirm(charge, refund);
    else clock.at(clock.now() + switches.current.midtrans_refund_confirmation_s * 1_000, () => this.#confirm(charge, refund));
    return refund;
  }

  refundAtDashboard(charge: Charge, { amount, reference }: DashboardRefund): void {
    requireRefundable(charge, amount);
    this.refund(charge, { key: reference, amount, reason: null, isDirect: false });
  }

  /** A settlement may become `deny` within minutes. Source: providers.md 2.12, which documents it for other channels. */
  reverse(charge: Charge): void {
    if (!stateOf(charge).payment) throw new ActionNotPossible('not_paid', 'this charge is not paid');
    this.#parts.book.applyChange(charge, { lifecycle: 'failed', payment: null });
    this.#notify(charge);
  }

  forge(charge: Charge, status: ForgedStatus): void {
    const payment = status === 'paid' ? this.#payment(charge, { issuer: 'dana', amount: null }) : null;
    this.#notify(charge, deliveredOnce, { ...stateOf(charge), lifecycle: status, payment, refunds: [] });
  }

  #draft(account: MidtransAccount, request: ChargeRequest, notificationUrls: readonly string[]) {
    const now = this.#parts.clock.now();
    // `order_time` is in real time, because the merchant's clock is real. It is converted to the simulator's clock.
    const orderedAt = request.orderedAt === null ? now : now + request.orderedAt - Date.now();
    return {
      provider: 'midtrans' as const,
      account: account.id,
      reference: request.orderId,
      id: randomUUID(),
      amount: request.grossAmount,
      expiresAt: orderedAt + request.lifetimeMs,
      echo: { acquirer: request.acquirer, ...request.customFields },
      notificationUrls,
    };
  }

  #payment(charge: Charge, { issuer, amount }: Payer): Payment {
    const imposedFee =
      amount === null && this.#parts.switches.current.midtrans_fee_imposition
        ? Math.ceil(charge.amount / (1 - feeRate)) - charge.amount
        : 0;
    return {
      id: randomUUID(),
      amount: amount ?? charge.amount + imposedFee,
      issuer: issuer.toLowerCase(),
      paidAt: this.#parts.clock.now(),
      receipt: randomUUID(),
      imposedFee,
    };
  }

  #requirePending(charge: Charge): void {
    if (stateOf(charge).lifecycle !== 'pending') throw new ActionNotPossible('not_pending', 'this charge is no longer pending');
  }

  #close(charge: Charge, lifecycle: 'expired' | 'failed'): void {
    this.#parts.book.applyChange(charge, { lifecycle });
    this.#notify(charge);
  }

  #confirm(charge: Charge, { id }: Refund): void {
    const concludedAt = this.#parts.clock.now();
    const refunds = stateOf(charge).refunds.map((each) => (each.id === id ? { ...each, status: 'succeeded' as const, concludedAt } : each));
    this.#parts.book.applyChange(charge, { refunds });
    this.#notifyRefund(charge);
  }

  #notifyRefund(charge: Charge): void {
    if (this.#parts.switches.current.midtrans_cancel_and_refund_notices) this.#notify(charge);
  }

  #notify(charge: Charge, delivery: Delivery = deliveredOnce, state = stateOf(charge)): void {
    if (charge.notificationUrls.length === 0) return;
    const account = this.#parts.accounts.byId(charge.account);
    if (account) this.#parts.sender.send(midtransNotice(charge, account, this.#parts.switches.current, state), delivery);
  }
}
