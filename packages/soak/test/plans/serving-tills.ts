import type { ApiHarness } from '@gateway/testing/api/api-harness';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import { tillAt } from '@gateway/testing/stack/till';

const tills = 4;

/** Four tills create payments one after the other until `work` has ended. @returns how long each create took, milliseconds */
export async function createsDuring(api: ApiHarness, work: () => Promise<unknown>): Promise<number[]> {
  const till = tillAt(api.url, api.key);
  const times: number[] = [];
  let isOpen = true;
  const sell = async (): Promise<void> => {
    while (isOpen) {
      api.clock.advance(200); // so that no rate limit is reached
      const { status, ms } = await till.create(await anOrder(api.db.pool), { prefer: 'respond-async' });
      if (status !== 202) throw new Error(`a create was answered ${status}`);
      times.push(ms);
    }
  };
  const selling = Promise.all(Array.from({ length: tills }, sell));
  try {
    await work();
  } finally {
    isOpen = false;
    await selling;
  }
  return times;
}
