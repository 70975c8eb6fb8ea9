import type { Handlers, JobName, JobOutcome } from '@gateway/shared/queue';
import { Counter, Histogram, type Registry } from '@prometheus-io/client';

/** The worker's own metrics. One per registry. */
export interface WorkerMetrics {
  attempts: Counter<'provider' | 'account' | 'outcome' | 'reason'>;
  webhookVerdicts: Counter<'provider' | 'verdict'>;
  callEvidence: Counter<'result'>;
  /** The same handlers; each run is timed and counted by its outcome. */
  withMetrics(handlers: Handlers): Handlers;
  /** How many jobs run now. */
  runningJobs(): number;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const jobs = new Histogram<'job' | 'outcome'>({
    name: 'gateway_job_seconds',
    help: 'Job duration, by job and outcome; `failed` means that the job threw and will be retried',
    labelNames: ['job', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  let running = 0;
  const timed = (job: JobName, handle: (payload: never) => Promise<JobOutcome>) => async (payload: never) => {
    const stopTimer = jobs.startTimer({ job });
    let outcome: JobOutcome | 'failed' = 'failed';
    running++;
    try {
      outcome = await handle(payload);
      return outcome;
    } finally {
      running--;
      stopTimer({ outcome });
    }
  };
  return {
    attempts: new Counter({
      name: 'gateway_attempts_total',
      help: 'Attempts to create a charge, by outcome and reason',
      labelNames: ['provider', 'account', 'outcome', 'reason'],
      registers,
    }),
    webhookVerdicts: new Counter({
      name: 'gateway_webhook_verdicts_total',
      help: 'Webhook verifications, by verdict; every try counts',
      labelNames: ['provider', 'verdict'],
      registers,
    }),
    callEvidence: new Counter({
      name: 'gateway_call_evidence_total',
      help: 'Provider calls as evidence: `stored`, `not_stored` because the database failed, `buffer_full` because too many waited',
      labelNames: ['result'],
      registers,
    }),
    runningJobs: () => running,
    withMetrics: (handlers) =>
      Object.fromEntries(Object.entries(handlers).map(([job, handle]) => [job, timed(job as JobName, handle)])) as Handlers,
  };
}
