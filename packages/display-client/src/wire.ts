interface EventBase {
  /** Starts at 1 for each store, and has no gaps. */
  seq: number;
  /** The same however often the event is delivered. */
  event_id: string;
  occurred_at: string;
  host: string;
  store_id: string;
  order_id: string;
  order_number: string;
  payment_id: string;
  transaction_id: string | null;
  status: string;
  amount: number;
  currency: 'IDR';
}

export interface OrderItem {
  sku: string | null;
  name: string;
  /** A decimal number as text: `2`, `0.750`. */
  quantity: string;
}

/** For the kitchen: start cooking. */
export interface OrderPaid extends EventBase {
  type: 'order.paid';
  /** `release` is 1, and 2, 3 … when the order was reopened and paid again. */
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
  /** What its type says. */
  data: Record<string, unknown>;
}

/** What happened in a store, as the gateway tells it. Amounts are whole rupiah, times UTC. */
export type StoreEvent = OrderPaid | PaymentEvent;

export type EventType = StoreEvent['type'];

/** What a screen shows that knows nothing yet. */
export interface StoreSnapshot {
  store_id: string;
  /** What it is true at: the events after it follow. */
  seq: number;
  /** Those that are open. */
  payments: (Record<string, unknown> & { payment_id: string; order_id: string; order_number: string; status: string; amount: number })[];
  /** Those of the last twelve hours, as they were told. */
  orders: OrderPaid[];
}
