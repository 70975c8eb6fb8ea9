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

/** A full run has the sizes and limits of a shop. In `npm test` there are fewer orders and processes, and limits are short. Milliseconds. */
export const scale = {
  isFull,
  payments: option('PAYMENTS', 20),
  tills: option('TILLS', 20),
  workers: option('WORKERS', isFull ? 4 : 2),
  apis: option('APIS', isFull ? 2 : 1),
  warmUp: isFull ? 100 : 10,
  /** The pause of a till between two orders. Without it 20 tills overload two cores, and every answer is slow, with or without an outage. */
  pauseMs: option('PAUSE_MS', isFull ? 300 : 0),
  latencyMs: isFull ? 50 : 0,
  hedgeMs: isFull ? 800 : 300,
  createLimitMs: isFull ? 9_500 : 2_500,
  resetTimeoutMs: isFull ? 10_000 : 500,
  slowMs: isFull ? 5_000 : 1_000,
  /** What a provider that limits its rate states in `Retry-After`. */
  retryAfterMs: isFull ? 5_000 : 2_000,
  /** How much later than the guarantee an answer may come. A full run measures the guarantee; a test run shares its machine. */
  slackMs: isFull ? 300 : 5_000,
};

/** The share of the time limit that a provider has when another one can follow it (`primaryShare` in the worker's ask-provider.ts). */
export const primaryShareMs = scale.createLimitMs * 0.6;

const keyOf = (provider: Provider): string => (provider === 'midtrans' ? 'SB-Mid-server-jakarta' : 'xnd_development_jakarta');

/** One order at a till, and the answer to its create request. */
export interface Visit {
  orderId: string;
  outlet: string;
  total: number;
  startedAt: number;
  answer: HttpResult<PaymentBody>;
}

/** A breaker update that a worker published, and when it was received. */
export type ObservedUpdate = BreakerUpdate & { at: number };

/** A stack whose first provider fails, with everything that its processes publish. */
export interface OutageRun {
  stack: TestStack;
  first: Provider;
  second: Provider;
  breakerUpdates: readonly ObservedUpdate[];
  /** All messages on any Redis channel. */
  published: readonly string[];
  /** Takes `count` orders from all tills at once. A till takes the next one after an answer and a pause. */
  takeOrders(count: number, outlets?: readonly string[]): Promise<Visit[]>;
  /** Whether a worker has logged this. */
  loggedForOperator(what: RegExp): boolean;
  /** Takes orders until the first provider makes a QR again. @returns after how many milliseconds */
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
