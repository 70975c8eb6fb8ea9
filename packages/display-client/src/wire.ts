/** The JSON of the gateway's events, as `/stores/{store_id}/events` sends it. Amounts are whole rupiah, times ISO 8601 in UTC. */
interface EventBase {
  /** Starts at 1 for each store, without gaps. */
  seq: number;
  /** The same in every delivery of the event. */
  event_id: string;
  occurred_at: string;
  host: string;
  store_id: string;
  order_id: string;
  order_number: string;
  /** These three are null when the host gives none. */
  table: string | null;
  order_type: string | null;
  metadata: Record<string, string> | null;
  payment_id: string;
  transaction_id: string | null;
  status: PaymentStatus;
  amount: number;
  currency: 'IDR';
}

export type PaymentStatus = 'created' | 'pending' | 'paid' | 'expired' | 'cancelled' | 'failed' | 'partially_refunded' | 'refunded';

export interface OrderItem {
  sku: string | null;
  name: string;
  /** A plain number: 2, 0.75. */
  quantity: number;
  /** For the kitchen; null when the host gives none. */
  note: string | null;
}

/** The order is paid: the kitchen starts to cook. */
export interface OrderPaid extends EventBase {
  type: 'order.paid';
  /** `release` is 1, then 2, 3 … when the order was reopened and paid again. */
  data: { items: OrderItem[]; release: number };
}

interface PaymentEvent extends EventBase {
  type:
    | 'payment.pending'
    | 'payment.paid'
    | 'payment.paid_late'
    | 'payment.duplicate_paid'
    | 'payment.expired'
    | 'payment.cancelled'
    | 'payment.failed'
    | 'payment.review'
    | 'refund.pending'
    | 'refund.succeeded'
    | 'refund.failed';
  /** Fields that depend on the type of the event. */
  data: Record<string, unknown>;
}

/** What happened in a store. */
export type StoreEvent = OrderPaid | PaymentEvent;

export type EventType = StoreEvent['type'];

/** The state of a store, for a screen that starts. */
export interface StoreSnapshot {
  store_id: string;
  /** The snapshot includes every event up to this one: continue with the events after it. */
  seq: number;
  /** The open payments. */
  payments: (Record<string, unknown> & {
    payment_id: string;
    order_id: string;
    order_number: string;
    status: PaymentStatus;
    amount: number;
  })[];
  /** The `order.paid` events of the last twelve hours, as they were published. */
  orders: OrderPaid[];
}
