import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { PaymentBody, Till } from '@gateway/testing/stack/till';
import type pg from 'pg';

/** How long a till repeats a request with its key before the sale counts as failed. */
const patienceMs = 60_000;

/** What tills saw while servers failed. */
export interface Trade {
  /** The payments whose QR a till got and whose guest paid. */
  readonly sold: readonly PaymentBody[];
  /** The sales for which no QR came, however often the till repeated its request. */
  readonly failed: number;
  /** The longest time without a QR at any till, seconds. */
  readonly longestGapS: number;
  /** Ends the trade after the sales that are in progress. */
  close(): Promise<void>;
}

/** Tills that sell one order after the other, each with an idempotency key, and repeat a request that failed. Every guest pays at once. */
export function openTills(
  shop: { till(): Till; simulator: { pay(reference: string): unknown } },
  { orders, tills, outlet, pauseMs = 20 }: { orders: Pick<pg.Pool, 'query'>; tills: number; outlet: string; pauseMs?: number },
): Trade {
  const sold: PaymentBody[] = [];
  let failed = 0;
  let isClosing = false;
  let lastAt = performance.now();
  let longestGapMs = 0;
  const till = shop.till();

  async function sell(): Promise<void> {
    const orderId = await eventually(() => anOrder(orders, { outlet }), patienceMs); // the POS repeats its own transaction
    const key = randomUUID();
    const payment = await eventually(async () => {
      const { status, body } = await till.create(orderId, { 'idempotency-key': key, prefer: 'wait=10' });
      return [200, 201].includes(status) && body.qr_string && body;
    }, patienceMs).catch(() => null);
    if (!payment) {
      failed += 1;
      return;
    }
    longestGapMs = Math.max(longestGapMs, performance.now() - lastAt);
    lastAt = performance.now();
    await shop.simulator.pay(payment.transaction_id);
    sold.push(payment);
  }

  const work = async () => {
    while (!isClosing) {
      await sell();
      await sleep(pauseMs); // a guest orders
    }
  };
  const finished = Promise.all(Array.from({ length: tills }, work));
  return {
    sold,
    get failed() {
      return failed;
    },
    get longestGapS() {
      return longestGapMs / 1_000;
    },
    close: async () => {
      isClosing = true;
      await finished;
    },
  };
}
