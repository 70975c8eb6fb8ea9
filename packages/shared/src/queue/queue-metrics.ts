import type { Registry } from '@prometheus-io/client';
import type { Queue } from 'bullmq';
import { type Clock, scrapedGauge } from '../runtime/index.ts';

const states = ['waiting', 'active', 'delayed', 'failed'] as const;

/** Length and age of the queues. An old waiting job means too few workers, or none. */
export function createQueueMetrics(registry: Registry, queues: readonly Queue[], clock: Clock): void {
  scrapedGauge(registry, {
    name: 'gateway_queue_jobs',
    help: 'Jobs per queue and state, without completed ones',
    labelNames: ['queue', 'state'],
    read: () =>
      queues.map(async (queue) => {
        const counts = await queue.getJobCounts(...states);
        return states.map((state) => ({ labels: { queue: queue.name, state }, value: counts[state] ?? 0 }));
      }),
  });
  scrapedGauge(registry, {
    name: 'gateway_queue_oldest_seconds',
    help: 'Age of the oldest waiting job; 0 when none waits',
    labelNames: ['queue'],
    read: () =>
      queues.map(async (queue) => {
        const [oldest] = await queue.getJobs(['waiting'], 0, 0, true);
        const since = oldest?.timestamp ?? clock.now().getTime();
        return [{ labels: { queue: queue.name }, value: Math.max(0, clock.now().getTime() - since) / 1_000 }];
      }),
  });
}
