import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { Enqueue, JobName } from '@gateway/shared/queue';
import { type Clock, plusMs } from '@gateway/shared/runtime';
import { leases, payments } from '@gateway/shared/store';
import type { Replies } from './reply-channel.ts';

type PaymentJob = Extract<JobName, 'charge' | 'check-payment' | 'expire-payment' | 'cancel-payment'>;

/**
 * Has a worker run a job for a payment now, and waits at most `waitMs` until `isAnswer` holds for the payment.
 * Returns the payment as it is then; null when the time was over first.
 */
export type RequestAndWait = (
  host: Host,
  payment: Payment,
  job: PaymentJob,
  waitMs: number,
  isAnswer: (payment: Payment) => boolean,
) => Promise<Payment | null>;

export interface RequestAndWaitDeps {
  enqueue: Enqueue;
  replies: Replies;
  clock: Clock;
}

const leaseMs = 5_000; // longer than one call to a provider may take; afterwards the sweep gives the payment to another worker
const coalesceMs = 5_000; // checks requested within this time of an unanswered one join it, so that repeated presses cost one call

export function createRequestAndWait({ enqueue, replies, clock }: RequestAndWaitDeps): RequestAndWait {
  return async (host, payment, job, waitMs, isAnswer) => {
    const { pool } = host.db;
    const waiting = replies.expect(payment.id);
    try {
      const now = clock.now();
      const unlessRequestedSince = job === 'check-payment' ? plusMs(now, -coalesceMs) : null;
      const leaseNo = await leases.claimForCaller(pool, payment.id, { replyTo: replies.name, now, leaseMs, unlessRequestedSince });
      const isQueued = leaseNo !== null && (await enqueue(job, { host: host.id, paymentId: payment.id, leaseNo }));
      if (leaseNo !== null && !isQueued) await payments.reschedule(pool, { id: payment.id, leaseNo }, clock.now()); // the sweep runs it now
      const latest = await waiting.until(isAnswer, { payment, db: pool, withinMs: waitMs, replyExpected: isQueued });
      return isAnswer(latest) ? ((await payments.find(pool, payment.id)) ?? latest) : null;
    } finally {
      waiting.stop();
    }
  };
}
