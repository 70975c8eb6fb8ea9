declare const brand: unique symbol;

/** Gives an id a type of its own, so that two ids cannot be passed in each other's place. At run time it stays a string or number. */
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** `pay_` and a ULID. */
export type PaymentId = Brand<string, 'PaymentId'>;
/** `ref_` and a ULID. */
export type RefundId = Brand<string, 'RefundId'>;
/** The id of one outlet, unique in the installation. */
export type StoreId = Brand<string, 'StoreId'>;
/** The id of one company in a host's database. */
export type TenantId = Brand<string, 'TenantId'>;
/** An order's id in the spelling that the host's `order.sql` returns. The `order_id` of a caller may be spelled differently. */
export type OrderKey = Brand<string, 'OrderKey'>;
/** The id of a row of `gateway.webhook_inbox`. */
export type InboxId = Brand<number, 'InboxId'>;
/** The id of a row of `gateway.host_writes`. */
export type HostWriteId = Brand<number, 'HostWriteId'>;

// Used where an id is made or enters the process: it is not checked here.
export const asPaymentId = (id: string): PaymentId => id as PaymentId;
export const asRefundId = (id: string): RefundId => id as RefundId;
export const asStoreId = (id: string): StoreId => id as StoreId;
export const asTenantId = (id: string): TenantId => id as TenantId;
export const asOrderKey = (key: string): OrderKey => key as OrderKey;
export const asInboxId = (id: number): InboxId => id as InboxId;
export const asHostWriteId = (id: number): HostWriteId => id as HostWriteId;
