import type { InboxId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import * as attempts from '../payments/attempts.ts';

type AttemptWithOrder = attempts.AttemptWithOrder;

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
  /** The poll slot that is reserved for its question to the provider. Null: none is. */
  questionAt: Date | null;
  /** No earlier webhook has reported this status of this charge. */
  isFirstReport: boolean;
}

/** The number of webhooks that are kept for one charge and one reported status. A charge has fewer: a report and its corrections, refunds. */
const maxPerReport = 20;
/** How long after its last verification a report that is sent again is verified again, milliseconds. */
const verifyAgainAfterMs = 60_000;

// `seat`: may a new row be stored? `$15`: may it name no attempt?
const storeIfSeat = `with seat as (
      select exists (select from gateway.attempts where reference = $6) as "isKnown",
        (select count(*) from (select from gateway.webhook_inbox where reference = $6 and reported_status is not distinct from $8 limit ${maxPerReport}) kept) < ${maxPerReport} as "isFree"),
    stored as (
      insert into gateway.webhook_inbox (provider, account, delivery_key, raw, headers, reference, provider_charge_id, reported_status, received_at, next_try_at,
        verdict, processed_at, refund_reference, provider_refund_id, unknown_event)
      select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, case when $11::text is null then null else $9::timestamptz end, $12, $13, $14
      from seat where seat."isFree" and (seat."isKnown" or $15)
      on conflict do nothing returning id)`;

/** The usual case: a webhook that was never received before. */
const insertNew: Statement = {
  name: 'inbox-insert',
  text: `${storeIfSeat} select (select id from stored) as id, seat."isKnown" from seat`,
};

// `again`: the row that a repeat makes due. That is the same webhook when it was parked, or when it may stand for something new: a refund
// has no status of its own, and other fields are not signed. Without a seat it is the newest row of the same report, which takes over what
// this webhook names, once a minute. So no report is lost, and none causes work without a limit.
const insertOrRepeat: Statement = {
  name: 'inbox-insert-or-repeat',
  text: `${storeIfSeat},
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
 * `stored`: a new row. `repeated`: it is kept already, or an earlier row stands for it. `refused`: there is no seat for it now, and nothing
 * was kept. `isKnown`: its reference is that of an attempt.
 */
export type StoreResult = { kind: 'stored'; id: InboxId; isKnown: boolean } | { kind: 'repeated' | 'refused'; isKnown: boolean };

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
  const { rows: inserted } = await db.query<{ id: InboxId | null; isKnown: boolean }>({ ...insertNew, values });
  const [row] = inserted;
  if (row && row.id !== null) return { kind: 'stored', id: row.id, isKnown: row.isKnown };
  const { rows } = await db.query<{ id: InboxId | null; isKnown: boolean; isRepeat: boolean }>({ ...insertOrRepeat, values });
  const { id, isKnown, isRepeat } = rows[0] as (typeof rows)[number]; // the statement always returns one row
  if (id !== null) return { kind: 'stored', id, isKnown };
  return { kind: isRepeat ? 'repeated' : 'refused', isKnown };
}

// The columns that an attempt has, too, have other names here.
const byId: Statement = {
  name: 'inbox-find',
  text: `select ${attempts.columnsWithOrder}, w.id, w.provider as "inboxProvider", w.account as "inboxAccount", w.reference as "inboxReference",
      w.provider_charge_id as "inboxChargeId", w.lease_no as "inboxLeaseNo", w.reported_status as "reportedStatus", w.refund_reference as "refundReference",
      w.provider_refund_id as "providerRefundId", w.unknown_event as "unknownEvent", w.received_at as "receivedAt", w.verdict, w.tries, w.processed_at as "processedAt",
      w.question_at as "questionAt", w.reported_status is not null and not exists (select from gateway.webhook_inbox earlier
        where earlier.reference = w.reference and earlier.reported_status = w.reported_status and earlier.id < w.id) as "isFirstReport"
    from gateway.webhook_inbox w left join gateway.attempts a on a.reference = w.reference left join gateway.payments p on p.id = a.payment_id
    where w.id = $1`,
};

type FoundRow = Omit<InboxRow, 'provider' | 'account' | 'reference' | 'providerChargeId' | 'leaseNo'> & {
  inboxProvider: string;
  inboxAccount: string;
  inboxReference: string | null;
  inboxChargeId: string | null;
  inboxLeaseNo: number;
} & { [Name in keyof AttemptWithOrder]: AttemptWithOrder[Name] | null };

/** A webhook, and the attempt whose reference it names; null for an attempt: there is none. Null: no such webhook. */
export async function find(db: Queryable, id: InboxId): Promise<{ webhook: InboxRow; attempt: AttemptWithOrder | null } | null> {
  const { rows } = await db.query<FoundRow>({ ...byId, values: [id] });
  if (!rows[0]) return null;
  const { reportedStatus, refundReference, providerRefundId, unknownEvent, receivedAt, ...more } = rows[0];
  const { verdict, tries, processedAt, questionAt, isFirstReport, ...others } = more;
  const { id: inboxId, inboxProvider, inboxAccount, inboxReference, inboxChargeId, inboxLeaseNo, ...attempt } = others;
  const webhook = {
    id: inboxId,
    provider: inboxProvider,
    account: inboxAccount,
    reference: inboxReference,
    providerChargeId: inboxChargeId,
    leaseNo: inboxLeaseNo,
    ...{ reportedStatus, refundReference, providerRefundId, unknownEvent, receivedAt },
    ...{ verdict, tries, processedAt, questionAt, isFirstReport },
  };
  return { webhook, attempt: attempt.paymentId === null ? null : (attempt as AttemptWithOrder) };
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
  text: `update gateway.webhook_inbox set verdict = $2, processed_at = $3, next_try_at = null, question_at = null where id = $1 and received_at = $4`,
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
  text: `update gateway.webhook_inbox set verdict = $2, next_try_at = $3, tries = tries + 1, question_at = null
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
  text: `update gateway.webhook_inbox set next_try_at = $2, question_at = case when $5 then $2::timestamptz end
    where id = $1 and received_at = $3 and lease_no = $4 and processed_at is null`,
};

/** Sets when the webhook is verified again. It does not count as a try: the provider has answered, and the host was busy. */
export function postpone(db: Queryable, row: Pick<InboxRow, 'id' | 'receivedAt' | 'leaseNo'>, nextTryAt: Date): Promise<unknown> {
  return postponeTo(db, row, nextTryAt, false);
}

/** Keeps the poll slot in which the provider is asked about the webhook. It does not count as a try. */
export function scheduleQuestion(db: Queryable, row: Pick<InboxRow, 'id' | 'receivedAt' | 'leaseNo'>, slot: Date): Promise<unknown> {
  return postponeTo(db, row, slot, true);
}

function postponeTo(
  db: Queryable,
  { id, receivedAt, leaseNo }: Pick<InboxRow, 'id' | 'receivedAt' | 'leaseNo'>,
  at: Date,
  isInSlot: boolean,
): Promise<unknown> {
  return db.query({ ...postponeById, values: [id, at, receivedAt, leaseNo, isInSlot] });
}

/** Whether a genuine webhook of this account about this reference was stored in this database. */
export async function wasReceived(
  db: Queryable,
  { provider, account, reference }: { provider: string; account: string; reference: string },
): Promise<boolean> {
  const text = 'select from gateway.webhook_inbox where reference = $1 and provider = $2 and account = $3 limit 1';
  return (await db.query({ text, values: [reference, provider, account] })).rowCount === 1;
}
