import type { Host } from '@gateway/shared/host';
import type { Payment } from '@gateway/shared/payment';
import type { Enqueue, JobName } from '@gateway/shared/queue';
import { type Clock, plusMs } from '@gateway/shared/runtime';
import { leases, payments } from '@gateway/shared/store';
import type { Replies } from './reply-channel.ts';

type PaymentJob = Extract<JobName, 'charge' | 'check-payment' | 'expire-payment' | 'cancel-payment'>;

export interface JobRequest {
  job: PaymentJob;
  waitMs: number;
  isAnswer: (payment: Payment) => boolean;
  /** Reserves the moment at which the job may call the provider. Default: now. */
  reserve?: () => Promise<Date>;
}

/**
 * Has a worker run a job for a payment, and waits at most `waitMs` until `isAnswer` holds for the payment.
 * Returns the payment as it is then; null when the time was over first.
 */
export type RequestAndWait = (host: Host, payment: Payment, request: JobRequest) => Promise<Payment | null>;

export interface RequestAndWaitDeps {
  enqueue: Enqueue;
  replies: Replies;
  clock: Clock;
}

const leaseMs = 5_000; // longer than one call to a provider may take; afterwards the sweep gives the payment to another worker
const coalesceMs = 5_000; // checks requested within this time of an unanswered one join it, so that repeated presses cost one call

export function createRequestAndWait({ enqueue, replies, clock }: RequestAndWaitDeps): RequestAndWait {
  return async (host, payment, { job, waitMs, isAnswer, reserve }) => {
    const { pool } = host.db;
    const waiting = replies.expect(payment.id);
    try {
      const now = clock.now();
      const unlessRequestedSince = job === 'check-payment' ? plusMs(now, -coalesceMs) : null;
      const leaseNo = await leases.claimForCaller(pool, payment.id, { replyTo: replies.name, now, leaseMs, unlessRequestedSince });
      const startAt = leaseNo === null ? null : ((await reserve?.()) ?? now);
      const isLater = startAt !== null && startAt > now;
      const isQueued = leaseNo !== null && !isLater && (await enqueue(job, { host: host.id, paymentId: payment.id, leaseNo }));
      // The sweep starts it: at its moment, or now when the queue accepted nothing.
      if (leaseNo !== null && !isQueued) await payments.reschedule(pool, { id: payment.id, leaseNo }, isLater ? startAt : clock.now());
      const latest = await waiting.until(isAnswer, { payment, db: pool, withinMs: waitMs, replyExpected: isQueued });
      return isAnswer(latest) ? ((await payments.find(pool, payment.id)) ?? latest) : null;
    } finally {
      waiting.stop();
    }
  };
}
