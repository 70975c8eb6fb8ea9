import { setTimeout as delay } from 'node:timers/promises';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';

/** What a phase was like for the honest tenant. */
export interface Service {
  /** How long each create took until the QR was there. */
  createMs: number[];
  /** The status and code of each refusal. */
  refused: string[];
}

const thinkMs = 800; // a cashier's time between two orders

/** Tills of the honest tenant: each makes an order payable, and the guest pays, again and again. */
export function honestTills(
  stack: TestStack,
  count: number,
): { measure(work: () => Promise<unknown>): Promise<Service>; stop(): Promise<void> } {
  let phase: Service = { createMs: [], refused: [] };
  let isOpen = true;
  const till = stack.till();

  async function sellOne(): Promise<void> {
    const orderId = await anOrder(stack.pos);
    const into = phase;
    const { status, body, ms } = await till.create(orderId);
    if (status >= 400) into.refused.push(`${status} ${body.code}`);
    else into.createMs.push(ms);
    if (body.transaction_id) await stack.simulator.pay(body.transaction_id);
  }

  const work = async (): Promise<void> => {
    while (isOpen) {
      await delay(thinkMs * (0.5 + Math.random()));
      await sellOne();
    }
  };
  const finished = Promise.all(Array.from({ length: count }, work));
  finished.catch(() => {}); // reported by `stop`
  return {
    measure: async (work) => {
      phase = { createMs: [], refused: [] };
      const measured = phase;
      await work();
      return measured;
    },
    stop: async () => {
      isOpen = false;
      await finished;
    },
  };
}

/** A percentile, 0 to 1. */
export function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? Number.NaN;
}
