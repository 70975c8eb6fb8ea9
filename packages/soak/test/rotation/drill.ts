import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@gateway/testing/eventually';
import { openTills } from '../server-failover/trade.ts';
import type { Installation } from './installation.ts';

/** What happened while one secret was replaced. */
export interface DrillFigures {
  secret: string;
  seconds: number;
  sold: number;
  /** Orders for which a till got no QR, however often it repeated its request. */
  failed_creates: number;
  /** Genuine webhooks that were answered otherwise than 200. */
  refused_webhooks: number;
  /** Webhooks that met a process which was ending, and were sent again. */
  sent_again: number;
  longest_gap_s: number;
}

/** Tills at these outlets, whose guests pay at once, with the results of the providers' webhooks. */
export interface Drill {
  /** Replaces a secret while the tills sell, before and after it. Then every sale must become paid. */
  replace(secret: string, steps: () => Promise<void>): Promise<DrillFigures>;
}

const knownWithinMs = 2_000; // what `ops -- accounts` promises

/** Each account then sells less than once a second: what Xendit's test mode allows for the polls that find a lost webhook. */
const pauseMs = 4_000;

export const untilKnown = (): Promise<void> => delay(knownWithinMs);

export function openDrill({ simulator, db, till }: Installation, { outlets, tills }: { outlets: readonly string[]; tills: number }): Drill {
  const shop = { till: () => till, simulator: { pay: (reference: string) => void simulator.controls.pay(reference) } };
  const open = () => outlets.map((outlet) => openTills(shop, { orders: db.pool, tills, outlet, pauseMs }));
  const results = () =>
    simulator.book.newestFirst().flatMap(({ notices }) => notices.flatMap(({ attempts }) => attempts.map(({ result }) => result)));
  const refused = () => results().filter((result) => typeof result === 'number' && result !== 200).length;
  const unanswered = () => results().filter((result) => typeof result === 'string').length;
  return {
    replace: async (secret, steps) => {
      const before = { refused: refused(), unanswered: unanswered(), at: performance.now() };
      const trades = open();
      const count = () => trades.reduce((sum, { sold }) => sum + sold.length, 0);
      const sells = async (more: number) => {
        const from = count();
        await eventually(() => count() >= from + more, 60_000);
      };
      await sells(2 * outlets.length);
      await steps();
      await sells(4 * outlets.length);
      await Promise.all(trades.map((trade) => trade.close()));
      await untilPaid(
        till,
        trades.flatMap(({ sold }) => sold.map(({ payment_id }) => payment_id)),
      );
      const of = {
        secret,
        seconds: Math.round((performance.now() - before.at) / 1_000),
        sold: count(),
        failed_creates: trades.reduce((sum, { failed }) => sum + failed, 0),
        refused_webhooks: refused() - before.refused,
        sent_again: unanswered() - before.unanswered,
        longest_gap_s: Math.round(Math.max(...trades.map(({ longestGapS }) => longestGapS)) * 10) / 10,
      };
      process.stdout.write(`${JSON.stringify(of)}\n`);
      return of;
    },
  };
}

async function untilPaid(till: Installation['till'], payments: readonly string[]): Promise<void> {
  for (const id of payments) await eventually(async () => (await till.get(id)).body.status === 'paid', 180_000);
}
