import type { Queryable } from '../../postgres/index.ts';

/** `pending`: not attempted yet. `retrying`: the last attempt failed. `failed`: the endpoint was disabled at this event. */
export const deliveryStates = ['pending', 'retrying', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One event and one endpoint, with the last attempt. */
export interface WebhookDelivery {
  eventId: string;
  type: string;
  storeId: string;
  seq: number;
  occurredAt: Date;
  state: DeliveryState;
  tries: number;
  attemptedAt: Date | null;
  statusCode: number | null;
  error: string | null;
  durationMs: number | null;
  nextTryAt: Date | null;
  deliveredAt: Date | null;
}

/** The last delivery of a page. */
export interface DeliveryCursor {
  occurredAt: Date;
  eventId: string;
}

interface ListOptions {
  endpointId: string;
  /** Null: all. */
  state: DeliveryState | null;
  after: DeliveryCursor | null;
  limit: number;
}

const before = (row: string): string => `($3::timestamptz is null or (${row}.occurred_at, ${row}.event_id) < ($3, $4))`;

// What waits is read from the outbox, store by store from its newest event on: no row is written for it.
const page = `select * from (
    (select d.event_id as "eventId", d.type, d.store_id as "storeId", d.seq, d.occurred_at as "occurredAt", d.state, d.tries, d.attempted_at as "attemptedAt",
        d.status_code as "statusCode", d.error, d.duration_ms as "durationMs", d.next_try_at as "nextTryAt", d.delivered_at as "deliveredAt"
      from gateway.webhook_deliveries d
      where d.endpoint_id = $1 and ($2::text is null or d.state = $2) and ${before('d')}
      order by d.occurred_at desc, d.event_id desc limit $5)
    union all
    (select w.event_id, w.type, c.store_id, w.seq, w.occurred_at, 'pending', 0, null, null, null, null, null, null
      from gateway.webhook_cursors c join gateway.webhook_endpoints e on e.id = c.endpoint_id cross join lateral (
        select o.event_id, o.type, o.seq, o.occurred_at from gateway.outbox o
        where o.store_id = c.store_id and o.seq is not null and o.seq > c.after_seq and (e.events = '{*}' or o.type = any(e.events)) and ${before('o')}
          and not exists (select from gateway.webhook_deliveries d where d.endpoint_id = c.endpoint_id and d.occurred_at = o.occurred_at and d.event_id = o.event_id)
        order by o.seq desc limit $5) w
      where c.endpoint_id = $1 and c.target_seq > c.after_seq and coalesce($2, 'pending') = 'pending')) p
  order by "occurredAt" desc, "eventId" desc limit $5`;

/** The deliveries of an endpoint, newest event first. Attempted ones are kept for 7 days. */
export async function list(db: Queryable, { endpointId, state, after, limit }: ListOptions): Promise<WebhookDelivery[]> {
  const values = [endpointId, state, after?.occurredAt ?? null, after?.eventId ?? null, limit];
  return (await db.query<WebhookDelivery & Record<string, unknown>>({ text: page, values })).rows;
}
