import type { InboxId } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';
import * as attempts from '../payments/attempts.ts';

export { type IncomingWebhook, type PaidReport, type StoreResult, store, verifyWithinMs } from './store-webhooks.ts';

type AttemptWithOrder = attempts.AttemptWithOrder;

/**
 * The result of verifying a webhook. `contradicted`, `unknown_charge` and `unreachable` are retried, `parked` waits for an operator, and
 * the others are final.
 */
export type WebhookVerdict = 'applied' | 'duplicate' | 'stale' | 'not_ours' | 'parked' | 'contradicted' | 'unknown_charge' | 'unreachable';

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

/** A webhook, and the attempt whose reference it names; null for an attempt: there is none. */
interface FoundWebhook {
  webhook: InboxRow;
  attempt: AttemptWithOrder | null;
}

/** Null: no such webhook. */
export async function find(db: Queryable, id: InboxId): Promise<FoundWebhook | null> {
  const { rows } = await db.query<FoundRow & Record<string, unknown>>({ ...byId, values: [id] });
  return rows[0] ? foundWebhook(rows[0]) : null;
}

function foundWebhook(row: FoundRow): FoundWebhook {
  const { reportedStatus, refundReference, providerRefundId, unknownEvent, receivedAt, ...more } = row;
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
  text: `update gateway.webhook_inbox set verdict = $2, processed_at = $3, next_try_at = null, question_at = null
    where id = $1 and received_at = $4 and processed_at is null`,
};

/** Records the final verdict: the webhook is not due any more. May run twice: the first verdict stays. */
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
