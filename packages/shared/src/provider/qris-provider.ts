import type { Charge, ChargeRefund, Rupiah } from '../payment/index.ts';
import { ErrorWithoutStack } from '../runtime/index.ts';

export type ProviderName = string;

/** One merchant account at one provider: its credentials and settings. `id` is `default` for the first one. */
export interface ProviderAccount {
  provider: ProviderName;
  id: string;
  baseUrl: string;
  /** In mode `test` the text of a QR may be any: sandboxes answer with texts that are no QRIS payload (docs/providers.md 3.3). */
  mode: 'test' | 'live';
  secretKey: string;
  /** Secrets that may sign a webhook: the current one first, then the previous one while the secret is being rotated. */
  webhookSecrets: readonly string[];
  /** Midtrans: the acquirer, `gopay` or `airpay shopee`. */
  acquirer?: string;
  /** Xendit: the sub-account to act for. */
  forUserId?: string;
  /** No new charges; its open ones are still asked about, refunded and settled. */
  isDisabled?: boolean;
  /** Midtrans: the URL for the webhooks of this account's charges, in place of the URL in its dashboard. */
  notificationUrl?: string;
}

/** `{provider}/{account}`: how logs, metrics and breakers name an account. */
export const accountKey = ({ provider, id }: { provider: ProviderName; id: string }): string => `${provider}/${id}`;

/** One line of a charge. All lines sum to its amount: payment/provider-items.ts makes them. */
export interface ChargeItem {
  name: string;
  /** Whole rupiah for one; negative for a discount. */
  price: number;
  quantity: number;
}

export interface ChargeRequest {
  reference: string;
  amount: Rupiah;
  items: readonly ChargeItem[];
  expiresAt: Date;
  /** Shown at the provider's dashboard: the order number. */
  description: string;
}

export interface ChargeKey {
  reference: string;
  providerChargeId: string | null;
}

export interface RefundRequest {
  charge: ChargeKey;
  /** Our reference of the refund. It is also the provider's idempotency key, where the provider has one. */
  reference: string;
  amount: Rupiah;
  reason: string;
}

export interface RefundKey {
  charge: ChargeKey;
  /** Null: the refund of this charge with the provider's id, requested here or at its dashboard. */
  reference: string | null;
  providerRefundId: string | null;
}

/**
 * The one port of the gateway: a company that creates QRIS charges. One instance per account.
 *
 * Every operation takes the caller's AbortSignal, which carries the deadline, throws one of the four ProviderErrors and
 * nothing else, and never retries. Only `createCharge` may fail over; every other operation goes to the provider of the charge.
 */
export abstract class QrisProvider {
  readonly account: ProviderAccount;

  constructor(account: ProviderAccount) {
    this.account = account;
  }

  /** Creates a charge. Not idempotent: after ProviderOutcomeUnknown a charge may exist. The result has a `qrString`. */
  abstract createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge>;

  /** The charge as the provider reports it now; null when the provider reports that there is none. May run any number of times. */
  abstract findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null>;

  /**
   * Cancels the charge and returns it as it is afterwards: also `paid` or `expired`, if that happened before. Null: no such charge.
   * May run twice.
   */
  abstract cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null>;

  /** Ends a charge whose time is over, with the guarantees of `cancelCharge`, which it is where the provider has no such operation. */
  expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.cancelCharge(key, signal);
  }

  /** Refunds the charge, whole or in part. May run twice: a repeat finds the first refund and never pays twice. */
  abstract refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund>;

  /** The refund as the provider reports it now; null when the provider knows none with this reference. */
  abstract findRefund(key: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null>;

  /** Test mode: has the charge paid without a payer, so that its webhook comes. @returns false where the provider offers no such call */
  payForTest(_charge: Charge, _signal: AbortSignal): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Closes the connections. */
  abstract close(): Promise<void>;
}

/** The parsed content of a webhook. It names the charge to ask about and proves nothing: docs/adr/0003-confirm-every-webhook-with-the-provider.md. */
export interface WebhookNotice {
  /** Our reference of the charge; null when the webhook names none, like one of a dashboard's test button. */
  reference: string | null;
  providerChargeId: string | null;
  /** Different for each webhook, and the same for each delivery of one webhook (docs/providers.md 2.10, 3.8). */
  deliveryKey: string;
  /** The charge status that the webhook states; null when it states none. The provider's answer may lag behind it. */
  reportedStatus: 'open' | 'paid' | 'expired' | 'cancelled' | 'failed' | 'refunded' | null;
  /** The provider's own word for what happened, when it is none that the reader knows: a dispute, a void. Null: it is known. */
  unknownEvent: string | null;
  /** The refund that the webhook names: our reference of it, and the provider's id. Null when it names none. */
  refund: { reference: string | null; providerRefundId: string | null } | null;
}

/** Reads one provider's webhooks. Pure; compares secrets in constant time. */
export interface WebhookReader {
  /**
   * @param raw the bytes as they were received
   * @throws WebhookRefused when no secret of the account signed it; WebhookUnreadable when it is no JSON object
   */
  read(
    raw: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    account: Pick<ProviderAccount, 'webhookSecrets'>,
  ): WebhookNotice;
}

/** The signature is invalid. The api answers 401 and stores nothing. */
export class WebhookRefused extends ErrorWithoutStack {
  override readonly name = 'WebhookRefused';
}

/** The body is no JSON object. The api answers 400. */
export class WebhookUnreadable extends ErrorWithoutStack {
  override readonly name = 'WebhookUnreadable';
}
