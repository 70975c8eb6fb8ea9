import { type Load, openLoad } from './load.ts';
import { type Times, timesOf } from './percentiles.ts';
import type { System } from './systems.ts';

/** How long a till waits for a QR, by the way in which its order comes. Milliseconds. */
export interface TwoWaysIn {
  /** The order lies in the database of the pos host. */
  bySql: Times;
  /** The order is sent with the request. */
  byApi: Times;
}

/** The same dishes as the orders of `placeOrders`. */
const order = {
  number: 'N-1',
  lines: [
    { sku: 'MKN-001', name: 'Nasi Goreng Kampung', quantity: 1, unit_price: 38_000, total: 38_000 },
    { sku: 'MNM-001', name: 'Es Teh Manis', quantity: 2, unit_price: 7_000, total: 14_000 },
    { sku: 'MKN-016', name: 'Nasi Putih', quantity: 1, unit_price: 8_000, total: 8_000 },
  ],
  charges: [{ kind: 'tax', amount: 6_000 }],
  total: 66_000,
};
const stores = ['BENCH-01', 'BENCH-02'] as const;
const warmUp = 40;

/** Creates one payment after the other, in turns by SQL and by API, so that other load on this machine affects both. */
export async function timeTwoWaysIn(system: System, payments: number): Promise<TwoWaysIn> {
  if (!system.tillTarget) throw new Error(`${system.name} has no orders by API`);
  const [pos, till] = [openLoad(system.target, 1), openLoad(system.tillTarget, 1)];
  const started = performance.now();
  const ms: Record<keyof TwoWaysIn, number[]> = { bySql: [], byApi: [] };
  for (const [n, orderId] of (await system.placeOrders(warmUp + payments)).entries()) {
    const inTurn = [() => bySql(pos, orderId), () => byApi(till, n)] as const;
    const [first, second] = n % 2 === 0 ? inTurn : [inTurn[1], inTurn[0]];
    for (const { way, took } of [await first(), await second()]) ms[way].push(took);
  }
  await Promise.all([pos.close(), till.close()]);
  const seconds = (performance.now() - started) / 1_000;
  return { bySql: timesOf(ms.bySql.slice(warmUp), seconds), byApi: timesOf(ms.byApi.slice(warmUp), seconds) };
}

const bySql = async (load: Load, orderId: string) => ({ way: 'bySql', took: (await load.create(orderId)).ms }) as const;

const byApi = async (load: Load, n: number) => {
  const { ms } = await load.create(`bench-${process.pid}-${n}`, { store_id: stores[n % stores.length], order });
  return { way: 'byApi', took: ms } as const;
};
