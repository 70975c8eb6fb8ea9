import type { Clock } from '@gateway/shared/runtime';
import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';

/** What one relay records. */
export interface RelayMetrics {
  published(count: number): void;
  publishFailed(): void;
  runFinished(seconds: number): void;
  sequencesReset(stores: number): void;
  /** @param oldest when the oldest unpublished event occurred; null when every event is published */
  pending(count: number, oldest: Date | null): void;
}

/** The notifier's metrics, in one registry for all its databases. @returns the recorder of one database */
export function createRelayMetrics(registry: Registry, clock: Clock): (database: string) => RelayMetrics {
  const common = { registers: [registry], labelNames: ['database'] as const };
  const oldest = new Map<string, Date | null>();
  const published = new Counter({ ...common, name: 'gateway_events_published_total', help: 'Events published' });
  const failures = new Counter({ ...common, name: 'gateway_publish_failures_total', help: 'Pipelines that Redis did not accept' });
  const sequencesReset = new Counter({
    ...common,
    name: 'gateway_sequences_resumed_total',
    help: 'Stores whose sequence was moved forward after a database restore',
  });
  const duration = new Histogram({
    ...common,
    name: 'gateway_relay_run_seconds',
    help: 'Duration of one relay run',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
  });
  const pending = new Gauge({ ...common, name: 'gateway_outbox_waiting', help: 'Events not published yet' });
  new Gauge({
    ...common,
    name: 'gateway_outbox_oldest_seconds',
    help: 'Age of the oldest unpublished event',
    collect() {
      // The age grows between measurements, also while the database is unavailable: a constant age would raise no alert.
      for (const [database, since] of oldest)
        this.set({ database }, since ? Math.max(0, (clock.now().getTime() - since.getTime()) / 1_000) : 0);
    },
  });
  return (database) => ({
    published: (count) => published.inc({ database }, count),
    publishFailed: () => failures.inc({ database }),
    runFinished: (seconds) => duration.observe({ database }, seconds),
    sequencesReset: (stores) => sequencesReset.inc({ database }, stores),
    pending: (count, since) => {
      pending.set({ database }, count);
      oldest.set(database, since);
    },
  });
}
