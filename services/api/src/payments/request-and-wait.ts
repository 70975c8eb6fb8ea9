import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { JobName } from '@gateway/shared/queue';
import { plusMs } from '@gateway/shared/runtime';
import { leases, payments } from '@gateway/shared/store';
import type { ApiDeps } from '../deps.ts';

type PaymentJob = Extract<JobName, 'charge' | 'check-payment' | 'expire-payment' | 'cancel-payment'>;

const leaseMs = 5_000; // as long as one question may take: then the sweep has it done by another
const coalesceMs = 5_000; // as long as one question may take: until then ten impatient presses are one

/** Has a worker do this for a payment now, and waits for its word, as long as the caller prefers. Null: it did not come in time. */
export function createRequestAndWait({ enqueue, replies, clock }: Pick<ApiDeps, 'enqueue' | 'replies' | 'clock'>) {
  return async (
    host: Host,
    payment: Payment,
    job: PaymentJob,
    waitMs: number,
    isAnswer: (payment: Payment) => boolean,
  ): Promise<Payment | null> => {
    const { pool } = host.db;
    const waiting = replies.expect(payment.id);
    try {
      const now = clock.now();
      const unlessRequestedSince = job === 'check-payment' ? plusMs(now, -coalesceMs) : null;
      const leaseNo = await leases.claimForCaller(pool, payment.id, { replyTo: replies.name, now, leaseMs, unlessRequestedSince });
      const isQueued = leaseNo !== null && (await enqueue(job, { host: host.id, paymentId: payment.id, leaseNo }));
      if (leaseNo !== null && !isQueued) await payments.reschedule(pool, { id: payment.id, leaseNo: leaseNo }, clock.now()); // the sweep will do it
      const latest = await waiting.until(isAnswer, { payment, db: pool, withinMs: waitMs, replyExpected: isQueued });
      return isAnswer(latest) ? ((await payments.find(pool, payment.id)) ?? latest) : null;
    } finally {
      waiting.stop();
    }
  };
}
