import type { PaymentEvent } from '../../payment/index.ts';
import type { Queryable } from '../../postgres/index.ts';

/** An event of a payment, and when it was published. */
export interface PublishedEvent extends Record<string, unknown> {
  event: PaymentEvent;
  /** Null: not numbered yet, or the outbox no longer has it after 72 hours. */
  seq: number | null;
  publishedAt: Date | null;
}

/** Oldest first. The history is kept for 400 days, the outbox for 72 hours. */
export async function eventsOf(db: Queryable, paymentId: string): Promise<PublishedEvent[]> {
  const { rows } = await db.query<PublishedEvent>({
    text: `select e.payload as event, o.seq, o.published_at as "publishedAt"
      from gateway.payment_events e left join gateway.outbox o on o.event_id = e.event_id and o.occurred_at = e.occurred_at
      where e.payment_id = $1 order by e.occurred_at, e.event_id limit 200`,
    values: [paymentId],
  });
  return rows;
}

/** A webhook about an attempt of a payment. */
export interface StoredWebhook extends Record<string, unknown> {
  id: number;
  provider: string;
  account: string;
  reference: string;
  reportedStatus: string | null;
  receivedAt: Date;
  processedAt: Date | null;
  verdict: string | null;
  tries: number;
  nextTryAt: Date | null;
  /** As it was received, at most 64 KiB. */
  raw: Buffer;
}

/** Oldest first. Webhooks are kept for 90 days. */
export async function webhooksOf(db: Queryable, references: readonly string[]): Promise<StoredWebhook[]> {
  const { rows } = await db.query<StoredWebhook>({
    text: `select id, provider, account, reference, reported_status as "reportedStatus", received_at as "receivedAt", processed_at as "processedAt", verdict, tries,
        next_try_at as "nextTryAt", raw
      from gateway.webhook_inbox where reference = any($1) order by received_at, id limit 50`,
    values: [references],
  });
  return rows;
}

/** A write that the host could not accept at once. */
export interface DeferredWrite extends Record<string, unknown> {
  id: number;
  step: string;
  createdAt: Date;
  doneAt: Date | null;
  closedBy: string | null;
  lastError: string | null;
  tries: number;
  nextTryAt: Date | null;
}

export async function hostWritesOf(db: Queryable, paymentId: string): Promise<DeferredWrite[]> {
  const { rows } = await db.query<DeferredWrite>({
    text: `select id, step, created_at as "createdAt", done_at as "doneAt", closed_by as "closedBy", last_error as "lastError", lease_no as tries, next_try_at as "nextTryAt"
      from gateway.host_writes where payment_id = $1 order by id limit 100`,
    values: [paymentId],
  });
  return rows;
}

export interface DiscrepancyOfPayment extends Record<string, unknown> {
  id: number;
  reason: string;
  ours: string | null;
  theirs: string | null;
  openedAt: Date;
  closedAt: Date | null;
  closedBy: string | null;
  closedReason: string | null;
}

export async function discrepanciesOf(db: Queryable, paymentId: string): Promise<DiscrepancyOfPayment[]> {
  const { rows } = await db.query<DiscrepancyOfPayment>({
    text: `select id, reason, ours, theirs, opened_at as "openedAt", closed_at as "closedAt", closed_by as "closedBy", closed_reason as "closedReason"
      from gateway.discrepancies where payment_id = $1 order by id limit 100`,
    values: [paymentId],
  });
  return rows;
}

/** One event that was sent to a webhook endpoint. */
export interface DeliveryOfPayment extends Record<string, unknown> {
  eventId: string;
  type: string;
  endpointId: string;
  url: string;
  state: string;
  tries: number;
  attemptedAt: Date;
  deliveredAt: Date | null;
  statusCode: number | null;
  error: string | null;
  nextTryAt: Date | null;
}

/** The deliveries of these events to the endpoints of their tenant. They are kept for 7 days. */
export async function deliveriesOf(
  db: Queryable,
  { host, tenant }: { host: string; tenant: string },
  events: readonly Pick<PaymentEvent, 'event_id' | 'occurred_at'>[],
): Promise<DeliveryOfPayment[]> {
  if (events.length === 0) return [];
  const { rows } = await db.query<DeliveryOfPayment>({
    text: `select d.event_id as "eventId", d.type, d.endpoint_id as "endpointId", w.url, d.state, d.tries, d.attempted_at as "attemptedAt", d.delivered_at as "deliveredAt",
        d.status_code as "statusCode", d.error, d.next_try_at as "nextTryAt"
      from (select id, url from gateway.webhook_endpoints where host = $1 and tenant = $2 order by created_at limit 50) w
        cross join unnest($3::text[], $4::timestamptz[]) as e (event_id, occurred_at)
        join gateway.webhook_deliveries d on d.endpoint_id = w.id and d.event_id = e.event_id and d.occurred_at = e.occurred_at
      order by d.attempted_at limit 200`,
    values: [host, tenant, events.map((each) => each.event_id), events.map((each) => each.occurred_at)],
  });
  return rows;
}
