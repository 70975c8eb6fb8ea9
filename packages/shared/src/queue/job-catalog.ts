import { z } from 'zod';

const host = z.string();
const paymentJob = z.strictObject({ host, paymentId: z.string(), leaseNo: z.int() });

interface JobKind {
  queue: 'charge' | 'verify' | 'follow';
  payload: z.ZodType;
}

/**
 * Every job, in one table. A job carries ids only, and its handler reads the row: Redis holds nothing secret and nothing stale.
 * There is no retry schedule here: rows carry deadlines, and the sweep claims the row of a failed job again.
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
 * How many jobs of each queue one worker process runs at a time. The numbers are high because jobs mostly wait for providers.
 * A job of a worker that died goes to another one within `lockMs` + `stalledMs`; `charge` has short ones, because a cashier waits.
 */
export const queues: Record<QueueName, { concurrency: number; lockMs: number; stalledMs: number }> = {
  charge: { concurrency: 64, lockMs: 5_000, stalledMs: 2_000 },
  verify: { concurrency: 32, lockMs: 15_000, stalledMs: 5_000 },
  follow: { concurrency: 32, lockMs: 15_000, stalledMs: 5_000 },
};

/** The ids that payloads are made of. */
export interface JobIds {
  host: string;
  paymentId?: string;
  /** The number of the attempt within its payment. */
  no?: number;
  inboxId?: number;
  refundId?: string;
  hostWriteId?: number;
  leaseNo: number;
}

/**
 * `{name}-{host}-{row}-{leaseNo}`. The lease number makes a new id for each claim: BullMQ silently ignores a job whose id still
 * stands among the completed or failed ones.
 */
export function jobId<Name extends JobName>(name: Name, payload: JobPayload<Name>): string {
  const { host: hostId, paymentId, no, inboxId, refundId, hostWriteId, leaseNo }: JobIds = payload;
  return [name, hostId, paymentId, no, inboxId, refundId, hostWriteId, leaseNo].filter((part) => part !== undefined).join('-');
}
