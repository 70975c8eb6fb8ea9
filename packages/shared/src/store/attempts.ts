import type { AttemptStatus, Rupiah } from '../payment/index.ts';
import type { Statement } from './database.ts';
import { type Payment, paymentColumns } from './payments.ts';
import type { Queryable } from './queryable.ts';

/** One row of `gateway.attempts`: one try at one provider. */
export interface AttemptRow {
  paymentId: string;
  no: number;
  provider: string;
  account: string;
  reference: string;
  providerChargeId: string | null;
  status: AttemptStatus;
  reason: string | null;
  paid: Rupiah | null;
  accepted: boolean;
  issuer: string | null;
  receipt: string | null;
  paidAt: Date | null;
  resolveAt: Date | null;
  resolves: number;
  startedAt: Date;
  answeredAt: Date | null;
}

const columns = `a.payment_id as "paymentId", a.no, a.provider, a.account, a.reference, a.provider_charge_id as "providerChargeId", a.status, a.reason,
  a.paid_idr as paid, a.accepted, a.issuer, a.receipt, a.paid_at as "paidAt", a.resolve_at as "resolveAt", a.resolves, a.started_at as "startedAt", a.answered_at as "answeredAt"`;

const ofPayment: Statement = {
  name: 'attempts-of-payment',
  text: `select ${columns} from gateway.attempts a where a.payment_id = $1 order by a.no`,
};

export async function attemptsOf(db: Queryable, paymentId: string): Promise<AttemptRow[]> {
  const { rows } = await db.query<AttemptRow>({ ...ofPayment, values: [paymentId] });
  return rows;
}

const toCharge: Statement = {
  name: 'payment-to-charge',
  text: `select ${paymentColumns}, (select count(*) from gateway.attempts a where a.payment_id = p.id) as made,
      exists (select from gateway.attempts a where a.payment_id = p.id and a.status = 'sending') as sending
    from gateway.payments p where p.id = $1`,
};

/** A payment with how many attempts were made for it before, and whether one of them is still on its way as far as anybody knows. */
export async function findPaymentToCharge(
  db: Queryable,
  id: string,
): Promise<{ payment: Payment; attempts: { made: number; sending: boolean } } | null> {
  const { rows } = await db.query<Payment & { made: number; sending: boolean }>({ ...toCharge, values: [id] });
  if (!rows[0]) return null;
  const { made, sending, ...payment } = rows[0];
  return { payment, attempts: { made, sending } };
}

/** An attempt, and whose order it is for. */
export interface AttemptOfOrder extends AttemptRow {
  orderKey: string;
  tenant: string;
  storeId: string;
}

const byReference: Statement = {
  name: 'attempt-by-reference',
  text: `select ${columns}, p.order_key as "orderKey", p.tenant, p.store_id as "storeId"
    from gateway.attempts a join gateway.payments p on p.id = a.payment_id where a.reference = $1`,
};

export async function findAttempt(db: Queryable, reference: string): Promise<AttemptOfOrder | null> {
  const { rows } = await db.query<AttemptOfOrder>({ ...byReference, values: [reference] });
  return rows[0] ?? null;
}

const begin: Statement = {
  name: 'attempt-begin',
  text: `with mine as (
      update gateway.payments set check_at = $8 where id = $1 and claims = $9 and status = 'created' and cancel_requested_at is null and expires_at > $6
      returning id, reference)
    insert into gateway.attempts (payment_id, no, provider, account, reference, status, started_at, resolve_at)
    select id, $2, $3, $4, reference || $5, 'sending', $6, $7 from mine
    returning reference`,
};

export interface AttemptStart {
  paymentId: string;
  no: number;
  provider: string;
  account: string;
  /** The claim of the job that asks. */
  claim: number;
  at: Date;
  /** When it must be looked for if nobody has said how it ended. */
  resolveAt: Date;
  /** Until then nobody else takes the payment over. */
  leaseUntil: Date;
}

/**
 * Writes down that we are about to ask, before we ask: whoever dies in the call is found by `resolve_at`.
 * @returns its reference; null when the payment is no longer ours to make (claimed anew, cancelled, expired, done).
 */
export async function beginAttempt(db: Queryable, start: AttemptStart): Promise<string | null> {
  const { paymentId, no, provider, account, at, resolveAt, leaseUntil, claim } = start;
  const { rows } = await db.query<{ reference: string }>({
    ...begin,
    values: [paymentId, no, provider, account, `-${no}`, at, resolveAt, leaseUntil, claim],
  });
  return rows[0]?.reference ?? null;
}

const conclude: Statement = {
  name: 'attempt-conclude',
  text: `update gateway.attempts set status = $3, reason = $4, provider_charge_id = coalesce($5, provider_charge_id), answered_at = $6, resolve_at = $7
    where payment_id = $1 and no = $2 and status in ('sending', 'unknown', 'open')`,
};

export interface AttemptEnd {
  paymentId: string;
  no: number;
  status: AttemptStatus;
  reason: string | null;
  providerChargeId?: string | null;
  at: Date;
  /** When it must be looked for; null when there is nothing left to find. */
  resolveAt: Date | null;
}

/** Writes down how an attempt ended. Never moves one that is paid, or closed already. */
export function concludeAttempt(db: Queryable, end: AttemptEnd): Promise<unknown> {
  return db.query({
    ...conclude,
    values: [end.paymentId, end.no, end.status, end.reason, end.providerChargeId ?? null, end.at, end.resolveAt],
  });
}

const abandon: Statement = {
  name: 'attempts-abandon',
  text: `update gateway.attempts set status = 'unknown', reason = 'worker_lost', resolve_at = $2 where payment_id = $1 and status = 'sending' and no <= $3`,
};

/** What a worker that is gone was asking when it went: it may have left a charge behind. */
export function abandonSending(db: Queryable, paymentId: string, upToNo: number, at: Date): Promise<unknown> {
  return db.query({ ...abandon, values: [paymentId, at, upToNo] });
}

const save: Statement = {
  name: 'attempt-save',
  text: `update gateway.attempts set status = $3, provider_charge_id = $4, paid_idr = $5, paid_at = $6, accepted = $7, issuer = $8, receipt = $9,
      answered_at = $10, resolve_at = $11
    where payment_id = $1 and no = $2`,
};

/** Writes an attempt as it is now. The caller holds its payment's lock. */
export function saveAttempt(trx: Queryable, a: AttemptRow): Promise<unknown> {
  return trx.query({
    ...save,
    values: [a.paymentId, a.no, a.status, a.providerChargeId, a.paid, a.paidAt, a.accepted, a.issuer, a.receipt, a.answeredAt, a.resolveAt],
  });
}

const takeDown: Statement = {
  name: 'attempts-take-down',
  text: `update gateway.attempts set resolve_at = $3 where payment_id = $1 and no <> $2 and status in ('sending', 'open', 'unknown')`,
};

/** Asks that every other charge of this payment be cancelled: one of them has been paid. */
export function takeDownOthers(trx: Queryable, { paymentId, no }: Pick<AttemptRow, 'paymentId' | 'no'>, at: Date): Promise<unknown> {
  return trx.query({ ...takeDown, values: [paymentId, no, at] });
}

const one: Statement = { name: 'attempt-one', text: `select ${columns} from gateway.attempts a where a.payment_id = $1 and a.no = $2` };

export async function attemptNo(db: Queryable, paymentId: string, no: number): Promise<AttemptRow | null> {
  const { rows } = await db.query<AttemptRow>({ ...one, values: [paymentId, no] });
  return rows[0] ?? null;
}

const postpone: Statement = {
  name: 'attempt-postpone',
  text: `update gateway.attempts set resolve_at = $3, status = case status when 'sending' then 'unknown' else status end,
      reason = case status when 'sending' then 'no_answer' else reason end
    where payment_id = $1 and no = $2 and date_trunc('milliseconds', resolve_at) = $4`,
};

/**
 * Says when to look for it again. One whose caller never said how it ended is unknown from now on.
 * @param attempt as the caller read it before it asked: whoever wants it taken down meanwhile knows better when
 */
export function lookForAgain(
  db: Queryable,
  { paymentId, no, resolveAt }: Pick<AttemptRow, 'paymentId' | 'no' | 'resolveAt'>,
  at: Date,
): Promise<unknown> {
  return db.query({ ...postpone, values: [paymentId, no, at, resolveAt] });
}
