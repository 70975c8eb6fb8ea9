// A process of its own: see load.ts.
import http from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, type Demand, type LoadResult, momentMs } from './load.ts';

interface Run {
  api: string;
  demands: Demand[];
  seconds: number;
}

const agent = new http.Agent({ keepAlive: true });
process.on('message', async ({ api, demands, seconds }: Run) => {
  const ownDelays = sampleOwnDelays();
  const answers = await Promise.all(demands.map((demand) => meet(api, demand, seconds * 1_000)));
  process.send?.({ answers, ownDelaysMs: ownDelays.end() } satisfies LoadResult);
});
process.once('disconnect', () => process.exit(0));

async function meet(api: string, { key, orderIds, pace }: Demand, durationMs: number): Promise<Answer[]> {
  const startedAt = performance.now();
  const elapsed = () => performance.now() - startedAt;
  const answers: Promise<Answer>[] = [];
  const createNext = (): Promise<Answer> => {
    const orderId = orderIds.pop();
    if (!orderId) throw new Error('too few orders');
    const answer = create(api, key, orderId, elapsed());
    answers.push(answer);
    return answer;
  };
  if ('tills' in pace) {
    const till = async () => {
      while (elapsed() < durationMs) await createNext();
    };
    await Promise.all(Array.from({ length: pace.tills }, till));
  } else
    for (let n = 0; elapsed() < durationMs; n++) {
      const aheadMs = (n / pace.perSecond) * 1_000 - elapsed();
      if (aheadMs > 1) await delay(aheadMs);
      void createNext();
    }
  return Promise.all(answers);
}

function create(api: string, key: string, orderId: string, atMs: number): Promise<Answer> {
  const startedAt = performance.now();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': orderId };
  return new Promise((done) => {
    const answered = (status: number, hasRetryAfter: boolean) => done({ status, atMs, ms: performance.now() - startedAt, hasRetryAfter });
    const request = http.request(`${api}/transaction/payments`, { method: 'POST', headers, agent }, (response) => {
      response.resume();
      response.once('end', () => answered(response.statusCode ?? 0, response.headers['retry-after'] !== undefined));
      response.once('error', () => answered(0, false));
    });
    request.once('error', () => answered(0, false));
    request.end(JSON.stringify({ order_id: orderId }));
  });
}

function sampleOwnDelays(): { end(): number[] } {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const longest: number[] = [];
  const sample = () => {
    longest.push(delay.max / 1e6);
    delay.reset();
  };
  const timer = setInterval(sample, momentMs);
  return {
    end: () => {
      clearInterval(timer);
      delay.disable();
      return longest;
    },
  };
}
