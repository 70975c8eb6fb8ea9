/** The steps of `accounts prove`, in their order. */
export const stepNames = ['credentials', 'clock', 'mode', 'qris', 'charge', 'qr', 'cancel', 'webhook'] as const;
export type StepName = (typeof stepNames)[number];

export interface ProofStep {
  step: StepName;
  /** `skipped`: it was not tried, because an earlier one failed, or because it is not possible. */
  verdict: 'proven' | 'failed' | 'skipped';
  /** What was observed. */
  detail: string;
  /** What to do; null when nothing is to be done. */
  advice: string | null;
}

/** Why an account does not work, and what to do. The name is for machines. */
export const causes = {
  wrong_key: 'The provider does not know this key. Copy it again from the dashboard of this mode, then: ops -- accounts rotate.',
  wrong_mode: 'The key belongs to the other mode. Use the key of this mode, or add the account again with the other --mode.',
  callback_token_wrong:
    'The provider signs its webhooks with another secret. Copy the token from the dashboard of this mode, then: ops -- accounts rotate.',
  callback_not_registered:
    'The provider sent no webhook. Register the address that ops -- accounts show prints at the provider, for payments of QRIS, in this mode.',
  address_unreachable:
    'The webhook address cannot be reached. Check PUBLIC_URL, its DNS name, the proxy and the firewall: the provider calls it from the internet.',
  address_tls:
    'The certificate of the webhook address is not accepted. Check that it is valid, complete with its chain, and for this name.',
  address_not_ours: 'PUBLIC_URL is not answered by this gateway, or its processes do not know the account: they need the same MASTER_KEYS.',
  provider_tls: 'No TLS connection to the provider could be made. Check the base URL, the proxy, and NODE_EXTRA_CA_CERTS.',
  provider_unreachable:
    'The provider cannot be reached, or answers too slowly. Check the base URL, DNS, the firewall and the proxy of this machine.',
  qris_not_active: 'QRIS is not activated for this account and mode. Apply for it in the dashboard, or ask the provider.',
  ip_not_allowed: 'The provider refuses the address of this machine. Add it to the allow-list in the dashboard, or remove the list.',
  clock_skewed: 'The clocks differ. Turn on NTP on this machine.',
  wrong_acquirer: 'Add the account again with an acquirer that is active for it: --acquirer.',
  sub_account_unknown: 'The provider does not know the sub-account for this key. Check the id in the dashboard: --for-user-id.',
  rate_limited: 'The provider limits the calls of this account. Wait some minutes, and ask what else uses the key.',
  account_refused: 'The provider refuses the account. Its dashboard, or its support, says why.',
  charge_failed: 'The provider made no usable charge. Try again; if it stays so, ask its support with the time of this run.',
  not_confirmed: 'Run it again and confirm, or give --yes.',
} as const satisfies Record<string, string>;

export type Cause = keyof typeof causes;

/** A step found the cause. */
export class NotProven extends Error {
  override readonly name = 'NotProven';
  readonly step: StepName;
  readonly reason: Cause;
  readonly detail: string;

  constructor(step: StepName, reason: Cause, detail: string) {
    super(detail);
    this.step = step;
    this.reason = reason;
    this.detail = detail;
  }
}
