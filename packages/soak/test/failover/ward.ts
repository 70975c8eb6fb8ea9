import { setTimeout as delay } from 'node:timers/promises';
import { type BreakerNews, breakerChannel } from '@gateway/shared/queue';
import { Redis } from 'ioredis';
import { eventually } from '../../../../testing/eventually.ts';
import { type House, startHouse } from '../../../../testing/house.ts';
import { anOrder } from '../../../../testing/pos-orders.ts';
import type { Provider } from '../../../../testing/simulated.ts';
import type { Answer, PaymentBody } from '../../../../testing/till.ts';

const given = (name: string, usual: number): number => Number(process.env[`SOAK_${name}`] ?? usual);
const isFull = process.env.SOAK_PAYMENTS !== undefined;

/** In full as a shop runs it; in `npm test` fewer of everything, and nobody waits for long. Milliseconds. */
export const scale = {
  isFull,
  payments: given('PAYMENTS', 50),
  tills: given('TILLS', 20),
  workers: given('WORKERS', isFull ? 4 : 2),
  apis: given('APIS', isFull ? 2 : 1),
  warmUp: isFull ? 100 : 20,
  /** Between one order of a till and its next: without it, 20 tills keep two cores so busy that everything is slow, ill or not. */
  pauseMs: given('PAUSE_MS', isFull ? 300 : 0),
  latencyMs: isFull ? 50 : 0,
  hedgeMs: isFull ? 800 : 300,
  limitMs: isFull ? 9_500 : 2_500,
  restMs: isFull ? 10_000 : 500,
  slowMs: isFull ? 5_000 : 1_000,
  /** For so long a provider that has too many of us asks us to stay away. */
  awayMs: isFull ? 5_000 : 2_000,
  /** How much later than promised an answer may be. The product's own promise is the first one; a test run shares its machine. */
  slackMs: isFull ? 300 : 5_000,
};

/** A provider that is not the last one has this part of the time (ask-provider.ts). */
export const firstShareMs = scale.limitMs * 0.6;

const keyOf = (provider: Provider): string => (provider === 'midtrans' ? 'SB-Mid-server-jakarta' : 'xnd_development_jakarta');

/** One order at a till: what was asked for, what came back, and when. */
export interface Visit {
  orderId: string;
  outlet: string;
  total: number;
  startedAt: number;
  answer: Answer<PaymentBody>;
}

/** What a worker has told the others, and when it was heard. */
export type HeardNews = BreakerNews & { at: number };

/** A house whose providers fall ill, and whoever writes down how it fares. */
export interface Ward {
  house: House;
  first: Provider;
  second: Provider;
  news: readonly HeardNews[];
  /** All that was published on any channel. */
  heard: readonly string[];
  /** So many orders, from all tills at once, each when the one before it is answered, and a pause. */
  serve(count: number, outlets?: readonly string[]): Promise<Visit[]>;
  /** Whether a worker has written this into its log. */
  toldOperator(what: RegExp): boolean;
  /** Waits until the first provider serves again. @returns after how many milliseconds */
  wellAgain(): Promise<number>;
  close(): Promise<void>;
}

export async function openWard(first: Provider, second: Provider): Promise<Ward> {
  const house = await startHouse({
    environment: {
      PROVIDERS: `${first},${second}`,
      WORKER_PROCESSES: String(scale.workers),
      API_PROCESSES: String(scale.apis),
      LATENCY_MS: String(scale.latencyMs),
      HEDGE_AFTER_MS: scale.isFull ? '' : String(scale.hedgeMs),
      CREATE_LIMIT_MS: String(scale.limitMs),
      BREAKER_REST_MS: String(scale.restMs),
      PROVIDER_ACCOUNTS: JSON.stringify({ [first]: { jkt: { secretKey: keyOf(first) } } }),
    },
  });
  await house.simulator.openAccount(first, 'jkt', keyOf(first));
  const news: HeardNews[] = [];
  const heard: string[] = [];
  const ear = new Redis(house.redisUrl);
  ear.on('pmessage', (_pattern, channel: string, text: string) => {
    heard.push(text);
    if (channel === breakerChannel) news.push({ ...(JSON.parse(text) as BreakerNews), at: Date.now() });
  });
  await ear.psubscribe('*');

  const till = house.till();
  let orders = 0;
  async function visit(outlet: string): Promise<Visit> {
    const total = 10_000 + (orders++ % 900) * 100;
    const orderId = await anOrder(house.pos, { total, outlet });
    const startedAt = Date.now();
    return { orderId, outlet, total, startedAt, answer: await till.create(orderId) };
  }

  return {
    house,
    first,
    second,
    news,
    heard,
    serve: async (count, outlets = ['JKT-01']) => {
      const visits: Visit[] = [];
      let left = count;
      const atTill = async () => {
        while (left-- > 0) {
          visits.push(await visit(outlets[left % outlets.length] as string));
          await delay(scale.pauseMs);
        }
      };
      await Promise.all(Array.from({ length: scale.tills }, atTill));
      return visits;
    },
    toldOperator: (what) =>
      Array.from({ length: scale.workers }, (_, n) => house.log(scale.workers > 1 ? `worker-${n + 1}` : 'worker')).some((log) =>
        what.test(log),
      ),
    wellAgain: async () => {
      const since = performance.now();
      await eventually(async () => {
        const { answer } = await visit('JKT-01');
        if (answer.status !== 201) return false;
        const [charge] = await house.simulator.charges(answer.body.transaction_id);
        return charge?.provider === first;
      }, scale.restMs + 10_000);
      return performance.now() - since;
    },
    close: async () => {
      ear.disconnect();
      await house.stop();
    },
  };
}
