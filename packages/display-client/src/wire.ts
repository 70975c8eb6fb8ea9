/** What happened in a store, as the gateway tells it. Amounts are whole rupiah, times UTC. */
export interface StoreEvent {
  /** Starts at 1 for each store, and has no gaps. */
  seq: number;
  /** The same however often the event is delivered. */
  event_id: string;
  type: string;
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
  data: Record<string, unknown>;
}

/** What a screen shows that knows nothing yet. */
export interface StoreSnapshot {
  store_id: string;
  /** What it is true at: the events after it follow. */
  seq: number;
  /** Those that are open. */
  payments: (Record<string, unknown> & { payment_id: string; order_id: string; status: string; amount: number })[];
  /** The `order.paid` of the last twelve hours, as they were told. */
  orders: StoreEvent[];
}
