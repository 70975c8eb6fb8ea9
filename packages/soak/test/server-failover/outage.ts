import { eventually } from '@gateway/testing/eventually';
import type { TestStack } from '@gateway/testing/stack/test-stack';
import type pg from 'pg';
import { streamScreen } from '../screens/stream-screen.ts';
import { settledFindings } from '../settled-findings.ts';
import { openTills } from './trade.ts';

/** `npm run soak:redis-sentinel -- --tills 30 --kills 10`, and the same for `redis-cluster` and `postgres-failover` */
const tills = Number(process.env.SOAK_TILLS ?? 4);
const kills = Number(process.env.SOAK_KILLS ?? 1);
const isFull = process.env.SOAK_KILLS !== undefined;
export const outageTimeoutMs = 120_000 + kills * 60_000;

const outlet = 'JKT-01';
/** A payment whose webhook met a dead server is asked about. Its account's calls a second are few beside the sales of a quiet machine. */
const paidWithinMs = isFull ? 600_000 : 60_000;

const salesBetween = 2 * tills; // each till sells before a server dies, and again after another one has taken over

interface Outage {
  name: string;
  stack: TestStack;
  /** The database of the orders, as the POS software reaches it. */
  orders: Pick<pg.Pool, 'query'>;
  /** Kills a server and waits until another one has taken over. */
  failOver: () => Promise<void>;
}

/** Sells while servers die. Then nothing may be lost, doubled or missing on a screen, and no till may have gone without its QR. */
export async function sellThroughOutages({ name, stack, orders, failOver }: Outage): Promise<void> {
  const screen = streamScreen({ api: stack.api, key: 'sk_test_pos_demo', storeId: outlet });
  const trade = openTills(stack, { orders, tills, outlet });
  const sells = async (count: number) => {
    const before = trade.sold.length;
    await eventually(() => trade.sold.length >= before + count, 60_000);
  };
  await sells(salesBetween);
  for (let n = 0; n < kills; n++) {
    await failOver();
    await sells(salesBetween);
  }
  await trade.close();
  const till = stack.till();
  for (const payment of trade.sold) await eventually(async () => (await till.get(payment.payment_id)).body.status === 'paid', paidWithinMs);
  const findings = await settledFindings(stack);
  const numbers = async () => (await seqsOf(orders)).join();
  await eventually(async () => screen.received.map(({ seq }) => seq).join() === (await numbers()));
  screen.close();
  if (isFull)
    process.stdout.write(
      `| ${name} | ${kills} kills | ${trade.sold.length} sold | ${trade.failed} creates failed | longest gap ${trade.longestGapS.toFixed(1)} s | ${findings.length} lost or doubled | ${gapsIn(screen.received)} gaps on screens |\n`,
    );
  expect({ failed: trade.failed, findings, screenGaps: gapsIn(screen.received) }).toEqual({
    failed: 0,
    findings: [],
    screenGaps: 0,
  });
}

const gapsIn = (received: readonly { seq: number }[]): number => received.filter(({ seq }, n) => seq !== n + 1).length;

async function seqsOf(orders: Pick<pg.Pool, 'query'>): Promise<number[]> {
  const { rows } = await orders.query<{ seq: string }>('select seq from gateway.outbox where store_id = $1 order by seq', [outlet]);
  return rows.map(({ seq }) => Number(seq));
}
