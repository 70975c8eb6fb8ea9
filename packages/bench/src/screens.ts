import { Redis } from 'ioredis';

/** One subscriber to the channels of all stores. */
export interface Screens {
  /** Waits for `order.paid` of this payment. @returns when it arrived, as of `performance.now()`. @throws after `withinMs` */
  waitsFor(paymentId: string, withinMs: number): Promise<number>;
  /** Sets the listener that is called with every event. */
  onEvent(listener: (event: { event_id: string; type: string }, at: number) => void): void;
  /** Forgets the payments of earlier rounds. */
  forget(): void;
  close(): void;
}

export async function openScreens(redisUrl: string, stores: readonly string[]): Promise<Screens> {
  const redis = new Redis(redisUrl);
  const receivedAt = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  let observer: Parameters<Screens['onEvent']>[0] = () => {};
  redis.on('message', (_channel: string, message: string) => {
    const at = performance.now();
    const event = JSON.parse(message) as { event_id: string; type: string; payment_id: string };
    observer(event, at);
    if (event.type !== 'order.paid') return;
    receivedAt.set(event.payment_id, at);
    waiting.get(event.payment_id)?.(at);
  });
  await redis.subscribe(...stores.map((store) => `order:channel:${store}`));
  return {
    waitsFor: (paymentId, withinMs) =>
      new Promise((done, fail) => {
        const before = receivedAt.get(paymentId);
        if (before !== undefined) return done(before);
        const timer = setTimeout(() => fail(new Error(`no screen received order.paid of ${paymentId} within ${withinMs} ms`)), withinMs);
        waiting.set(paymentId, (at) => {
          clearTimeout(timer);
          waiting.delete(paymentId);
          done(at);
        });
      }),
    onEvent: (listener) => {
      observer = listener;
    },
    forget: () => receivedAt.clear(),
    close: () => redis.disconnect(),
  };
}
