import { setTimeout as sleep } from 'node:timers/promises';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { Fleet } from './fleet.ts';

/** What tills saw that never repeat a request. */
export interface PlainTrade {
  /** References of the payments whose QR a till got and whose guest paid, by payment id. */
  readonly sold: ReadonlyMap<string, string>;
  /** Creates without a QR: what was answered, and after how many seconds of the trade. */
  readonly failed: readonly string[];
  close(): Promise<void>;
}

/** Tills that send each create once. Every guest pays at once. */
export function openPlainTills({ till, simulator, db }: Fleet, tills: number): PlainTrade {
  const sold = new Map<string, string>();
  const failed: string[] = [];
  const startedAt = performance.now();
  let isClosing = false;
  async function sell(): Promise<void> {
    const orderId = await anOrder(db.pool);
    const fail = (why: string) => failed.push(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${why}`);
    try {
      const { status, body } = await till.create(orderId, { prefer: 'wait=10' });
      if (status !== 201 || !body.qr_string) return void fail(`${status} ${JSON.stringify(body).slice(0, 300)}`);
      simulator.controls.pay(body.transaction_id);
      sold.set(body.payment_id, body.transaction_id);
    } catch (error) {
      fail(String((error as Error).cause ?? error));
    }
  }
  const work = async () => {
    while (!isClosing) {
      await sell();
      await sleep(100); // a guest orders
    }
  };
  const finished = Promise.all(Array.from({ length: tills }, work));
  return {
    sold,
    failed,
    close: async () => {
      isClosing = true;
      await finished;
    },
  };
}
