import type { Handlers } from '@gateway/shared/queue';
import { Counter, Histogram, type Registry } from 'prom-client';

/** What a worker counts of its work. One per registry. */
export interface WorkerMetrics {
  attempts: Counter<'provider' | 'account' | 'outcome' | 'reason'>;
  webhookVerdicts: Counter<'provider' | 'verdict'>;
  /** The same handlers, each timed, and counted by how it ended. */
  measured(handlers: Handlers): Handlers;
}

export function createWorkerMetrics(registry: Registry): WorkerMetrics {
  const registers = [registry];
  const jobs = new Histogram({
    name: 'gateway_job_seconds',
    help: 'How long a job took by what came of it; failed ones threw, and their row is claimed again',
    labelNames: ['job', 'outcome'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const measure = async (job: string, work: () => Promise<string>): Promise<string> => {
    const took = jobs.startTimer({ job });
    try {
      const outcome = await work();
      took({ outcome });
      return outcome;
    } catch (error) {
      took({ outcome: 'failed' });
      throw error;
    }
  };
  return {
    attempts: new Counter({
      name: 'gateway_attempts_total',
      help: 'Attempts to make a QR by how they ended, and why those that did not show one',
      labelNames: ['provider', 'account', 'outcome', 'reason'],
      registers,
    }),
    webhookVerdicts: new Counter({
      name: 'gateway_webhook_verdicts_total',
      help: 'What looking into a webhook came to, each try counted',
      labelNames: ['provider', 'verdict'],
      registers,
    }),
    measured: (handlers) =>
      Object.fromEntries(
        Object.entries(handlers).map(([job, handle]) => [job, (payload: never) => measure(job, () => handle(payload))]),
      ) as Handlers,
  };
}
