import { z } from 'zod';
import { paymentStatuses } from '../payment/index.ts';

/** Where the notifier publishes the events of one store. Clients subscribe to it: docs/screens.md. */
export const orderChannel = (storeId: string): string => `order:channel:${storeId}`;

/**
 * Published after a commit that wrote to the outbox, so that the relay looks at once. The message is empty.
 * @param database the environment variable that names the database
 */
export const wakeUpChannel = (database: string): string => `gateway:outbox:${database}`;

/** Where one api process receives the results of the charges that it waits for. */
export const replyChannel = (apiProcess: string): string => `gateway:reply:${apiProcess}`;

/** Where workers report the circuit breakers of accounts to each other. */
export const breakerChannel = 'gateway:breakers';

/** The poll slots of an account that are taken, shared by all processes. The braces keep both keys in one slot of a Redis Cluster. */
export const pollSlotsKey = (account: string): string => `gateway:poll-slots:{${account}}`;

/** The slots of the tenants and stores that wait for an account's budget. */
export const waitingStoresKey = (account: string): string => `gateway:poll-slots:{${account}}:waiting`;

/** The `BreakerUpdate` of a breaker that is open, for workers that start later. It expires `breakerUpdateTtlMs` after the reset time. */
export const breakerKey = ({ account, kind }: Pick<BreakerUpdate, 'account' | 'kind'>): string => `gateway:breaker:${account}:${kind}`;

/** How long the update of an open breaker is kept after its reset time: at night minutes may pass until the next call. */
export const breakerUpdateTtlMs = 10 * 60_000;

/** The `MisconfiguredNote` of an account, for the operator page. */
export const misconfiguredKey = (account: string): string => `gateway:refusal:${account}`;

/** How long the note stays: an account that was not refused again for so long is in order, or is not called. */
export const misconfiguredTtlMs = 5 * 60_000;

/** When a webhook of this account was last refused because its signature or token was wrong, in ISO 8601: for `accounts prove`. */
export const refusedWebhookKey = (account: string): string => `gateway:webhook-refused:${account}`;

/** How long that time is kept. */
export const refusedWebhookTtlMs = 10 * 60_000;

const timestamp = z.iso.datetime().transform((text) => new Date(text));

const chargeReply = z.object({
  paymentId: z.string(),
  status: z.enum(paymentStatuses),
  version: z.int(),
  qrString: z.string().nullable(),
  shownAttempt: z.int().nullable(),
  updatedAt: timestamp,
  checkedAt: timestamp.nullable(),
  /** What the provider took to make the QR, milliseconds. Absent when several were asked, and in replies that show no new QR. */
  providerMs: z.number().optional(),
});

/** The message of a worker to the api process that waits for a payment: the fields that change after the api wrote the payment. */
export type ChargeReply = z.output<typeof chargeReply>;

const breakerUpdate = z.object({
  /** `{provider}/{account}`; `{provider}/*` means each account of the provider. */
  account: z.string(),
  /** `create`: the calls that create a charge; `other`: all other calls. */
  kind: z.enum(['create', 'other']),
  opened: z.boolean(),
  /** When it opened, half-open phases included; null when it is not open. */
  since: timestamp.nullable(),
  /** When it becomes half-open; absent or null: after the usual reset timeout. */
  until: timestamp.nullish(),
  /** The worker process or the operator that publishes it. A worker ignores its own updates. */
  by: z.string(),
});

/** What one process has seen of an account's breaker. The others apply it, so that they do not lose charges of their own to learn it. */
export type BreakerUpdate = z.output<typeof breakerUpdate>;

const misconfiguredNote = z.object({ reason: z.string(), at: timestamp });

/** When and why a provider last rejected the credentials or the setup of an account. */
export type MisconfiguredNote = z.output<typeof misconfiguredNote>;

/** @throws SyntaxError, ZodError when the text is no such message. `JSON.stringify` makes one, with each Date in ISO 8601. */
export const parseChargeReply = (text: string): ChargeReply => chargeReply.parse(JSON.parse(text));
export const parseBreakerUpdate = (text: string): BreakerUpdate => breakerUpdate.parse(JSON.parse(text));
export const parseMisconfiguredNote = (text: string): MisconfiguredNote => misconfiguredNote.parse(JSON.parse(text));
