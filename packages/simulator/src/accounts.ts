/** What the provider has set up for an account. Each may be wrong, as a new merchant finds it. */
export interface AccountSetup {
  /** False: QRIS is not activated. */
  isQrisActive: boolean;
  /** False: the caller's address is not on the account's list. */
  isAddressAllowed: boolean;
  /** The sub-accounts that `for-user-id` may name; null: any. */
  subAccounts: readonly string[] | null;
  /** The acquirers that are activated; null: all. */
  acquirers: readonly string[] | null;
  /** Keys that its calls may use beside its own, as while a merchant replaces a key. They sign no webhook. */
  furtherKeys: readonly string[];
}

/** One merchant account at Midtrans. */
export interface MidtransAccount extends AccountSetup {
  id: string;
  serverKey: string;
  merchantId: string;
  /** Where the account's webhooks are sent; null: none are sent. */
  notificationUrl: string | null;
}

/** One merchant account at Xendit. */
export interface XenditAccount extends AccountSetup {
  id: string;
  secretKey: string;
  /** Sent with every webhook in the header `x-callback-token`. */
  callbackToken: string;
  businessId: string;
  /** Where the account's webhooks are sent; null: none are sent. */
  notificationUrl: string | null;
}

/** The accounts of one provider. The key in the `Authorization` header of a call names its account. */
export class Accounts<Account extends { id: string; notificationUrl: string | null; furtherKeys: readonly string[] }> {
  readonly #keyOf: (account: Account) => string;
  readonly #byId = new Map<string, Account>();
  #byAuthorization = new Map<string, Account>();

  constructor(keyOf: (account: Account) => string, accounts: readonly Account[]) {
    this.#keyOf = keyOf;
    for (const account of accounts) this.put(account);
  }

  /** Adds an account, or replaces the one with the same id. A replaced key is refused from now on. */
  put(account: Account): void {
    this.#byId.set(account.id, account);
    const keysOf = (each: Account) => [this.#keyOf(each), ...each.furtherKeys];
    this.#byAuthorization = new Map(
      [...this.#byId.values()].flatMap((each) => keysOf(each).map((key) => [basicAuthorization(key), each] as const)),
    );
  }

  byId(id: string): Account | undefined {
    return this.#byId.get(id);
  }

  /** Basic authentication: the key is the user name, the password is empty. Null: no account has this key. Source: providers.md 2.1, 3.2. */
  identify(authorization: string | undefined): Account | null {
    return (authorization !== undefined && this.#byAuthorization.get(authorization)) || null;
  }

  all(): Account[] {
    return [...this.#byId.values()];
  }
}

const basicAuthorization = (key: string): string => `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
