import type { Payment, PaymentStatus } from '../../payment/index.ts';
import { batched, columnsOf, type Queryable, type Statement } from '../../postgres/index.ts';
import { columns as paymentColumns } from './payment-columns.ts';

const insertIfLeased: Statement = {
  name: 'attempt-begin',
  text: `with leased as (
      update gateway.payments set check_at = $8 where id = $1 and lease_no = $9 and status = $10 and cancel_requested_at is null and expires_at > $6
      returning id, reference)
    insert into gateway.attempts (payment_id, no, provider, account, reference, status, started_at, resolve_at)
    select id, $2, $3, $4, reference || $5, 'sending', $6, $7 from leased
    on conflict (payment_id, no) do nothing
    returning reference`,
};

interface AttemptStart {
  paymentId: string;
  no: number;
  provider: string;
  account: string;
  /** Of the job that calls the provider. */
  leaseNo: number;
  at: Date;
  /** When the charge is looked up if the attempt has not been concluded by then. */
  resolveAt: Date;
  /** The end of the payment's lease: no other worker takes the payment over before. */
  leaseUntil: Date;
}

/**
 * Inserts the attempt before the provider is called, so that a charge of a worker that dies in the call is looked up at `resolveAt`.
 * @returns the attempt's reference; null when the payment was claimed by another worker, cancelled or expired, or is not `created` any more,
 *   and when another run of the same job has inserted the attempt
 */
export async function begin(db: Queryable, start: AttemptStart): Promise<string | null> {
  const { paymentId, no, provider, account, at, resolveAt, leaseUntil, leaseNo } = start;
  const { rows } = await db.query<{ reference: string }>({
    ...insertIfLeased,
    values: [paymentId, no, provider, account, `-${no}`, at, resolveAt, leaseUntil, leaseNo, 'created' satisfies PaymentStatus],
  });
  return rows[0]?.reference ?? null;
}

// The lock of the payment excludes the same changes as the update of `insertIfLeased` does, and writes no index entries.
const beginFirstIn = (name: string, lockedOnes: '' | ' skip locked'): Statement => ({
  name,
  text: `with wanted as (
      select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::integer[], $7::timestamptz[])
        as w (payment_id, provider, account, at, resolve_at, lease_no, lease_until)),
    due as materialized (
      select due.* from wanted w cross join lateral (
        select ${paymentColumns} from gateway.payments p
        where p.id = w.payment_id and p.lease_no = w.lease_no and p.status = $8 and p.cancel_requested_at is null and p.review_since is null
          and p.expires_at > w.at and p.check_at >= w.lease_until and not exists (select from gateway.attempts a where a.payment_id = p.id)
        for no key update of p${lockedOnes}) due),
    begun as (
      insert into gateway.attempts (payment_id, no, provider, account, reference, status, started_at, resolve_at)
      select due.id, 1, w.provider, w.account, due.reference || '-1', 'sending', w.at, w.resolve_at from wanted w join due on due.id = w.payment_id
      on conflict (payment_id, no) do nothing
      returning payment_id, reference)
    select due.*, begun.reference as "attemptReference" from due left join begun on begun.payment_id = due.id`,
});

const insertFirst = beginFirstIn('attempt-begin-first', '');
/** A payment that another transaction has locked is left out, so that the others do not wait for it. */
const insertFirsts = beginFirstIn('attempts-begin-first', ' skip locked');

/** The start of a payment's first attempt. Its lease is not extended, so it must last until `leaseUntil` at least. */
type FirstStart = Omit<AttemptStart, 'no'>;

/** `reference`: of the attempt; null when another run of the same job has inserted it. */
interface BegunFirst {
  payment: Payment;
  reference: string | null;
}

/**
 * Reads a payment and inserts its first attempt, in the usual case: nothing has happened to the payment since it was made.
 * @returns null when this is not the usual case, and nothing was inserted
 */
export const beginFirst = batched<FirstStart, BegunFirst | null>({
  keyOf: ({ paymentId }) => paymentId,
  ask: async (db, starts) => {
    const values = columnsOf(
      starts.map(({ paymentId, provider, account, at, resolveAt, leaseNo, leaseUntil }) => [
        ...[paymentId, provider, account],
        ...[at, resolveAt, leaseNo, leaseUntil],
      ]),
    );
    const { rows } = await db.query<Payment & { attemptReference: string | null }>({
      ...(starts.length > 1 ? insertFirsts : insertFirst),
      values: [...values, 'created' satisfies PaymentStatus],
    });
    const begun = new Map<string, BegunFirst>();
    for (const { attemptReference, ...payment } of rows) begun.set(payment.id, { payment, reference: attemptReference });
    const otherwise = starts.length > 1 ? undefined : null; // one that is locked is waited for alone
    return starts.map(({ paymentId }) => begun.get(paymentId) ?? otherwise);
  },
});
