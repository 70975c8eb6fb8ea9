import type { AccountSetup, MidtransAccount, XenditAccount } from './accounts.ts';

/** An account that the provider has set up completely. */
export const completeSetup: AccountSetup = {
  isQrisActive: true,
  isAddressAllowed: true,
  subAccounts: null,
  acquirers: null,
  furtherKeys: [],
};

/** A Midtrans account as a test or `config.ts` states it. An omitted field gets its default below. */
export interface MidtransAccountOptions {
  id?: string;
  serverKey?: string;
  merchantId?: string;
  notificationUrl?: string | null | undefined;
}

/** A Xendit account as a test or `config.ts` states it. An omitted field gets its default below. */
export interface XenditAccountOptions {
  id?: string;
  secretKey?: string;
  callbackToken?: string;
  businessId?: string;
  notificationUrl?: string | null | undefined;
}

/** The accounts of both providers. A provider without accounts gets one with the id `default`. */
export interface AccountOptions {
  midtrans?: readonly MidtransAccountOptions[];
  xendit?: readonly XenditAccountOptions[];
}

/** Invented credentials of the documented form, for accounts that state none. Source: providers.md 2.1, 3.2. */
export const inventedKeys = {
  midtransServerKey: 'SB-Mid-server-DOCSONLY-0000000000000001',
  xenditSecretKey: 'xnd_development_DOCSONLY0000000001',
  xenditCallbackToken: 'callback-token-DOCSONLY-0001',
} as const;

export const defaultMerchantId = 'G000000001';
export const defaultBusinessId = '5f27a14a9bf05c73dd040bc8';

export const midtransAccount = (options: MidtransAccountOptions): MidtransAccount => ({
  id: options.id ?? 'default',
  serverKey: options.serverKey ?? inventedKeys.midtransServerKey,
  merchantId: options.merchantId ?? defaultMerchantId,
  ...completeSetup,
  notificationUrl: options.notificationUrl ?? null,
});

export const xenditAccount = (options: XenditAccountOptions): XenditAccount => ({
  id: options.id ?? 'default',
  secretKey: options.secretKey ?? inventedKeys.xenditSecretKey,
  callbackToken: options.callbackToken ?? inventedKeys.xenditCallbackToken,
  businessId: options.businessId ?? defaultBusinessId,
  ...completeSetup,
  notificationUrl: options.notificationUrl ?? null,
});
