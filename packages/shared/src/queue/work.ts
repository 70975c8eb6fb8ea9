import { type Job, Worker } from 'bullmq';
import type { Logger } from '../runtime/index.ts';
import { type JobName, type JobOutcome, type JobPayload, jobCatalog, type QueueName, queues } from './job-catalog.ts';
import { consumerConnection, queuePrefix } from './redis.ts';

/** Job name → handler. A handler may run twice, also at the same time. It returns the job's outcome, for the log and the metrics. */
export type Handlers = { readonly [Name in JobName]: (payload: JobPayload<Name>) => Promise<JobOutcome<Name>> };

export interface Work {
  /** Takes no more jobs, and waits for the running ones. */
  close(): Promise<void>;
}

const refusedWaitMs = 1_000;

/** Takes jobs from every queue. A handler that throws fails its job; its row stays due and is claimed again. */
export function startWork(redisUrl: string, handlers: Handlers, log: Logger): Work {
  const consumer = consumerConnection(redisUrl);
  const workers = (Object.keys(queues) as QueueName[]).map((queue) => {
    const { concurrency, lockMs, stalledMs } = queues[queue];
    const worker = new Worker(queue, (job) => runJob(job.name as JobName, job.data, handlers, log, job), {
      connection: consumer.connection,
      prefix: queuePrefix,
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledMs,
      maxStalledCount: 1_000, // the rows decide when to give up, the queue never does
      removeOnComplete: { count: 500 }, // for the board
      removeOnFail: { age: 7 * 86_400, count: 5_000 },
    });
    worker.on('error', (error) => {
      log.warn({ err: error, queue }, 'queue worker error');
      if (isRefusal(error)) pauseBriefly(worker);
    });
    return worker;
  });
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      consumer.close();
    },
  };
}

/** Redis answered and refused: its disk is full, its memory is used up, or it has no replica. */
const isRefusal = ({ name, message }: Error): boolean => name === 'ReplyError' && /MISCONF|OOM|NOREPLICAS/.test(message);

/**
 * Takes no jobs for a second. Without it the worker would ask again at once, more than a thousand times a second, for as long as Redis
 * refuses. The sweep runs what is due meanwhile.
 */
function pauseBriefly(worker: Worker): void {
  void worker.pause(true);
  setTimeout(() => worker.closing ?? worker.resume(), refusedWaitMs).unref();
}

/** Runs one job, from the queue or directly, and logs its outcome in one line. @throws what the handler throws */
export async function runJob<Name extends JobName>(
  name: Name,
  data: unknown,
  handlers: Handlers,
  log: Logger,
  job?: Job,
): Promise<JobOutcome<Name>> {
  const started = performance.now();
  const jobFields = { job: name, job_id: job?.id, ...idsOf(data) };
  const elapsed = () => Math.round(performance.now() - started);
  try {
    const handler = handlers[name];
    if (!handler) throw new Error(`no handler for job ${name}`);
    const outcome = await handler(jobCatalog[name].payload.parse(data) as JobPayload<Name>);
    log.info({ ...jobFields, outcome, duration_ms: elapsed() }, 'job completed');
    return outcome;
  } catch (error) {
    log.error({ ...jobFields, err: error, duration_ms: elapsed() }, 'job failed, will be retried');
    throw error;
  }
}

function idsOf(data: unknown): Record<string, unknown> {
  const { host, paymentId, inboxId, no } = (data ?? {}) as Record<string, unknown>;
  return { host, payment_id: paymentId, inbox_id: inboxId, attempt_no: no };
}
