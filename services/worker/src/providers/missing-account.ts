import { ProviderMisconfigured, QrisProvider } from '@gateway/shared/provider';

/** The `reason` of every failed call to an account that left the configuration. */
export const notConfigured = 'account_not_configured';

/**
 * The provider of an account that left the configuration. Every call fails, and sends nothing: no other account knows the charge. The
 * jobs then treat the account like a provider that refuses its credentials, so that each of its payments ends.
 */
export class MissingAccount extends QrisProvider {
  /** Paced like a live account, which is polled more rarely. */
  constructor(provider: string, id: string) {
    super({ provider, id, baseUrl: '', mode: 'live', secretKey: '', webhookSecrets: [] });
  }

  readonly #refuse = (): Promise<never> => {
    const { provider, id } = this.account;
    return Promise.reject(new ProviderMisconfigured(notConfigured, `account ${id} of ${provider} is not configured any more`));
  };
  createCharge = this.#refuse;
  findCharge = this.#refuse;
  cancelCharge = this.#refuse;
  refundCharge = this.#refuse;
  findRefund = this.#refuse;

  override async close(): Promise<void> {}
}
