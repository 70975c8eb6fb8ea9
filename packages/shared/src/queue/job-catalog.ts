import { z } from 'zod';

const host = z.string();
const paymentJob = z.strictObject({ host, paymentId: z.string(), leaseNo: z.int() });

interface JobKind {
  queue: 'charge' | 'verify' | 'follow';
  payload: z.ZodType;
}

/**
 * Every job, in one table. A job carries ids only: the row tells the rest, so nothing secret and nothing stale is in Redis.
 * There is no retry schedule here: rows carry deadlines, and a job that failed is simply claimed again (sweep.ts).
 */
export const jobCatalog = {
  charge: { queue: 'charge', payload: paymentJob },
  'verify-webhook': { queue: 'verify', payload: z.strictObject({ host, inboxId: z.int(), leaseNo: z.int() }) },
  'check-payment': { queue: 'follow', payload: paymentJob },
  'expire-payment': { queue: 'follow', payload: paymentJob },
  'cancel-payment': { queue: 'follow', payload: paymentJob },
  'resolve-attempt': { queue: 'follow', payload: z.strictObject({ host, paymentId: z.string(), no: z.int(), leaseNo: z.int() }) },
  refund: { queue: 'follow', payload: z.strictObject({ host, refundId: z.string(), leaseNo: z.int() }) },
  'write-host': { queue: 'follow', payload: z.strictObject({ host, hostWriteId: z.int(), leaseNo: z.int() }) },
} as const satisfies Record<string, JobKind>;

export type JobName = keyof typeof jobCatalog;
export type JobPayload<Name extends JobName> = z.output<(typeof jobCatalog)[Name]['payload']>;
export type QueueName = (typeof jobCatalog)[JobName]['queue'];

/**
 * What each queue is for, and how many of its jobs one worker process runs at a time. Waiting for a provider costs no CPU.
 * `charge` is what a cashier waits for: a worker that died is noticed within `lockMs` + `stalledMs`.
 */
export const queues: Record<QueueName, { concurrency: number; lockMs: number; stalledMs: number }> = {
  charge: { concurrency: 64, lockMs: 5_000, stalledMs: 2_000 },
  verify: { concurrency: 32, lockMs: 15_000, stalledMs: 5_000 },
  follow: { concurrency: 32, lockMs: 15_000, stalledMs: 5_000 },
};

/** `{kind}-{row}-{claim}`: a fixed id would be ignored in silence while the old job sits in completed or failed. */
export function jobId<Name extends JobName>(name: Name, payload: JobPayload<Name>): string {
  const { host: hostId, leaseNo, ...row } = payload as { host: string; leaseNo: number } & Record<string, string | number>;
  return [name, hostId, ...Object.values(row), leaseNo].join('-');
}
