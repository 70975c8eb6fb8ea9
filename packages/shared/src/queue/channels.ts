import type { PaymentStatus } from '../payment/index.ts';

/** Where a store's kitchen and cashier listen. Fixed by the contract. */
export const orderChannel = (storeId: string): string => `order:channel:${storeId}`;

/** Rung after a commit that left something to tell. @param database the environment variable that names it */
export const wakeUpChannel = (database: string): string => `gateway:outbox:${database}`;

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

/** What one process has learned of an account's breaker, told to the others: they need not learn it at the expense of their own tills. */
export interface BreakerUpdate {
  /** `{provider}/{account}`; `{provider}/*` is each of its accounts. */
  account: string;
  /** Making charges, or all else. */
  kind: 'create' | 'other';
  opened: boolean;
  /** Since when it is open, ISO 8601; null when it is not. */
  since: string | null;
  /** Until when it is left alone, ISO 8601; absent: as long as usual. */
  until?: string | null;
  /** Who says so: it need not be told. */
  by: string;
}

export const breakerChannel = 'gateway:breakers';

/** Holds which moments of an account are taken by a question: all workers keep within what it allows. */
export const pollSlotsKey = (account: string): string => `gateway:poll-slots:${account}`;

/** Holds the `BreakerNews` of a breaker that is open, for whoever starts meanwhile; gone by itself soon after nobody says it is open. */
export const breakerKey = ({ account, kind }: Pick<BreakerUpdate, 'account' | 'kind'>): string => `gateway:breaker:${account}:${kind}`;

/** Holds why and when an account last refused our credentials or set-up: for the operators' page. */
export const misconfiguredKey = (account: string): string => `gateway:refusal:${account}`;

/** A refusal that is not repeated for so long is over, or nobody asks there. */
export const misconfiguredTtlMs = 5 * 60_000;

/** For how long after its rest news of an open breaker is kept: at night, nobody may ask the provider for minutes. */
export const breakerUpdateTtlMs = 10 * 60_000;
