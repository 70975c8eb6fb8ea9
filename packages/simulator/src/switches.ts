import { z } from 'zod';

const seconds = z.number().min(0).max(86_400);
const perMinute = z.number().int().min(1).max(1_000_000).nullable();

/**
 * One switch for each point where the providers' documents disagree, are silent or leave a choice. The default is what
 * providers.md assumes. Seconds are of the simulator's clock, `…_timeout_ms` is real time.
 */
export const switchesSchema = z.strictObject({
  /** Both providers. Source: providers.md 10, "does cancel really stop a QRIS scan". */
  cancel_stops_scan: z.boolean().default(false),

  midtrans_http_status: z.enum(['always_200', 'copies_body']).default('always_200'),
  midtrans_status_of_pending: z.enum(['201', '200_upper_case']).default('201'),
  midtrans_order_id_of_status: z.enum(['order_id', 'transaction_id']).default('order_id'),
  midtrans_omit_expiry_time: z.boolean().default(false),
  midtrans_omit_qr_string: z.boolean().default(false),
  midtrans_omit_qr_code_v2: z.boolean().default(false),
  midtrans_fee_imposition: z.boolean().default(false),
  midtrans_fee_info: z.enum(['metadata', 'top_level', 'top_level_numbers']).default('metadata'),
  midtrans_expiry_lag_s: seconds.default(0),
  midtrans_status_poll_gap_s: seconds.default(0),
  midtrans_charges_per_minute: perMinute.default(null),
  midtrans_webhook_timeout_ms: z.number().int().min(1).max(60_000).default(15_000),
  midtrans_webhook_intervals: z.enum(['growing', 'one_minute']).default('growing'),
  midtrans_cancel_and_refund_notices: z.boolean().default(true),
  midtrans_max_notification_urls: z.number().int().min(1).max(3).default(3),
  midtrans_refund_window: z.enum(['by_issuer', '45_days']).default('by_issuer'),
  midtrans_refund_amount: z.enum(['this_refund', 'cumulative']).default('this_refund'),
  midtrans_refund_confirmation_s: seconds.default(2),
  midtrans_night_refund_block: z.boolean().default(false),

  xendit_qr_text: z.enum(['emv', 'some-random-qr-string']).default('emv'),
  xendit_max_amount: z.union([z.literal(10_000_000), z.literal(20_000_000)]).default(10_000_000),
  xendit_requires_channel_properties: z.boolean().default(false),
  xendit_honours_expires_at: z.boolean().default(false),
  xendit_honours_idempotency_key: z.boolean().default(false),
  xendit_lookup_by_reference: z.boolean().default(false),
  xendit_requests_per_minute: perMinute.default(null),
  xendit_throttle_answer: z.enum(['http_429', 'http_400']).default('http_429'),
  xendit_duplicate_error_code: z.enum(['DUPLICATE_ERROR', 'DATA_NOT_FOUND']).default('DUPLICATE_ERROR'),
  xendit_magic_amounts: z.boolean().default(false),
  xendit_webhook_timeout_ms: z.number().int().min(1).max(60_000).default(30_000),
  xendit_retries_after_timeout: z.boolean().default(false),
  xendit_string_amounts: z.boolean().default(false),
  xendit_sparse_webhooks: z.boolean().default(false),
  xendit_odd_webhooks: z.boolean().default(false),
  xendit_double_nested_refunds: z.boolean().default(false),
  xendit_refund_window: z.enum(['7_days_partial', '30_days_full_only']).default('7_days_partial'),
  xendit_refund_duration_s: seconds.default(10),
  xendit_refund_failure: z
    .enum(['ACCOUNT_ACCESS_BLOCKED', 'ACCOUNT_NOT_FOUND', 'DUPLICATE_ERROR', 'INSUFFICIENT_BALANCE', 'REFUND_FAILED'])
    .nullable()
    .default(null),
  xendit_refundable_issuers: z.array(z.string()).default(['dana', 'shopeepay', 'ovo', 'gopay', 'permata', 'jenius', 'smbc', 'bsi']),
});

export type SwitchSettings = z.output<typeof switchesSchema>;

/** Changes to some switches. An unknown name is an error, because a misspelt switch would be ignored unnoticed. */
export const someSwitches = z.strictObject(
  Object.fromEntries(Object.entries(switchesSchema.shape).map(([name, setting]) => [name, setting.unwrap().optional()])) as {
    [Name in keyof SwitchSettings]: z.ZodOptional<ReturnType<(typeof switchesSchema.shape)[Name]['unwrap']>>;
  },
);

export type SomeSwitches = z.input<typeof someSwitches>;

/** The switches of one simulator. Read `current` at every use, so that a change takes effect at once. */
export class Switches {
  readonly #initial: SwitchSettings;
  #current: SwitchSettings;

  constructor(initial: SomeSwitches = {}) {
    this.#initial = switchesSchema.parse(initial);
    this.#current = this.#initial;
  }

  get current(): SwitchSettings {
    return this.#current;
  }

  set(changes: z.output<typeof someSwitches>): void {
    const defined = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    this.#current = switchesSchema.parse({ ...this.#current, ...defined });
  }

  reset(): void {
    this.#current = this.#initial;
  }
}
