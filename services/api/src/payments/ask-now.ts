import type { Host } from '@gateway/shared/host';
import type { JobName } from '@gateway/shared/queue';
import { claimForCaller, type Database, findPayment, lookAgain, type Payment } from '@gateway/shared/store';
import type { ApiDeps } from '../deps.ts';

type PaymentJob = Extract<JobName, 'charge' | 'check-payment' | 'expire-payment' | 'cancel-payment'>;

const leaseMs = 5_000; // as long as one question may take: then the sweep has it done by another
const answeredWithinMs = 5_000; // as long as one question may take: until then ten impatient presses are one

/** Has a worker do this for a payment now, and waits for its word, as long as the caller prefers. Null: it did not come in time. */
export function createAskNow({ enqueue, replies, clock }: Pick<ApiDeps, 'enqueue' | 'replies' | 'clock'>) {
  return async (
    host: Host<Database>,
    payment: Payment,
    job: PaymentJob,
    withinMs: number,
    isAnswer: (payment: Payment) => boolean,
  ): Promise<Payment | null> => {
    const { pool } = host.db;
    const waiting = replies.expect(payment.id);
    try {
      const now = clock.now();
      const unlessAskedSince = job === 'check-payment' ? new Date(now.getTime() - answeredWithinMs) : null;
      const claim = await claimForCaller(pool, payment.id, { replyTo: replies.name, now, leaseMs, unlessAskedSince });
      const queued = claim !== null && (await enqueue(job, { host: host.id, paymentId: payment.id, claim }));
      if (claim !== null && !queued) await lookAgain(pool, { id: payment.id, claims: claim }, clock.now()); // the sweep will do it
      const heard = await waiting.until(isAnswer, { payment, db: pool, withinMs, unheard: !queued });
      return isAnswer(heard) ? ((await findPayment(pool, payment.id)) ?? heard) : null;
    } finally {
      waiting.stop();
    }
  };
}
