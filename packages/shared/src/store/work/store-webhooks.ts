import type { AttemptStatus, InboxId, OrderKey, PaymentId, StoreId, TenantId } from '../../payment/index.ts';
import { batched, columnsOf, type Queryable, type Statement } from '../../postgres/index.ts';
import type { WebhookVerdict } from './webhook-inbox.ts';

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

/** When no worker has verified a webhook by then, the sweep claims its row, milliseconds. */
export const verifyWithinMs = 3_000;

/** The number of webhooks that are kept for one charge and one reported status. A charge has fewer: a report and its corrections, refunds. */
const maxPerReport = 20;
/** How long after its last verification a report that is sent again is verified again, milliseconds. */
const verifyAgainAfterMs = 60_000;

/** How many reports of this status of a charge are kept, counted up to the limit. The arguments are SQL. */
const reportsKept = (reference: string, reportedStatus: string): string =>
  `(select count(*) from (select from gateway.webhook_inbox i where i.reference = ${reference} and i.reported_status is not distinct from ${reportedStatus} limit ${maxPerReport}) kept)`;

/**
 * The usual case: a webhook that was never received before. `named` is the attempt whose reference it names. It is looked up for each
 * webhook: of a plain join, PostgreSQL could read all attempts once.
 */
const insertNew: Statement = {
  name: 'inbox-insert',
  text: `with received as (
      select w.*, named.*, named."paymentId" is not null as "isKnown", ${reportsKept('w.reference', 'w.reported_status')} as kept
      from unnest($1::text[], $2::text[], $3::text[], $4::bytea[], $5::jsonb[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::text[],
          $12::text[], $13::text[], $14::text[], $15::boolean[])
        with ordinality as w (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at, verdict,
          refund_reference, provider_refund_id, unknown_event, may_be_unknown, n)
      left join lateral (
        select a.payment_id as "paymentId", a.no, a.status, a.provider = w.provider and a.account = w.account as "isOfAccount",
          a.provider_charge_id as "chargeId", p.order_key as "orderKey", p.tenant, p.store_id as "storeId"
        from gateway.attempts a join gateway.payments p on p.id = a.payment_id where a.reference = w.reference limit 1) named on true),
    stored as (
      insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
        verdict, processed_at, refund_reference, provider_refund_id, unknown_event)
      select provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
        verdict, case when verdict is null then null else received_at end, refund_reference, provider_refund_id, unknown_event
      from received where kept < ${maxPerReport} and ("isKnown" or may_be_unknown)
      on conflict do nothing returning id, provider, account, delivery_key)
    select stored.id, "isKnown", kept = 0 as "isFirstReport", "paymentId", no, status, "isOfAccount", "chargeId", "orderKey", tenant, "storeId"
    from received left join stored using (provider, account, delivery_key) order by n`,
};

// `seat`: may a new row be stored? `$15`: may it name no attempt? `again`: the row that a repeat makes due. That is the same webhook when it
// was parked, or when it may stand for something new: a refund has no status of its own, and other fields are not signed. Without a seat it
// is the newest row of the same report, which takes over what this webhook names, once a minute. So no report is lost, and none causes work
// without a limit.
const insertOrRepeat: Statement = {
  name: 'inbox-insert-or-repeat',
  text: `with seat as (select exists (select from gateway.attempts where reference = $6) as "isKnown", ${reportsKept('$6', '$8')} < ${maxPerReport} as "isFree"),
    stored as (
      insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
        verdict, processed_at, refund_reference, provider_refund_id, unknown_event)
      select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11::text is null then null else $9::timestamptz end, $12, $13, $14
      from seat where seat."isFree" and (seat."isKnown" or $15)
      on conflict do nothing returning id),
    same as (
      select id, verdict = 'parked' or (unknown_event is null and coalesce(reported_status, 'refunded') = 'refunded') as "mayBeNew"
      from gateway.webhook_inbox where provider = $1 and account = $2 and delivery_key = $3 and not exists (select from stored)
      order by id desc limit 1),
    again as (
      select id from same where "mayBeNew"
      union all
      (select w.id from gateway.webhook_inbox w, seat where w.reference = $6 and w.reported_status is not distinct from $8
        and seat."isKnown" and not seat."isFree" and not exists (select from same) order by w.id desc limit 1)),
    due as (
      update gateway.webhook_inbox w set processed_at = null, verdict = null, tries = 0, question_at = null,
        next_try_at = case verdict when 'parked' then $9 else greatest($9, processed_at + interval '${verifyAgainAfterMs} milliseconds') end,
        provider_charge_id = coalesce($7, provider_charge_id), refund_reference = $12, provider_refund_id = $13
      from again where w.id = again.id and w.processed_at is not null and w.verdict <> 'not_ours' and $11::text is null
      returning w.id)
    select (select id from stored) as id, seat."isKnown",
      (seat."isFree" and (seat."isKnown" or $15)) or exists (select from same) or exists (select from due) as "isRepeat" from seat`,
};

/**
 * A first report that an open charge is paid: which charge the provider is asked about, and where its money is written. None of it changes, so
 * a job may carry it.
 */
export interface PaidReport {
  receivedAt: Date;
  provider: string;
  account: string;
  reference: string;
  providerChargeId: string | null;
  paymentId: PaymentId;
  no: number;
  orderKey: OrderKey;
  tenant: TenantId;
  storeId: StoreId;
}

/**
 * `stored`: a new row. `repeated`: it is kept already, or an earlier row stands for it. `refused`: there is no seat for it now, and nothing
 * was kept. `isKnown`: its reference is that of an attempt. `paid`: it is a first report of money, and nothing else is to be read before the
 * provider is asked; null: the row tells what it is.
 */
export type StoreResult =
  | { kind: 'stored'; id: InboxId; isKnown: boolean; paid: PaidReport | null }
  | { kind: 'repeated' | 'refused'; isKnown: boolean };

const [deliveryKeyAt, referenceAt] = [2, 5]; // in the values of a webhook

/** What the insert answers. The fields of the attempt are null when the webhook names none. */
interface InsertedRow {
  id: InboxId | null;
  isKnown: boolean;
  isFirstReport: boolean;
  paymentId: PaymentId;
  no: number;
  status: AttemptStatus;
  isOfAccount: boolean;
  chargeId: string | null;
  orderKey: OrderKey;
  tenant: TenantId;
  storeId: StoreId;
}

/** Webhooks for one charge are not inserted together, because each takes one of its seats. */
const insert = batched<readonly unknown[], InsertedRow>({
  keyOf: (values) => (values[referenceAt] ?? values[deliveryKeyAt]) as string,
  ask: async (db, webhooks) => (await db.query<InsertedRow & Record<string, unknown>>({ ...insertNew, values: columnsOf(webhooks) })).rows,
});

/**
 * Stores a webhook with a valid signature. May run twice. A charge of ours has a seat for each report; what is kept and asked about one
 * charge is limited. One that was parked and is sent again becomes due: an operator at the provider's dashboard wants it looked into.
 * @param options.mayBeUnknown whether a webhook is stored whose reference belongs to no attempt of this database
 */
export async function store(db: Queryable, webhook: IncomingWebhook, { mayBeUnknown = true } = {}): Promise<StoreResult> {
  const values = [
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
    mayBeUnknown,
  ];
  const inserted = await insert(db, values);
  if (inserted.id !== null) return { kind: 'stored', id: inserted.id, isKnown: inserted.isKnown, paid: paidReport(webhook, inserted) };
  const { rows } = await db.query<{ id: InboxId | null; isKnown: boolean; isRepeat: boolean }>({ ...insertOrRepeat, values });
  const { id, isKnown, isRepeat } = rows[0] as (typeof rows)[number]; // the statement always returns one row
  if (id !== null) return { kind: 'stored', id, isKnown, paid: null };
  return { kind: isRepeat ? 'repeated' : 'refused', isKnown };
}

function paidReport(
  { provider, account, reference, providerChargeId, reportedStatus, refund, unknownEvent, receivedAt }: IncomingWebhook,
  { isFirstReport, isOfAccount, status, paymentId, no, chargeId, orderKey, tenant, storeId }: InsertedRow,
): PaidReport | null {
  const isMoney = reportedStatus === 'paid' && !refund && !unknownEvent;
  if (!isMoney || !isFirstReport || !isOfAccount || status !== 'open' || reference === null) return null;
  return {
    receivedAt,
    provider,
    account,
    reference,
    providerChargeId: chargeId ?? providerChargeId,
    paymentId,
    no,
    orderKey,
    tenant,
    storeId,
  };
}
