import type { PaymentStatus } from '../payment/index.ts';

/** Where a store's kitchen and cashier listen. Fixed by the contract. */
export const orderChannel = (storeId: string): string => `order:channel:${storeId}`;

/** Rung after a commit that left something to tell. @param database the environment variable that names it */
export const bellChannel = (database: string): string => `gateway:bell:${database}`;

/** Where one api process hears what became of the charges it waits for. */
export const replyChannel = (apiProcess: string): string => `gateway:reply:${apiProcess}`;

/** What a worker says of a payment somebody waits for: only what has changed since the api wrote it. */
export interface ChargeReply {
  paymentId: string;
  status: PaymentStatus;
  version: number;
  qrString: string | null;
  shownAttempt: number | null;
  updatedAt: string;
  checkedAt: string | null;
}
