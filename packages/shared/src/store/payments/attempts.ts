import type pg from 'pg';
import type { Attempt, AttemptStatus, OrderKey, StoreId, TenantId, UnbookedMoney } from '../../payment/index.ts';
import type { Queryable, Statement } from '../../postgres/index.ts';

export { begin, beginFirst } from './begin-attempts.ts';

const columns = `a.payment_id as "paymentId", a.no, a.provider, a.account, a.reference, a.provider_charge_id as "providerChargeId", a.status, a.reason,
  a.paid_idr as paid, a.accepted, a.unbooked, a.host_paid_before as "hostPaidBefore", a.issuer, a.receipt, a.paid_at as "paidAt", a.resolve_at as "resolveAt", a.lease_no as "leaseNo", a.started_at as "startedAt", a.answered_at as "answeredAt"`;

const byPayment: Statement = {
  name: 'attempts-of-payment',
  text: `select ${columns} from gateway.attempts a where a.payment_id = $1 order by a.no`,
};

/** Finds the attempts of a payment by number, as a part of a larger statement. */
export const ofPaymentQuery = (paymentId: string): pg.QueryConfig => ({ ...byPayment, values: [paymentId] });

/** All attempts of a payment, by number. */
export async function ofPayment(db: Queryable, paymentId: string): Promise<Attempt[]> {
  const { rows } = await db.query<Attempt>(ofPaymentQuery(paymentId));
  return rows;
}

/** An attempt with the order of its payment. */
export interface AttemptWithOrder extends Attempt {
  orderKey: OrderKey;
  tenant: TenantId;
  storeId: StoreId;
}

/** The select list of an `AttemptWithOrder`; `a` is the attempt and `p` its payment. */
export const columnsWithOrder = `${columns}, p.order_key as "orderKey", p.tenant, p.store_id as "storeId"`;

const byCharge: Statement = {
  name: 'attempt-by-charge',
  text: `select ${columnsWithOrder}
    from gateway.attempts a join gateway.payments p on p.id = a.payment_id where a.provider_charge_id = $1 and a.provider = $2 and a.account = $3`,
};

interface ProviderCharge {
  provider: string;
  account: string;
  providerChargeId: string;
}

/** The attempt whose charge the provider names by its own id. Null: no attempt has this charge. */
export async function findByCharge(
  db: Queryable,
  { provider, account, providerChargeId }: ProviderCharge,
): Promise<AttemptWithOrder | null> {
  const { rows } = await db.query<AttemptWithOrder>({ ...byCharge, values: [providerChargeId, provider, account] });
  return rows[0] ?? null;
}

const concludeUnlessFinal: Statement = {
  name: 'attempt-conclude',
  text: `update gateway.attempts set status = $3, reason = $4, provider_charge_id = coalesce($5, provider_charge_id), answered_at = $6, resolve_at = $7,
      lease_no = lease_no + case when $7::timestamptz is null then 0 else 1 end
    where payment_id = $1 and no = $2 and status in ('sending', 'unknown', 'open')`,
};

interface AttemptEnd {
  paymentId: string;
  no: number;
  status: AttemptStatus;
  reason: string | null;
  providerChargeId?: string | null;
  at: Date;
  /** When the charge is looked up; null when no look-up is needed. */
  resolveAt: Date | null;
}

/**
 * Records how an attempt ended. May run twice. Changes nothing when the attempt is paid or closed already. With `resolveAt`, a job that
 * looks the attempt up at this time is superseded, so that it does not postpone the look-up.
 */
export function conclude(db: Queryable, end: AttemptEnd): Promise<unknown> {
  return db.query({
    ...concludeUnlessFinal,
    values: [end.paymentId, end.no, end.status, end.reason, end.providerChargeId ?? null, end.at, end.resolveAt],
  });
}

const abandonUpTo: Statement = {
  name: 'attempts-abandon',
  text: `update gateway.attempts set status = 'unknown', reason = 'worker_lost', resolve_at = $2, lease_no = lease_no + 1 where payment_id = $1 and status = 'sending' and no <= $3`,
};

/** Makes the attempts `unknown` that a dead worker left as `sending`, up to this number: each may have created a charge. */
export function abandonSending(db: Queryable, paymentId: string, upToNo: number, at: Date): Promise<unknown> {
  return db.query({ ...abandonUpTo, values: [paymentId, at, upToNo] });
}

const saveWith = (
  unbookedNow: string,
): string => `update gateway.attempts set status = $3, provider_charge_id = $4, paid_idr = $5, paid_at = $6,
      accepted = $7, issuer = $8, receipt = $9, answered_at = $10, resolve_at = $11, host_paid_before = $12, unbooked = ${unbookedNow}
    where payment_id = $1 and no = $2`;

const saveByNo: Statement = { name: 'attempt-save', text: saveWith('$13') };

/** Writes the changed fields of an attempt. The caller has locked its payment. */
export function save(trx: Queryable, attempt: Attempt): Promise<unknown> {
  return trx.query({ ...saveByNo, values: [...valuesOf(attempt), attempt.unbooked] });
}

const saveUnlessBooked: Statement = {
  name: 'attempt-save-unless-booked',
  text: saveWith(`$7 and not exists (select from host_order o where o.paid >= o.total or o.paid - $12::numeric >= $13::numeric)`),
};

/**
 * As `save`, for money that the host has accepted: it is unbooked until the host's paid amount has risen by `recorded`, or nothing is due
 * any more. A part of a larger statement, in which `host_order` has the `total` and the `paid` of the order as they are now.
 */
export const saveUnlessBookedQuery = (attempt: Attempt, recorded: string): pg.QueryConfig => ({
  ...saveUnlessBooked,
  values: [...valuesOf(attempt), recorded],
});

const valuesOf = (attempt: Attempt): unknown[] => [
  attempt.paymentId,
  attempt.no,
  attempt.status,
  attempt.providerChargeId,
  attempt.paid,
  attempt.paidAt,
  attempt.accepted,
  attempt.issuer,
  attempt.receipt,
  attempt.answeredAt,
  attempt.resolveAt,
  attempt.hostPaidBefore,
];

const cancelOthersOfPayment: Statement = {
  name: 'attempts-cancel-others',
  text: `update gateway.attempts set resolve_at = $3, lease_no = lease_no + 1 where payment_id = $1 and no <> $2 and status in ('sending', 'open', 'unknown')`,
};

/** Makes the other attempts of a payment due at `at`, so that their charges are cancelled: this attempt is paid. Their running jobs are superseded. */
export function cancelOthers(trx: Queryable, { paymentId, no }: Pick<Attempt, 'paymentId' | 'no'>, at: Date): Promise<unknown> {
  return trx.query({ ...cancelOthersOfPayment, values: [paymentId, no, at] });
}

const byNo: Statement = { name: 'attempt-one', text: `select ${columns} from gateway.attempts a where a.payment_id = $1 and a.no = $2` };

/** Null: the payment has no attempt with this number. */
export async function find(db: Queryable, paymentId: string, no: number): Promise<Attempt | null> {
  const { rows } = await db.query<Attempt>({ ...byNo, values: [paymentId, no] });
  return rows[0] ?? null;
}

const rescheduleUnderLease: Statement = {
  name: 'attempt-reschedule',
  text: `update gateway.attempts set resolve_at = $3, status = case status when 'sending' then 'unknown' else status end,
      reason = case status when 'sending' then 'no_answer' else reason end
    where payment_id = $1 and no = $2 and lease_no = $4 and resolve_at is not null`,
};

/**
 * Sets when the charge is looked up next. An attempt that is still `sending` becomes `unknown`.
 * @param attempt as it was read before the call to the provider
 * @returns false when the row has a newer lease number, and nothing was set: another process has claimed the attempt meanwhile, or made it
 *   due at once to have the charge cancelled
 */
export async function reschedule(
  db: Queryable,
  { paymentId, no, leaseNo }: Pick<Attempt, 'paymentId' | 'no' | 'leaseNo'>,
  at: Date,
): Promise<boolean> {
  const { rowCount } = await db.query({ ...rescheduleUnderLease, values: [paymentId, no, at, leaseNo] });
  return rowCount === 1;
}

const unbooked = (
  andOnly = '',
): string => `select a.payment_id as "paymentId", a.no, p.recorded::text as amount, a.host_paid_before::text as "hostPaidBefore"
    from gateway.payments p join gateway.attempts a on a.payment_id = p.id and a.unbooked
    where p.host = $1 and p.order_key = $2${andOnly} order by a.paid_at`;

const unbookedByOrder: Statement = {
  name: 'attempts-unbooked',
  text: unbooked(),
};

/** Finds the unbooked money of an order, as a part of a larger statement. */
export const unbookedQuery = (host: string, orderKey: OrderKey): pg.QueryConfig => ({ ...unbookedByOrder, values: [host, orderKey] });

/** Accepted money of an order that the host's paid amount did not show when it was last read, oldest first. */
export async function unbookedOf(db: Queryable, host: string, orderKey: OrderKey): Promise<UnbookedMoney[]> {
  const { rows } = await db.query<UnbookedMoney>(unbookedQuery(host, orderKey));
  return rows;
}

const unbookedAndWritten: Statement = {
  name: 'attempts-unbooked-written',
  text: unbooked(`
      and not exists (select from gateway.host_writes w where w.payment_id = p.id and w.step = 'paid' and w.done_at is null)`),
};

/** As `unbookedOf`, without money whose own host write is deferred: the host has not said yet whether it takes that money. */
export async function unbookedAndWrittenOf(db: Queryable, host: string, orderKey: OrderKey): Promise<UnbookedMoney[]> {
  const { rows } = await db.query<UnbookedMoney>({ ...unbookedAndWritten, values: [host, orderKey] });
  return rows;
}

const bookedByNo: Statement = {
  name: 'attempt-booked',
  text: 'update gateway.attempts set unbooked = false where payment_id = $1 and no = $2',
};

/** The host's paid amount shows this money now, or the money was refunded. May run twice. */
export function markBooked(trx: Queryable, { paymentId, no }: Pick<UnbookedMoney, 'paymentId' | 'no'>): Promise<unknown> {
  return trx.query({ ...bookedByNo, values: [paymentId, no] });
}
