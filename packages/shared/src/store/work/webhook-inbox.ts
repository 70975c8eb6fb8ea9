import type { Queryable, Statement } from '../../postgres/index.ts';

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
  reportedStatus: string | null;
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
  reportedStatus: string | null;
  refundReference: string | null;
  providerRefundId: string | null;
  receivedAt: Date;
  verdict: WebhookVerdict | null;
  tries: number;
  /** How often it was claimed. */
  leaseNo: number;
  processedAt: Date | null;
}

const insertOnce: Statement = {
  name: 'inbox-insert',
  text: `insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
      verdict, processed_at, refund_reference, provider_refund_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11::text is null then null else $9::timestamptz end, $12, $13)
    on conflict do nothing returning id`,
};

/** Keeps a genuine webhook. Null when the same news has been kept before. */
export async function store(db: Queryable, webhook: IncomingWebhook): Promise<number | null> {
  const w = webhook;
  const { rows } = await db.query<{ id: number }>({
    ...insertOnce,
    values: [
      w.provider,
      w.account,
      w.deliveryKey,
      w.raw,
      JSON.stringify(w.headers),
      w.reference,
      w.providerChargeId,
      w.reportedStatus,
      w.receivedAt,
      w.nextTryAt,
      w.verdict ?? null,
      w.refund?.reference ?? null,
      w.refund?.providerRefundId ?? null,
    ],
  });
  return rows[0]?.id ?? null;
}

const byId: Statement = {
  name: 'inbox-find',
  text: `select id, provider, account, reference, provider_charge_id as "providerChargeId", reported_status as "reportedStatus", refund_reference as "refundReference",
      provider_refund_id as "providerRefundId", received_at as "receivedAt", verdict, tries, lease_no as "leaseNo", processed_at as "processedAt" from gateway.webhook_inbox where id = $1`,
};

export async function find(db: Queryable, id: number): Promise<InboxRow | null> {
  const { rows } = await db.query<InboxRow>({ ...byId, values: [id] });
  return rows[0] ?? null;
}

const concludeById: Statement = {
  name: 'inbox-conclude',
  text: `update gateway.webhook_inbox set verdict = $2, processed_at = $3, next_try_at = null where id = $1 and received_at = $4`,
};

/** It has come to its end. */
export function conclude(
  db: Queryable,
  { id, receivedAt }: Pick<InboxRow, 'id' | 'receivedAt'>,
  verdict: WebhookVerdict,
  at: Date,
): Promise<unknown> {
  return db.query({ ...concludeById, values: [id, verdict, at, receivedAt] });
}

const rescheduleById: Statement = {
  name: 'inbox-reschedule',
  text: `update gateway.webhook_inbox set verdict = $2, next_try_at = $3, tries = tries + 1 where id = $1 and received_at = $4`,
};

/** It could not be settled yet; tried again at `nextTryAt`. */
export function reschedule(
  db: Queryable,
  { id, receivedAt }: Pick<InboxRow, 'id' | 'receivedAt'>,
  verdict: WebhookVerdict,
  nextTryAt: Date,
): Promise<unknown> {
  return db.query({ ...rescheduleById, values: [id, verdict, nextTryAt, receivedAt] });
}
