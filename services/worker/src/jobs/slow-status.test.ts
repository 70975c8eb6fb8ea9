import type { Payment } from '@gateway/shared/payment';
import { createPollSlots } from '@gateway/shared/queue';
import { due } from '@gateway/shared/store';
import { eventually } from '@gateway/testing/eventually';
import { startWorkerHarness, type WorkerHarness } from '@gateway/testing/worker/worker-harness';
import { createHandlers } from '../handlers.ts';
import { jobFor } from '../sweep/due-job.ts';

const callsPerSecond = 5; // of a Midtrans test account
const statusMs = 4_500;
const stepMs = 500;
let worker: WorkerHarness;
beforeAll(async () => {
  worker = await startWorkerHarness();
});
afterAll(() => worker?.close());

/** The worker's accounts, whose status calls are answered when the worker's clock has moved by 4.5 s. */
function slowStatus() {
  const calls: { reference: string; at: number; answer: () => void }[] = [];
  const accounts: typeof worker.deps.accounts = {
    ...worker.deps.accounts,
    of: (attempt) => {
      const candidate = worker.deps.accounts.of(attempt);
      const findCharge: typeof candidate.provider.findCharge = async (key, signal) => {
        const charge = await candidate.provider.findCharge(key, signal);
        await new Promise<void>((answer) => calls.push({ reference: key.reference, at: worker.clock.now().getTime(), answer }));
        return charge;
      };
      const provider = new Proxy(candidate.provider, {
        get: (target, name) => (name === 'findCharge' ? findCharge : Reflect.get(target, name, target)),
      });
      return { ...candidate, provider };
    },
  };
  const answered = new Set<(typeof calls)[number]>();
  return {
    accounts,
    calls,
    answer: () => {
      for (const call of calls) {
        if (answered.has(call) || call.at + statusMs > worker.clock.now().getTime()) continue;
        answered.add(call);
        call.answer();
      }
    },
    waiting: () => calls.length - answered.size,
  };
}

it('a provider whose status takes 4.5 s is asked within the account’s calls per second, and every QR is polled on', async () => {
  const payments = await Promise.all(Array.from({ length: 20 }, () => worker.pending()));
  const provider = slowStatus();
  const pollSlots = createPollSlots(null, worker.clock);
  const handlers = createHandlers({ ...worker.deps, accounts: provider.accounts, pollSlots }, { everyMs: 5 });
  const running = new Map<string, Promise<unknown>>();
  let ranTwiceAtOnce = 0;
  const claim = async () => {
    for (const job of (await due.claim(worker.db.pool, { now: worker.clock.now(), limit: 100 })).map(jobFor)) {
      const { paymentId } = job.payload as { paymentId: string };
      if (running.has(paymentId)) ranTwiceAtOnce++;
      running.set(
        paymentId,
        handlers[job.name](job.payload as never).finally(() => running.delete(paymentId)),
      );
    }
  };
  /** Every running job waits for the provider, and its lease has been renewed since the clock moved. */
  const isSettled = async () => {
    if (running.size !== provider.waiting()) return false;
    const renewedAt = new Date(worker.clock.now().getTime() + 3_500);
    const { rowCount } = await worker.db.pool.query('select from gateway.payments where id = any ($1) and check_at < $2', [
      [...running.keys()],
      renewedAt,
    ]);
    return rowCount === 0;
  };

  const startedAt = worker.clock.now().getTime();
  const seconds = 60;
  for (let ms = 0; ms < seconds * 1_000; ms += stepMs) {
    worker.advance(stepMs);
    provider.answer();
    await claim();
    await eventually(isSettled);
  }
  expect(ranTwiceAtOnce).toBe(0);
  const firstPollAt = startedAt + 3_000;
  for (let from = firstPollAt + 5_000; from + 10_000 <= startedAt + seconds * 1_000; from += 1_000) {
    const inTenSeconds = provider.calls.filter(({ at }) => at >= from && at < from + 10_000).length;
    expect(inTenSeconds).toBeLessThanOrEqual(10 * callsPerSecond);
    expect(inTenSeconds).toBeGreaterThanOrEqual(payments.length); // each of them once, at least
  }
  const lastPollOf = ({ reference }: Payment) =>
    Math.max(...provider.calls.filter((call) => call.reference === `${reference}-1`).map(({ at }) => at));
  expect(Math.min(...payments.map(lastPollOf))).toBeGreaterThan(startedAt + (seconds - 15) * 1_000);
  while (running.size > 0) {
    worker.advance(stepMs);
    provider.answer();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});
