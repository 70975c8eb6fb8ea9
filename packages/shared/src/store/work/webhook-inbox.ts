import type { InboxId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

/**
 * The result of verifying a webhook. `contradicted`, `unknown_charge` and `unreachable` are retried, `parked` waits for an operator, and
 * the others are final.
 */
export type WebhookVerdict = 'applied' | 'duplicate' | 'stale' | 'not_ours' | 'parked' | 'contradicted' | 'unknown_charge' | 'unreachable';

/** A webhook with a valid signature, as it was received. */
export interface IncomingWebhook {
  provider: string;
  account: string;
  /** The same for every delivery of one webhook. */
  deliveryKey: string;
  raw: Buffer;
  headers: Record<string, string>;
  reference: string | null;
  providerChargeId: string | null;
  reportedStatus: string | null;
  /** The refund that the webhook names, if any. */
  refund?: { reference: string | null; providerRefundId: string | null } | null;
  /** The provider's own word for what happened, when the reader does not know it. */
  unknownEvent?: string | null;
  receivedAt: Date;
  /** When it is verified if its job is lost; null when it has a verdict already. */
  nextTryAt: Date | null;
  verdict?: WebhookVerdict;
}

/** One row of `gateway.webhook_inbox`, without the raw bytes. */
export interface InboxRow {
  id: InboxId;
  provider: string;
  account: string;
  reference: string | null;
  providerChargeId: string | null;
  reportedStatus: string | null;
  refundReference: string | null;
  providerRefundId: string | null;
  unknownEvent: string | null;
  receivedAt: Date;
  verdict: WebhookVerdict | null;
  /** How often it was rescheduled since it was received or replayed. */
  tries: number;
  leaseNo: number;
  processedAt: Date | null;
}

const insertOnce: Statement = {
  name: 'inbox-insert',
  text: `with stored as (
      insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
        verdict, processed_at, refund_reference, provider_refund_id, unknown_event)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11::text is null then null else $9::timestamptz end, $12, $13, $14)
      on conflict do nothing returning id),
    unparked as (
      update gateway.webhook_inbox set processed_at = null, verdict = null, tries = 0, next_try_at = $9
      where verdict = 'parked' and processed_at is not null and provider = $1 and account = $2 and delivery_key = $3 and not exists (select from stored))
    select id from stored`,
};

/**
 * Stores a webhook with a valid signature. May run twice. One that was parked and is sent again becomes due: an operator at the provider's
 * dashboard wants it looked into. @returns the row's id; null when this webhook is stored already
 */
export async function store(db: Queryable, webhook: IncomingWebhook): Promise<InboxId | null> {
  const { rows } = await db.query<{ id: InboxId }>({
    ...insertOnce,
    values: [
      webhook.provider,
      webhook.account,
      webhook.deliveryKey,
      webhook.raw,
      JSON.stringify(webhook.headers),
      webhook.reference,
      webhook.providerChargeId,
      webhook.reportedStatus,
      webhook.receivedAt,
      webhook.nextTryAt,
      webhook.verdict ?? null,
      webhook.refund?.reference ?? null,
      webhook.refund?.providerRefundId ?? null,
      webhook.unknownEvent ?? null,
    ],
  });
  return rows[0]?.id ?? null;
}

const byId: Statement = {
  name: 'inbox-find',
  text: `select id, provider, account, reference, provider_charge_id as "providerChargeId", reported_status as "reportedStatus", refund_reference as "refundReference",
      provider_refund_id as "providerRefundId", unknown_event as "unknownEvent", received_at as "receivedAt", verdict, tries, lease_no as "leaseNo", processed_at as "processedAt" from gateway.webhook_inbox where id = $1`,
};

/** Null: no such webhook. */
export async function find(db: Queryable, id: InboxId): Promise<InboxRow | null> {
  const { rows } = await db.query<InboxRow>({ ...byId, values: [id] });
  return rows[0] ?? null;
}

const anotherOfPayment: Statement = {
  name: 'inbox-another-paid',
  text: `select exists (select from gateway.webhook_inbox where reference = $2 and reported_status = 'paid' and id <> $1 and processed_at is not null and verdict <> 'not_ours') as found`,
};

/** Whether another webhook has reported the payment of this charge before: two with different delivery keys may be two payments. */
export async function isPaidTwice(db: Queryable, { id, reference }: Pick<InboxRow, 'id' | 'reference'>): Promise<boolean> {
  const { rows } = await db.query<{ found: boolean }>({ ...anotherOfPayment, values: [id, reference] });
  return rows[0]?.found ?? false;
}

const concludeById: Statement = {
  name: 'inbox-conclude',
  text: `update gateway.webhook_inbox set verdict = $2, processed_at = $3, next_try_at = null where id = $1 and received_at = $4`,
};

/** Records the final verdict: the webhook is not due any more. May run twice. */
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
  text: `update gateway.webhook_inbox set verdict = $2, next_try_at = $3, tries = tries + 1
    where id = $1 and received_at = $4 and lease_no = $5 and processed_at is null`,
};

/**
 * Records the verdict of this try; the webhook is verified again at `nextTryAt`.
 * @returns false when the row has a newer lease number or a final verdict, and nothing was recorded
 */
export async function reschedule(
  db: Queryable,
  { id, receivedAt, leaseNo }: Pick<InboxRow, 'id' | 'receivedAt' | 'leaseNo'>,
  verdict: WebhookVerdict,
  nextTryAt: Date,
): Promise<boolean> {
  const { rowCount } = await db.query({ ...rescheduleById, values: [id, verdict, nextTryAt, receivedAt, leaseNo] });
  return rowCount === 1;
}

const postponeById: Statement = {
  name: 'inbox-postpone',
  text: `update gateway.webhook_inbox set next_try_at = $2 where id = $1 and received_at = $3 and lease_no = $4 and processed_at is null`,
};

/** Sets when the webhook is verified again. It does not count as a try: the provider has answered, and the host was busy. */
export function postpone(
  db: Queryable,
  { id, receivedAt, leaseNo }: Pick<InboxRow, 'id' | 'receivedAt' | 'leaseNo'>,
  nextTryAt: Date,
): Promise<unknown> {
  return db.query({ ...postponeById, values: [id, nextTryAt, receivedAt, leaseNo] });
}
