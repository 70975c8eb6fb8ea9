import { setTimeout as delay } from 'node:timers/promises';
import { type CountedQueries, type CountingProxy, startCountingProxy } from './counting-proxy.ts';
import { type Load, type MadePayment, openLoad } from './load.ts';
import { type Times, timesOf } from './percentiles.ts';
import type { Program } from './program.ts';
import { countRedisCommands } from './redis-commands.ts';
import type { Screens } from './screens.ts';
import { type BenchServers, type System, startSystem } from './systems.ts';

/** How long a payment takes when only one till is active. Milliseconds. */
export interface OneTill {
  create: Times;
  published: Times;
}

/** The queries of one payment: to PostgreSQL by process, to Redis in total, because MONITOR does not name the process. */
export interface QueryCounts {
  postgres: Record<string, CountedQueries>;
  redis: Record<string, number>;
}

export interface Counts {
  create: QueryCounts;
  webhook: QueryCounts;
}

interface MeasureContext extends BenchServers {
  screens: Screens;
  markPaid: () => Promise<void>;
}

/** Creates and pays one payment after the other. Measures the time to the QR, and from the webhook to `order.paid` on a screen. */
export async function timeOneTill(
  system: System,
  { screens, markPaid }: Pick<MeasureContext, 'screens' | 'markPaid'>,
  payments: number,
): Promise<OneTill> {
  const load = openLoad(system.target, 1);
  const warmUp = 20;
  const createMs: number[] = [];
  const publishedMs: number[] = [];
  const started = performance.now();
  for (const order of await system.placeOrders(warmUp + payments)) {
    const { made, ms } = await load.create(order);
    await markPaid();
    createMs.push(ms);
    publishedMs.push((await load.pay(made, screens)).publishedMs);
  }
  await load.close();
  const seconds = (performance.now() - started) / 1_000;
  return { create: timesOf(createMs.slice(warmUp), seconds), published: timesOf(publishedMs.slice(warmUp), seconds) };
}

/**
 * Starts the product with a counting proxy between each process and PostgreSQL, counts the commands of Redis, and creates and pays
 * some payments.
 * @param idleMs how long the idle product is counted first: these queries are subtracted
 */
export async function countOneTill(context: MeasureContext, { payments, idleMs }: { payments: number; idleMs: number }): Promise<Counts> {
  const commands = await countRedisCommands(context.redisUrl);
  const proxies = new Map<string, CountingProxy>();
  for (const name of ['api', 'worker', 'notifier']) proxies.set(name, await startCountingProxy(context.databaseUrl));
  const throughProxy = (file: Program['file']) => proxies.get(file.split('/')[1] as string)?.url ?? context.databaseUrl;
  const system = await startSystem('product', { ...context, databaseUrlOf: throughProxy });
  const load = openLoad(system.target, 1);
  const read = (): QueryCounts => ({
    postgres: Object.fromEntries([...proxies].map(([name, proxy]) => [name, proxy.queries()])),
    redis: commands.counted(),
  });
  try {
    const orders = await system.placeOrders(10 + payments);
    await makeAndPay(load, orders.splice(0, 10), context, () => {}); // warm-up: statements are prepared, stores are registered
    await delay(500);
    const before = read();
    await delay(idleMs);
    const idle = subtract(read(), before);

    const marks: { at: number; counts: QueryCounts }[] = [];
    const mark = async () => {
      await delay(300); // until the relay's marks and the queue's own commands are done
      marks.push({ at: performance.now(), counts: read() });
    };
    await mark();
    await makeAndPay(load, orders, context, mark);
    await mark();
    const [start, middle, end] = marks as [(typeof marks)[0], (typeof marks)[0], (typeof marks)[0]];
    const perPayment = (from: typeof start, to: typeof start) =>
      scaled(subtract(subtract(to.counts, from.counts), scaled(idle, (to.at - from.at) / idleMs)), 1 / payments);
    return { create: perPayment(start, middle), webhook: perPayment(middle, end) };
  } finally {
    await load.close();
    commands.close();
    await system.stop();
    for (const proxy of proxies.values()) proxy.close();
  }
}

async function makeAndPay(
  load: Load,
  orders: string[],
  { screens, markPaid }: MeasureContext,
  between: () => Promise<void> | void,
): Promise<void> {
  const made: MadePayment[] = [];
  for (const order of orders) made.push((await load.create(order)).made);
  await between();
  await markPaid();
  for (const payment of made) await load.pay(payment, screens);
}

function subtract(a: QueryCounts, b: QueryCounts): QueryCounts {
  return combined(a, b, (x, y) => x - y);
}

function scaled(a: QueryCounts, by: number): QueryCounts {
  return combined(a, a, (x) => x * by);
}

function combined(a: QueryCounts, b: QueryCounts, operation: (x: number, y: number) => number): QueryCounts {
  const each = (x: Record<string, number>, y: Record<string, number> = {}) =>
    Object.fromEntries(Object.entries(x).map(([name, value]) => [name, operation(value, y[name] ?? 0)]));
  return {
    postgres: Object.fromEntries(
      Object.entries(a.postgres).map(([name, queries]) => {
        const other = b.postgres[name];
        const { statements, roundTrips, commits } = queries;
        return [
          name,
          {
            statements: each(statements, other?.statements),
            roundTrips: each(roundTrips, other?.roundTrips),
            commits: each(commits, other?.commits),
          },
        ];
      }),
    ),
    redis: each(a.redis, b.redis),
  };
}
