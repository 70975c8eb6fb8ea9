import type { Charge, ChargeRefund, Rupiah } from '../payment/index.ts';

export type ProviderName = string;

/** One merchant account at one provider: its credentials, and how it may be used. `id` is `default` for the first one. */
export interface ProviderAccount {
  provider: ProviderName;
  id: string;
  baseUrl: string;
  /** `test` reads a QR leniently: sandboxes answer with text that is no QR (providers.md 3.3). */
  mode: 'test' | 'live';
  secretKey: string;
  /** Secrets that a webhook may be signed with: the present one first, then the previous one while it is being rotated. */
  webhookSecrets: readonly string[];
  /** Midtrans: who serves the merchant, `gopay` or `airpay shopee`. */
  acquirer?: string;
  /** Xendit: the sub-account to act for. */
  forUserId?: string;
  /** Midtrans: where news of this account's charges goes instead of the address in its dashboard. */
  notificationUrl?: string;
}

/** Integers that sum to the charge's amount: see payment/bill.ts, which makes them so. */
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
  /** What a person at the provider's dashboard should read: the order's number. */
  description: string;
}

export interface ChargeKey {
  reference: string;
  providerChargeId: string | null;
}

export interface RefundRequest {
  charge: ChargeKey;
  /** Ours: the provider's idempotency handle where it has one. */
  reference: string;
  amount: Rupiah;
  reason: string;
}

export interface RefundKey {
  charge: ChargeKey;
  reference: string;
  providerRefundId: string | null;
}

/**
 * The one port of the gateway: a company that makes QRIS charges. One instance per account.
 *
 * Every operation takes the caller's AbortSignal, which carries the deadline, throws one of the four ProviderErrors and
 * nothing else, and never retries by itself. Only `createCharge` may fail over; all else goes to the provider of the charge.
 */
export abstract class QrisProvider {
  readonly account: ProviderAccount;

  constructor(account: ProviderAccount) {
    this.account = account;
  }

  /** Makes a charge. Not idempotent: after ProviderOutcomeUnknown a charge may exist. The answer carries a `qrString`. */
  abstract createCharge(request: ChargeRequest, signal: AbortSignal): Promise<Charge>;

  /** The charge as the provider sees it now; null when the provider says there is none. May be asked any number of times. */
  abstract findCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null>;

  /** Takes the charge down; the charge as it is afterwards, which may be `paid` or `expired` if something else was faster. Null: no such charge. May run twice. */
  abstract cancelCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null>;

  /** Ends a charge whose time is over. Where the provider has no word for that, this is `cancelCharge`, and so are its promises. */
  expireCharge(key: ChargeKey, signal: AbortSignal): Promise<Charge | null> {
    return this.cancelCharge(key, signal);
  }

  /** Gives money back. May run twice: a repeat finds the first one and never pays twice. */
  abstract refundCharge(request: RefundRequest, signal: AbortSignal): Promise<ChargeRefund>;

  /** The refund as it stands now; null when the provider knows none by that reference. */
  abstract findRefund(key: RefundKey, signal: AbortSignal): Promise<ChargeRefund | null>;

  /** Lets go of connections. */
  abstract close(): Promise<void>;
}

/** What a webhook told us. A rumour: it says where to look, never what is true. */
export interface WebhookNotice {
  /** Our reference of the charge it is about; null when it names none (a dashboard's test button). */
  reference: string | null;
  providerChargeId: string | null;
  /** Unique for each piece of news, the same however often it is delivered (providers.md 2.10, 3.8). */
  deliveryKey: string;
  /** What it claims. Compared with the provider's own answer to notice that the answer lags behind. Null: it claims nothing of a charge's state. */
  reportedStatus: 'open' | 'paid' | 'expired' | 'cancelled' | 'failed' | 'refunded' | null;
  /** The refund it is about, where the provider's news names one: our reference of the refund, and the provider's id. */
  refund: { reference: string | null; providerRefundId: string | null } | null;
}

/** Reads one provider's webhooks. Pure; compares secrets in constant time. */
export interface WebhookReader {
  /**
   * @param raw the bytes as they came
   * @throws WebhookRefused when no secret of the account signed it; WebhookUnreadable when it is no JSON object.
   */
  read(
    raw: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    account: Pick<ProviderAccount, 'webhookSecrets'>,
  ): WebhookNotice;
}

/** The signature does not hold: 401, and nothing is stored. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
}

/** Not a JSON object: 400. */
export class WebhookUnreadable extends Error {
  override readonly name = 'WebhookUnreadable';
}
