import type { Handlers } from '@gateway/shared/queue';
import { Counter, Histogram, type Registry } from '@prometheus-io/client';

/** What a worker counts of its work. One per registry. */
export interface WorkerMetrics {
  attempts: Counter<'provider' | 'account' | 'outcome' | 'reason'>;
  webhookVerdicts: Counter<'provider' | 'verdict'>;
  /** The same handlers, each timed, and counted by how it ended. */
  withMetrics(handlers: Handlers): Handlers;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const jobs = new Histogram({
    name: 'gateway_job_seconds',
    help: 'Job duration, by job and outcome; `failed` means that the job threw and will be retried',
    labelNames: ['job', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const measure = async (job: string, work: () => Promise<string>): Promise<string> => {
    const stopTimer = jobs.startTimer({ job });
    try {
      const outcome = await work();
      stopTimer({ outcome });
      return outcome;
    } catch (error) {
      stopTimer({ outcome: 'failed' });
      throw error;
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
    withMetrics: (handlers) =>
      Object.fromEntries(
        Object.entries(handlers).map(([job, handle]) => [job, (payload: never) => measure(job, () => handle(payload))]),
      ) as Handlers,
  };
}
