import type { Host } from '@gateway/shared/host';
import type { JobName } from '@gateway/shared/queue';
import { claimForCaller, type Database, findPayment, type Payment } from '@gateway/shared/store';
import type { ApiDeps } from '../deps.ts';

type PaymentJob = Extract<JobName, 'charge' | 'check-payment' | 'expire-payment' | 'cancel-payment'>;

const leaseMs = 15_000; // as long as the sweep gives such a job
const coalesceMs = 1_000; // ten impatient presses are one question

/** Has a worker do this for a payment now, and waits for its word, as long as the caller prefers. Null: it did not come in time. */
export function createAskNow({ enqueue, replies, clock }: Pick<ApiDeps, 'enqueue' | 'replies' | 'clock'>) {
  return async (
    host: Host<Database>,
    payment: Payment,
    job: PaymentJob,
    withinMs: number,
    isAnswer: (payment: Payment) => boolean,
  ): Promise<Payment | null> => {
    const waiting = replies.expect(payment.id);
    try {
      const claim = await claimForCaller(host.db.pool, payment.id, { replyTo: replies.name, now: clock.now(), leaseMs, coalesceMs });
      const queued = claim !== null && (await enqueue(job, { host: host.id, paymentId: payment.id, claim }));
      const heard = await waiting.until(isAnswer, { payment, db: host.db.pool, withinMs, unheard: !queued });
      return isAnswer(heard) ? ((await findPayment(host.db.pool, payment.id)) ?? heard) : null;
    } finally {
      waiting.stop();
    }
  };
}
