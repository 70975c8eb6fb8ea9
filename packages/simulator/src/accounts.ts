/** One merchant account at Midtrans. */
export interface MidtransAccount {
  id: string;
  serverKey: string;
  merchantId: string;
  /** Where its notifications go; null: nowhere. */
  notificationUrl: string | null;
}

/** One merchant account at Xendit. */
export interface XenditAccount {
  id: string;
  secretKey: string;
  /** What every webhook carries in `x-callback-token`. */
  callbackToken: string;
  businessId: string;
  notificationUrl: string | null;
}

/** The accounts of one provider, found by the key they call with. */
export class Accounts<Account extends { id: string; notificationUrl: string | null }> {
  readonly #keyOf: (account: Account) => string;
  readonly #byId = new Map<string, Account>();
  #byAuthorization = new Map<string, Account>();

  constructor(keyOf: (account: Account) => string, accounts: readonly Account[]) {
    this.#keyOf = keyOf;
    for (const account of accounts) this.put(account);
  }

  /** Adds an account, or replaces it: a rotated key is refused from now on. */
  put(account: Account): void {
    this.#byId.set(account.id, account);
    this.#byAuthorization = new Map([...this.#byId.values()].map((each) => [basicAuthorization(this.#keyOf(each)), each]));
  }

  byId(id: string): Account | undefined {
    return this.#byId.get(id);
  }

  /** Basic authentication with the key as user and an empty password. Source: providers.md 2.1, 3.2. */
  identify(authorization: string | undefined): Account | null {
    return (authorization !== undefined && this.#byAuthorization.get(authorization)) || null;
  }

  all(): Account[] {
    return [...this.#byId.values()];
  }
}

const basicAuthorization = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
