import { setTimeout as delay } from 'node:timers/promises';
import { type BreakerUpdate, breakerChannel, parseBreakerUpdate } from '@gateway/shared/queue';
import { eventually } from '@gateway/testing/eventually';
import { anOrder } from '@gateway/testing/pos/pos-orders';
import type { Provider } from '@gateway/testing/stack/simulator-client';
import { startTestStack, type TestStack } from '@gateway/testing/stack/test-stack';
import type { HttpResult, PaymentBody } from '@gateway/testing/stack/till';
import { Redis } from 'ioredis';

const option = (name: string, fallback: number): number => Number(process.env[`SOAK_${name}`] ?? fallback);
const isFull = process.env.SOAK_PAYMENTS !== undefined;

/** In full as a shop runs it; in `npm test` fewer of everything, and nobody waits for long. Milliseconds. */
export const scale = {
  isFull,
  payments: option('PAYMENTS', 50),
  tills: option('TILLS', 20),
  workers: option('WORKERS', isFull ? 4 : 2),
  apis: option('APIS', isFull ? 2 : 1),
  warmUp: isFull ? 100 : 20,
  /** Between one order of a till and its next: without it, 20 tills keep two cores so busy that everything is slow, ill or not. */
  pauseMs: option('PAUSE_MS', isFull ? 300 : 0),
  latencyMs: isFull ? 50 : 0,
  hedgeMs: isFull ? 800 : 300,
  createLimitMs: isFull ? 9_500 : 2_500,
  resetTimeoutMs: isFull ? 10_000 : 500,
  slowMs: isFull ? 5_000 : 1_000,
  /** For so long a provider that has too many of us asks us to stay away. */
  retryAfterMs: isFull ? 5_000 : 2_000,
  /** How much later than promised an answer may be. The product's own promise is the first one; a test run shares its machine. */
  slackMs: isFull ? 300 : 5_000,
};

/** A provider that is not the last one has this part of the time (ask-provider.ts). */
export const primaryShareMs = scale.createLimitMs * 0.6;

const keyOf = (provider: Provider): string => (provider === 'midtrans' ? 'SB-Mid-server-jakarta' : 'xnd_development_jakarta');

/** One order at a till: what was asked for, what came back, and when. */
export interface Visit {
  orderId: string;
  outlet: string;
  total: number;
  startedAt: number;
  answer: HttpResult<PaymentBody>;
}

/** What a worker has told the others, and when it was heard. */
export type ObservedUpdate = BreakerUpdate & { at: number };

/** A house whose providers fall ill, and whoever writes down how it fares. */
export interface OutageRun {
  stack: TestStack;
  first: Provider;
  second: Provider;
  breakerUpdates: readonly ObservedUpdate[];
  /** All that was published on any channel. */
  published: readonly string[];
  /** So many orders, from all tills at once, each when the one before it is answered, and a pause. */
  takeOrders(count: number, outlets?: readonly string[]): Promise<Visit[]>;
  /** Whether a worker has written this into its log. */
  loggedForOperator(what: RegExp): boolean;
  /** Waits until the first provider serves again. @returns after how many milliseconds */
  recovered(): Promise<number>;
  close(): Promise<void>;
}

export async function startOutageRun(first: Provider, second: Provider): Promise<OutageRun> {
  const stack = await startTestStack({
    environment: {
      PROVIDERS: `${first},${second}`,
      WORKER_PROCESSES: String(scale.workers),
      API_PROCESSES: String(scale.apis),
      LATENCY_MS: String(scale.latencyMs),
      HEDGE_AFTER_MS: scale.isFull ? '' : String(scale.hedgeMs),
      CREATE_LIMIT_MS: String(scale.createLimitMs),
      BREAKER_REST_MS: String(scale.resetTimeoutMs),
      PROVIDER_ACCOUNTS: JSON.stringify({ [first]: { jkt: { secretKey: keyOf(first) } } }),
    },
  });
  await stack.simulator.openAccount(first, 'jkt', keyOf(first));
  const breakerUpdates: ObservedUpdate[] = [];
  const published: string[] = [];
  const subscriber = new Redis(stack.redisUrl);
  subscriber.on('pmessage', (_pattern, channel: string, text: string) => {
    published.push(text);
    if (channel === breakerChannel) breakerUpdates.push({ ...parseBreakerUpdate(text), at: Date.now() });
  });
  await subscriber.psubscribe('*');

  const till = stack.till();
  let orders = 0;
  async function visit(outlet: string): Promise<Visit> {
    const total = 10_000 + (orders++ % 900) * 100;
    const orderId = await anOrder(stack.pos, { total, outlet });
    const startedAt = Date.now();
    return { orderId, outlet, total, startedAt, answer: await till.create(orderId) };
  }

  return {
    stack,
    first,
    second,
    breakerUpdates,
    published,
    takeOrders: async (count, outlets = ['JKT-01']) => {
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
    loggedForOperator: (what) =>
      Array.from({ length: scale.workers }, (_, n) => stack.log(scale.workers > 1 ? `worker-${n + 1}` : 'worker')).some((log) =>
        what.test(log),
      ),
    recovered: async () => {
      const since = performance.now();
      await eventually(async () => {
        const { answer } = await visit('JKT-01');
        if (answer.status !== 201) return false;
        const [charge] = await stack.simulator.charges(answer.body.transaction_id);
        return charge?.provider === first;
      }, scale.resetTimeoutMs + 10_000);
      return performance.now() - since;
    },
    close: async () => {
      subscriber.disconnect();
      await stack.stop();
    },
  };
}
