import { setTimeout as delay } from 'node:timers/promises';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { TestStack } from '@gateway/testing/stack/test-stack';

/** What a till got for its order. */
export interface Create {
  ms: number;
  status: number;
  /** The error code, when there is no QR. */
  code: string | undefined;
}

export interface Tills {
  creates: Create[];
  stop(): Promise<void>;
}

/** Tills that make a payment at one outlet after the other, whose guests pay at once, until they are stopped. */
export function startTills(
  stack: Pick<TestStack, 'pos' | 'simulator' | 'till'>,
  { outlets, count, pauseMs }: { outlets: readonly string[]; count: number; pauseMs: number },
): Tills {
  const creates: Create[] = [];
  let isStopped = false;
  const sell = async (no: number) => {
    await delay((no * pauseMs) / count); // tills are not in step
    for (let n = no; !isStopped; n++) {
      const { ms, status, body } = await stack.till().create(await anOrder(stack.pos, { outlet: outlets[n % outlets.length] as string }));
      creates.push({ ms, status, code: body.code });
      if (status === 201) await stack.simulator.pay(body.transaction_id);
      await delay(pauseMs);
    }
  };
  const tills = Array.from({ length: count }, (_, no) => sell(no));
  return {
    creates,
    stop: async () => {
      isStopped = true;
      await Promise.all(tills);
    },
  };
}
