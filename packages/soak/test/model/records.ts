import type { AttemptStatus, PaymentEventType, PaymentId, PaymentStatus } from '@gateway/shared/payment';
import type { Queryable } from '@gateway/shared/postgres';
import type { HostId } from './order-software.ts';

export interface PaymentRecord {
  id: PaymentId;
  reference: string;
  status: PaymentStatus;
  amount: number;
  received: number;
  refunded: number;
  shownAttempt: number | null;
  hiddenAt: string | null;
  cancelRequestedAt: string | null;
  reviewSince: string | null;
  qrString: string | null;
  settledAttempt: number | null;
  expiresAt: string;
  checkAt: string | null;
  watchUntil: string | null;
}

export interface AttemptRecord {
  paymentId: string;
  no: number;
  reference: string;
  provider: string;
  status: AttemptStatus;
  paid: number | null;
  reserved: number;
  accepted: boolean;
  reason: string | null;
  resolveAt: string | null;
}

export interface RefundRecord {
  id: string;
  paymentId: string;
  attemptNo: number;
  reference: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed';
  cause: string;
}

export interface EventRecord {
  id: number;
  type: PaymentEventType;
  paymentId: string;
  status: PaymentStatus;
  release: number | null;
  /** Of `order.paid`: what the kitchen is asked to cook. */
  items: { name: string; quantity: number }[] | null;
}

/** All rows about one order: the gateway's, and the host's order and payments. Times are ISO 8601. */
export interface Records {
  payments: PaymentRecord[];
  attempts: AttemptRecord[];
  refunds: RefundRecord[];
  events: EventRecord[];
  discrepancies: {
    id: number;
    paymentId: string;
    attemptNo: number | null;
    reason: string;
    closedAt: string | null;
    closedBy: string | null;
  }[];
  hostWrites: { paymentId: string; step: string; doneAt: string | null }[];
  releases: { paymentId: string; release: number }[];
  inbox: { reference: string; verdict: string | null; processedAt: string | null; nextTryAt: string | null }[];
  order: { status: string; isDeleted: boolean; total: number; paid: number };
  lines: { name: string; quantity: number }[];
  hostPayments: { reference: string | null; method: string; status: string; amount: number }[];
}

/** What each host keeps of the order: its order, lines and payments. A void order of a till owes nothing. */
const ofHost: Record<HostId, string> = {
  pos: `(select json_build_object('status', status, 'isDeleted', deleted_at is not null, 'paid', paid_total, 'total', (coalesce(to_jsonb(o) ->> 'grand_total', to_jsonb(o) ->> 'total_of_bill'))::numeric)
        from pos.orders o where id = $1::uuid) as order,
      (select json_agg(json_build_object('name', name, 'quantity', qty) order by line_no) from pos.order_items where order_id = $1::uuid) as lines,
      (select coalesce(json_agg(json_build_object('reference', external_ref, 'method', method, 'status', status, 'amount', amount)), '[]')
        from pos.payments where order_id = $1::uuid) as "hostPayments"`,
  till: `(select json_build_object('status', status, 'isDeleted', false, 'paid', paid,
        'total', case status when 'void' then paid else (coalesce(to_jsonb(o) ->> 'total', to_jsonb(o) ->> 'total_of_bill'))::numeric end)
        from till.orders o where order_key = $1) as order,
      (select json_agg(json_build_object('name', name, 'quantity', quantity) order by no) from till.lines where order_key = $1) as lines,
      (select coalesce(json_agg(json_build_object('reference', reference, 'method', method, 'status', status, 'amount', amount)), '[]') from (
        select reference, 'qris' as method, case status when 'paid' then 'settled' else status end as status, amount from till.payments where order_key = $1
        union all select null, method, 'settled', amount from till.tenders where order_key = $1) p) as "hostPayments"`,
};

const statementOf = (hostId: HostId) => ({
  name: `soak-records-${hostId}`,
  text: `with p as (select * from gateway.payments where host = '${hostId}' and order_key = $1::text)
    select
      (select coalesce(json_agg(json_build_object('id', id, 'reference', reference, 'status', status, 'amount', amount_idr, 'received', received_idr,
        'refunded', refunded_idr, 'shownAttempt', shown_attempt, 'hiddenAt', hidden_at, 'cancelRequestedAt', cancel_requested_at, 'reviewSince', review_since,
        'qrString', qr_string, 'settledAttempt', settled_attempt, 'expiresAt', expires_at, 'checkAt', check_at, 'watchUntil', watch_until) order by id), '[]') from p) as payments,
      (select coalesce(json_agg(json_build_object('paymentId', a.payment_id, 'no', a.no, 'reference', a.reference, 'provider', a.provider, 'status', a.status,
        'paid', a.paid_idr, 'reserved', a.refund_reserved_idr, 'accepted', a.accepted, 'reason', a.reason, 'resolveAt', a.resolve_at) order by a.payment_id, a.no), '[]')
        from gateway.attempts a join p on p.id = a.payment_id) as attempts,
      (select coalesce(json_agg(json_build_object('id', r.id, 'paymentId', r.payment_id, 'attemptNo', r.attempt_no, 'reference', r.reference,
        'amount', r.amount_idr, 'status', r.status, 'cause', r.cause) order by r.id), '[]') from gateway.refunds r join p on p.id = r.payment_id) as refunds,
      (select coalesce(json_agg(json_build_object('id', o.id, 'type', o.type, 'paymentId', o.payment_id, 'status', e.payload ->> 'status',
        'release', (e.payload #>> '{data,release}')::int, 'items', case o.type when 'order.paid' then e.payload #> '{data,items}' end) order by o.id), '[]')
        from p join gateway.outbox o on o.payment_id = p.id join gateway.payment_events e on e.payment_id = p.id and e.event_id = o.event_id) as events,
      (select coalesce(json_agg(json_build_object('id', d.id, 'paymentId', d.payment_id, 'attemptNo', d.attempt_no, 'reason', d.reason, 'closedAt', d.closed_at,
        'closedBy', d.closed_by)
        order by d.id), '[]') from gateway.discrepancies d join p on p.id = d.payment_id) as discrepancies,
      (select coalesce(json_agg(json_build_object('paymentId', w.payment_id, 'step', w.step, 'doneAt', w.done_at) order by w.id), '[]')
        from gateway.host_writes w join p on p.id = w.payment_id) as "hostWrites",
      (select coalesce(json_agg(json_build_object('paymentId', payment_id, 'release', release) order by release), '[]')
        from gateway.releases where host = '${hostId}' and order_key = $1::text) as releases,
      (select coalesce(json_agg(json_build_object('reference', w.reference, 'verdict', w.verdict, 'processedAt', w.processed_at, 'nextTryAt', w.next_try_at)
        order by w.id), '[]') from gateway.webhook_inbox w join gateway.attempts a on a.reference = w.reference join p on p.id = a.payment_id) as inbox,
      ${ofHost[hostId]}`,
});
const statements = { pos: statementOf('pos'), till: statementOf('till') };

/** Reads all rows in one statement, so that they belong to one moment. */
export async function recordsOf(db: Queryable, hostId: HostId, orderId: string): Promise<Records> {
  const { rows } = await db.query<Records & Record<string, unknown>>({ ...statements[hostId], values: [orderId] });
  return rows[0] as Records;
}

/** True while the `paid` write to the host is deferred: the money counts as accepted when the host has recorded it. */
export const awaitsHostWrite = ({ hostWrites }: Records, id: string): boolean =>
  hostWrites.some(({ paymentId, step, doneAt }) => paymentId === id && step === 'paid' && !doneAt);
