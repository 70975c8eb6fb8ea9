import { randomInt } from 'node:crypto';
import type { Accounts, XenditAccount } from '../accounts.ts';
import { ActionNotPossible } from '../action-not-possible.ts';
import { type Charge, type ChargeState, type Echo, type Payment, type Refund, requireRefundable, stateOf } from '../charge.ts';
import type { ChargeBook } from '../charge-book.ts';
import { xenditQr } from '../emv-qr.ts';
import type { DashboardRefund, ForgedStatus, Payer, PayerActions } from '../payer-actions.ts';
import type { SimulatorClock } from '../simulator-clock.ts';
import type { Switches } from '../switches.ts';
import { type Delivery, deliveredOnce, type Notice, type WebhookSender } from '../webhook-sender.ts';
import type { PaymentRequestBody } from './xendit-create-body.ts';
import { type NoticeContext, paymentCaptured, paymentFailed, refundConcluded, requestExpired } from './xendit-notice.ts';
import { newId } from './xendit-wire.ts';

export interface XenditParts {
  book: ChargeBook;
  clock: SimulatorClock;
  switches: Switches;
  accounts: Accounts<XenditAccount>;
  sender: WebhookSender;
}

export interface RefundRequest {
  reference: string | null;
  amount: number;
  reason: string;
  /** Why the refund will fail; null: it will succeed. */
  failureCode: string | null;
  echo: Echo;
}

const lifetimeMs = 48 * 3_600_000; // not settable for QRIS (providers.md 3.13)

/** The payment requests of Xendit. Each change is recorded in the charge book first, then sent as a webhook. */
export class XenditCharges implements PayerActions {
  readonly #parts: XenditParts;
  #refundNo = 1;

  constructor(parts: XenditParts) {
    this.#parts = parts;
  }

  /** @param qrAmount the amount in the QR: the charge's amount, unless the fault `wrong_amount_qr` applies */
  open(account: XenditAccount, body: PaymentRequestBody, forUserId: string | undefined, qrAmount: number): Charge {
    const { book, clock, switches } = this.#parts;
    const isEmv = switches.current.xendit_qr_text === 'emv';
    const charge = book.open({
      ...this.#draft(account, body, forUserId),
      qrString: isEmv ? xenditQr(qrAmount, body.referenceId) : 'some-random-qr-string',
      lifecycle: 'pending',
    });
    charge.expiry = clock.at(charge.expiresAt, () => this.#expireNow(charge));
    return charge;
  }

  /** A payment request that fails at once: it exists, and it has no QR. */
  openFailed(account: XenditAccount, body: PaymentRequestBody, forUserId: string | undefined): Charge {
    return this.#parts.book.open({ ...this.#draft(account, body, forUserId), qrString: null, lifecycle: 'failed' });
  }

  /** A late payment does not change the status of the payment request. Source: providers.md 3.4. */
  pay(charge: Charge, payer: Payer, delivery: Delivery): void {
    const { lifecycle, payment } = stateOf(charge);
    if (payment) throw new ActionNotPossible('already_paid', 'this charge is already paid');
    if (charge.qrString === null) throw new ActionNotPossible('not_payable', 'this charge failed at once: it has no QR');
    if (lifecycle === 'cancelled' && this.#parts.switches.current.cancel_stops_scan) {
      throw new ActionNotPossible('not_payable', 'the QR of a cancelled charge cannot be scanned (switch cancel_stops_scan)');
    }
    const newPayment = this.#payment(charge, payer);
    this.#parts.book.applyChange(charge, { payment: newPayment, ...(lifecycle === 'pending' ? { lifecycle: 'paid' } : {}) });
    this.#notify(charge, (context) => paymentCaptured(charge, newPayment, context), delivery);
  }

  expire(charge: Charge): void {
    this.#requirePending(charge);
    this.#expireNow(charge);
  }

  fail(charge: Charge): void {
    this.#requirePending(charge);
    this.#parts.book.applyChange(charge, { lifecycle: 'failed' });
    this.#notify(charge, (context) => paymentFailed(charge, this.#parts.clock.now(), context));
  }

  /** The merchant cancels the payment request; no webhook follows. The caller must have checked that it is pending. */
  cancel(charge: Charge): ChargeState {
    return this.#parts.book.applyChange(charge, { lifecycle: 'cancelled' });
  }

  /** The refund is pending; a webhook reports its result. Source: providers.md 3.9. */
  refund(charge: Charge, { reference, amount, reason, failureCode, echo }: RefundRequest): Refund {
    const { book, clock, switches } = this.#parts;
    const refund: Refund = {
      id: newId('rfd'),
      no: this.#refundNo++,
      reference,
      amount,
      reason,
      status: 'pending',
      failureCode: null,
      createdAt: clock.now(),
      concludedAt: null,
      echo,
    };
    book.applyChange(charge, { refunds: [...stateOf(charge).refunds, refund] });
    const endsAt = clock.now() + switches.current.xendit_refund_duration_s * 1_000;
    clock.at(endsAt, () => this.#conclude(charge, refund, failureCode));
    return refund;
  }

  refundAtDashboard(charge: Charge, { amount, reference }: DashboardRefund): void {
    requireRefundable(charge, amount);
    this.refund(charge, { reference, amount, reason: 'REQUESTED_BY_CUSTOMER', failureCode: null, echo: {} });
  }

  reverse(): void {
    throw new ActionNotPossible('no_such_state', 'Xendit documents no reversal of a QRIS payment');
  }

  forge(charge: Charge, status: ForgedStatus): void {
    if (status === 'cancelled') throw new ActionNotPossible('no_such_webhook', 'Xendit sends no webhook about a cancelled request');
    const now = this.#parts.clock.now();
    this.#notify(charge, (context) => {
      if (status === 'paid') return paymentCaptured(charge, this.#payment(charge, { issuer: 'dana', amount: null }), context);
      if (status === 'failed') return paymentFailed(charge, now, context);
      return requestExpired(charge, { ...stateOf(charge), at: now, lifecycle: 'expired', payment: null }, context);
    });
  }

  #draft(account: XenditAccount, body: PaymentRequestBody, forUserId: string | undefined) {
    const now = this.#parts.clock.now();
    return {
      provider: 'xendit' as const,
      account: account.id,
      reference: body.referenceId,
      id: newId('pr'),
      amount: body.requestAmount,
      // `expires_at` is in real time, because the merchant's clock is real. It is converted to the simulator's clock.
      expiresAt: body.expiresAt === null ? now + lifetimeMs : now + body.expiresAt - Date.now(),
      echo: forUserId === undefined ? body.echo : { ...body.echo, for_user_id: forUserId },
      notificationUrls: account.notificationUrl === null ? [] : [account.notificationUrl],
    };
  }

  #payment(charge: Charge, { issuer, amount }: Payer): Payment {
    const paidAt = this.#parts.clock.now();
    const receipt = String(randomInt(1e11, 1e12)); // twelve digits, as a retrieval reference number has
    return { id: newId('py'), amount: amount ?? charge.amount, issuer: issuer.toLowerCase(), paidAt, receipt, imposedFee: 0 };
  }

  #requirePending(charge: Charge): void {
    if (stateOf(charge).lifecycle !== 'pending') throw new ActionNotPossible('not_pending', 'this charge is no longer pending');
  }

  #expireNow(charge: Charge): void {
    const state = this.#parts.book.applyChange(charge, { lifecycle: 'expired' });
    this.#notify(charge, (context) => requestExpired(charge, state, context));
  }

  #conclude(charge: Charge, { id }: Refund, failureCode: string | null): void {
    const concludedAt = this.#parts.clock.now();
    const conclusion = { status: failureCode === null ? ('succeeded' as const) : ('failed' as const), failureCode, concludedAt };
    const refunds = stateOf(charge).refunds.map((each) => (each.id === id ? { ...each, ...conclusion } : each));
    this.#parts.book.applyChange(charge, { refunds });
    const concluded = refunds.find((each) => each.id === id);
    if (concluded) this.#notify(charge, (context) => refundConcluded(charge, concluded, context));
  }

  #notify(charge: Charge, compose: (context: NoticeContext) => Notice, delivery: Delivery = deliveredOnce): void {
    if (charge.notificationUrls.length === 0) return;
    const account = this.#parts.accounts.byId(charge.account);
    if (account) this.#parts.sender.send(compose({ account, switches: this.#parts.switches.current }), delivery);
  }
}
