import { connectSubscriber } from '@gateway/shared/queue';
import { eventually } from '../eventually.ts';

/** An event on a store's channel. docs/screens.md describes the fields. */
export interface ScreenEvent {
  event_id: string;
  seq: number;
  type: string;
  store_id: string;
  order_id: string;
  payment_id: string;
  transaction_id: string | null;
  status: string;
  amount: number;
  data: Record<string, unknown>;
}

/** A cashier's or kitchen's screen: a real subscriber to the store's channel. */
export interface Screen {
  readonly events: readonly ScreenEvent[];
  /** Waits for an event of this type about the payment. @throws after `withinMs` */
  waitsFor(type: string, payment: { payment_id: string }, withinMs?: number): Promise<ScreenEvent>;
  /** The types of the received events about a payment, in order. */
  typesOf(payment: { payment_id: string }): string[];
  close(): void;
}

/** Subscribes to the channel of one store. */
export async function aScreen(redisUrl: string, storeId: string): Promise<Screen> {
  const events: ScreenEvent[] = [];
  const redis = connectSubscriber(redisUrl, { name: 'test screen' });
  redis.on('message', (_channel, message: string) => events.push(JSON.parse(message)));
  await redis.subscribe(`order:channel:${storeId}`);
  const eventsOf = (id: string) => events.filter(({ payment_id }) => payment_id === id);
  return {
    events,
    waitsFor: (type, { payment_id }, withinMs) => eventually(() => eventsOf(payment_id).find((event) => event.type === type), withinMs),
    typesOf: ({ payment_id }) => eventsOf(payment_id).map(({ type }) => type),
    close: () => redis.disconnect(),
  };
}
