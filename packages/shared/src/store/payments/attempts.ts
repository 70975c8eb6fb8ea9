import type { Attempt, AttemptStatus } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

const columns = `a.payment_id as "paymentId", a.no, a.provider, a.account, a.reference, a.provider_charge_id as "providerChargeId", a.status, a.reason,
  a.paid_idr as paid, a.accepted, a.issuer, a.receipt, a.paid_at as "paidAt", a.resolve_at as "resolveAt", a.lease_no as "leaseNo", a.started_at as "startedAt", a.answered_at as "answeredAt"`;

const byPayment: Statement = {
  name: 'attempts-of-payment',
  text: `select ${columns} from gateway.attempts a where a.payment_id = $1 order by a.no`,
};

export async function ofPayment(db: Queryable, paymentId: string): Promise<Attempt[]> {
  const { rows } = await db.query<Attempt>({ ...byPayment, values: [paymentId] });
  return rows;
}

/** An attempt, and whose order it is for. */
export interface AttemptWithOrder extends Attempt {
  orderKey: string;
  tenant: string;
  storeId: string;
}

const byReference: Statement = {
  name: 'attempt-by-reference',
  text: `select ${columns}, p.order_key as "orderKey", p.tenant, p.store_id as "storeId"
    from gateway.attempts a join gateway.payments p on p.id = a.payment_id where a.reference = $1`,
};

export async function findByReference(db: Queryable, reference: string): Promise<AttemptWithOrder | null> {
  const { rows } = await db.query<AttemptWithOrder>({ ...byReference, values: [reference] });
  return rows[0] ?? null;
}

const insertIfLeased: Statement = {
  name: 'attempt-begin',
  text: `with mine as (
      update gateway.payments set check_at = $8 where id = $1 and lease_no = $9 and status = 'created' and cancel_requested_at is null and expires_at > $6
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
  leaseNo: number;
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
export async function begin(db: Queryable, start: AttemptStart): Promise<string | null> {
  const { paymentId, no, provider, account, at, resolveAt, leaseUntil, leaseNo } = start;
  const { rows } = await db.query<{ reference: string }>({
    ...insertIfLeased,
    values: [paymentId, no, provider, account, `-${no}`, at, resolveAt, leaseUntil, leaseNo],
  });
  return rows[0]?.reference ?? null;
}

const concludeUnlessFinal: Statement = {
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
export function conclude(db: Queryable, end: AttemptEnd): Promise<unknown> {
  return db.query({
    ...concludeUnlessFinal,
    values: [end.paymentId, end.no, end.status, end.reason, end.providerChargeId ?? null, end.at, end.resolveAt],
  });
}

const abandonUpTo: Statement = {
  name: 'attempts-abandon',
  text: `update gateway.attempts set status = 'unknown', reason = 'worker_lost', resolve_at = $2 where payment_id = $1 and status = 'sending' and no <= $3`,
};

/** What a worker that is gone was asking when it went: it may have left a charge behind. */
export function abandonSending(db: Queryable, paymentId: string, upToNo: number, at: Date): Promise<unknown> {
  return db.query({ ...abandonUpTo, values: [paymentId, at, upToNo] });
}

const saveByNo: Statement = {
  name: 'attempt-save',
  text: `update gateway.attempts set status = $3, provider_charge_id = $4, paid_idr = $5, paid_at = $6, accepted = $7, issuer = $8, receipt = $9,
      answered_at = $10, resolve_at = $11
    where payment_id = $1 and no = $2`,
};

/** Writes an attempt as it is now. The caller holds its payment's lock. */
export function save(trx: Queryable, a: Attempt): Promise<unknown> {
  return trx.query({
    ...saveByNo,
    values: [a.paymentId, a.no, a.status, a.providerChargeId, a.paid, a.paidAt, a.accepted, a.issuer, a.receipt, a.answeredAt, a.resolveAt],
  });
}

const cancelOthersOfPayment: Statement = {
  name: 'attempts-cancel-others',
  text: `update gateway.attempts set resolve_at = $3 where payment_id = $1 and no <> $2 and status in ('sending', 'open', 'unknown')`,
};

/** Asks that every other charge of this payment be cancelled: one of them has been paid. */
export function cancelOthers(trx: Queryable, { paymentId, no }: Pick<Attempt, 'paymentId' | 'no'>, at: Date): Promise<unknown> {
  return trx.query({ ...cancelOthersOfPayment, values: [paymentId, no, at] });
}

const byNo: Statement = { name: 'attempt-one', text: `select ${columns} from gateway.attempts a where a.payment_id = $1 and a.no = $2` };

export async function find(db: Queryable, paymentId: string, no: number): Promise<Attempt | null> {
  const { rows } = await db.query<Attempt>({ ...byNo, values: [paymentId, no] });
  return rows[0] ?? null;
}

const rescheduleUnlessMoved: Statement = {
  name: 'attempt-reschedule',
  text: `update gateway.attempts set resolve_at = $3, status = case status when 'sending' then 'unknown' else status end,
      reason = case status when 'sending' then 'no_answer' else reason end
    where payment_id = $1 and no = $2 and date_trunc('milliseconds', resolve_at) = $4`,
};

/**
 * Says when to look for it again. One whose caller never said how it ended is unknown from now on.
 * @param attempt as the caller read it before it asked: whoever wants it taken down meanwhile knows better when
 */
export function reschedule(
  db: Queryable,
  { paymentId, no, resolveAt }: Pick<Attempt, 'paymentId' | 'no' | 'resolveAt'>,
  at: Date,
): Promise<unknown> {
  return db.query({ ...rescheduleUnlessMoved, values: [paymentId, no, at, resolveAt] });
}
