import { z } from 'zod';
import {
  asHostWriteId,
  asInboxId,
  asOrderKey,
  asPaymentId,
  asRefundId,
  asStoreId,
  asTenantId,
  paymentStatuses,
  rupiah,
} from '../payment/index.ts';

const host = z.string();
const leaseNo = z.int();
const paymentId = z.string().transform(asPaymentId);
const paymentJob = z.object({ host, paymentId, leaseNo });
/** What the route to a provider is chosen by. Neither changes while the payment lives. */
const routedBy = z.object({ storeId: z.string().transform(asStoreId), amount: z.int().transform(rupiah) });
/** What the provider is asked about, and where its answer is written, when a webhook is the first report that an open charge is paid. */
const paid = z.object({
  receivedAt: z.coerce.date(),
  provider: z.string(),
  account: z.string(),
  reference: z.string(),
  providerChargeId: z.string().nullable(),
  paymentId,
  no: z.int(),
  orderKey: z.string().transform(asOrderKey),
  tenant: z.string().transform(asTenantId),
  storeId: z.string().transform(asStoreId),
});

/** `superseded`: another worker holds a newer lease. `already_done`: nothing was left to do. `retry_scheduled`: the row is due again later. */
const closeOutcomes = ['superseded', 'already_done', 'retry_scheduled', ...paymentStatuses] as const;

interface JobKind {
  queue: 'charge' | 'verify' | 'follow';
  payload: z.ZodType;
  /** How a run can end. The values are labels of the metric `gateway_job_seconds` and stand in the log. A run that throws is counted as `failed`. */
  outcomes: readonly string[];
}

/**
 * Every job: its queue, its payload and its outcomes. A job carries ids and what never changes, and its handler reads the row: Redis holds
 * no secret and no stale value. A field that this release does not know is ignored: during an upgrade a newer process may add the job. There is no retry schedule here: a row carries its deadline, and the sweep claims the row of a failed job again.
 */
export const jobCatalog = {
  charge: {
    queue: 'charge',
    payload: paymentJob.extend({ routedBy: routedBy.optional() }), // absent in a job of the sweep
    outcomes: ['superseded', 'held_for_review', 'retry_scheduled', ...paymentStatuses],
  },
  'verify-webhook': {
    queue: 'verify',
    payload: z.object({ host, inboxId: z.int().transform(asInboxId), leaseNo, paid: paid.optional() }), // absent in a job of the sweep
    outcomes: [
      'superseded',
      'already_done',
      'retry_scheduled',
      'applied',
      'duplicate',
      'stale',
      'not_ours',
      'parked',
      'contradicted',
      'unknown_charge',
      'unreachable',
    ],
  },
  'check-payment': {
    queue: 'follow',
    payload: paymentJob,
    outcomes: [
      'superseded',
      'not_needed',
      'retry_scheduled',
      'applied',
      'no_change',
      'provider_error',
      'order_closed_elsewhere',
      'amount_changed',
    ],
  },
  'expire-payment': { queue: 'follow', payload: paymentJob, outcomes: closeOutcomes },
  'cancel-payment': { queue: 'follow', payload: paymentJob, outcomes: closeOutcomes },
  'resolve-attempt': {
    queue: 'follow',
    payload: z.object({ host, paymentId, no: z.int(), leaseNo }),
    outcomes: ['superseded', 'already_done', 'retry_scheduled', 'absent', 'unresolved', 'paid', 'expired', 'cancelled', 'failed'],
  },
  refund: {
    queue: 'follow',
    payload: z.object({ host, refundId: z.string().transform(asRefundId), leaseNo }),
    outcomes: ['superseded', 'already_done', 'pending', 'succeeded', 'failed', 'unknown', 'not_requested'],
  },
  'write-host': {
    queue: 'follow',
    payload: z.object({ host, hostWriteId: z.int().transform(asHostWriteId), leaseNo }),
    outcomes: ['superseded', 'already_done', 'retry_scheduled', 'obsolete', 'duplicate', 'took_effect', 'refused', 'raised', 'absent'],
  },
} as const satisfies Record<string, JobKind>;

export type JobName = keyof typeof jobCatalog;
export type JobPayload<Name extends JobName> = z.output<(typeof jobCatalog)[Name]['payload']>;
export type JobOutcome<Name extends JobName = JobName> = (typeof jobCatalog)[Name]['outcomes'][number];
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
  const { host: hostId, paymentId, no, inboxId, refundId, hostWriteId, leaseNo: lease }: JobIds = payload;
  return [name, hostId, paymentId, no, inboxId, refundId, hostWriteId, lease].filter((part) => part !== undefined).join('-');
}
