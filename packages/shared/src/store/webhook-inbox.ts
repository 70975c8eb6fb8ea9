import type { Statement } from './database.ts';
import type { Queryable } from './queryable.ts';

/** What a webhook came to. All but the last four are final. */
export type WebhookVerdict = 'applied' | 'duplicate' | 'stale' | 'not_ours' | 'parked' | 'contradicted' | 'unknown_charge' | 'unreachable';

export interface IncomingWebhook {
  provider: string;
  account: string;
  deliveryKey: string;
  raw: Buffer;
  headers: Record<string, string>;
  reference: string | null;
  providerChargeId: string | null;
  claims: string | null;
  /** The refund it is about, where it names one. */
  refund?: { reference: string | null; providerRefundId: string | null } | null;
  receivedAt: Date;
  /** When it is looked at again should its job be lost; null when it is concluded already. */
  nextTryAt: Date | null;
  verdict?: WebhookVerdict;
}

export interface InboxRow {
  id: number;
  provider: string;
  account: string;
  reference: string | null;
  providerChargeId: string | null;
  claims: string | null;
  refundReference: string | null;
  providerRefundId: string | null;
  receivedAt: Date;
  verdict: WebhookVerdict | null;
  tries: number;
  /** How often it was claimed. */
  claimsTaken: number;
  processedAt: Date | null;
}

const insert: Statement = {
  name: 'inbox-insert',
  text: `insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, claims, received_at, next_try_at,
      verdict, processed_at, refund_reference, provider_refund_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11::text is null then null else $9::timestamptz end, $12, $13)
    on conflict do nothing returning id`,
};

/** Keeps a genuine webhook. Null when the same news has been kept before. */
export async function keepWebhook(db: Queryable, webhook: IncomingWebhook): Promise<number | null> {
  const w = webhook;
  const { rows } = await db.query<{ id: number }>({
    ...insert,
    values: [
      w.provider,
      w.account,
      w.deliveryKey,
      w.raw,
      JSON.stringify(w.headers),
      w.reference,
      w.providerChargeId,
      w.claims,
      w.receivedAt,
      w.nextTryAt,
      w.verdict ?? null,
      w.refund?.reference ?? null,
      w.refund?.providerRefundId ?? null,
    ],
  });
  return rows[0]?.id ?? null;
}

const find: Statement = {
  name: 'inbox-find',
  text: `select id, provider, account, reference, provider_charge_id as "providerChargeId", claims, refund_reference as "refundReference",
      provider_refund_id as "providerRefundId", received_at as "receivedAt", verdict, tries, claims_taken as "claimsTaken", processed_at as "processedAt" from gateway.webhook_inbox where id = $1`,
};

export async function findWebhook(db: Queryable, id: number): Promise<InboxRow | null> {
  const { rows } = await db.query<InboxRow>({ ...find, values: [id] });
  return rows[0] ?? null;
}

const conclude: Statement = {
  name: 'inbox-conclude',
  text: `update gateway.webhook_inbox set verdict = $2, processed_at = $3, next_try_at = null where id = $1 and received_at = $4`,
};

/** It has come to its end. */
export function concludeWebhook(
  db: Queryable,
  { id, receivedAt }: Pick<InboxRow, 'id' | 'receivedAt'>,
  verdict: WebhookVerdict,
  at: Date,
): Promise<unknown> {
  return db.query({ ...conclude, values: [id, verdict, at, receivedAt] });
}

const postpone: Statement = {
  name: 'inbox-postpone',
  text: `update gateway.webhook_inbox set verdict = $2, next_try_at = $3, tries = tries + 1 where id = $1 and received_at = $4`,
};

/** It could not be settled yet; tried again at `nextTryAt`. */
export function postponeWebhook(
  db: Queryable,
  { id, receivedAt }: Pick<InboxRow, 'id' | 'receivedAt'>,
  verdict: WebhookVerdict,
  nextTryAt: Date,
): Promise<unknown> {
  return db.query({ ...postpone, values: [id, verdict, nextTryAt, receivedAt] });
}
