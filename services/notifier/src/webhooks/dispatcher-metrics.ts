import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';

/** What one dispatcher records. */
export interface DispatcherMetrics {
  attempted(result: 'delivered' | 'failed', seconds: number): void;
  endpointDisabled(): void;
  endpoints(active: number, inFlight: number): void;
}

/** The metrics of outgoing webhooks, in one registry for all databases of the process. @returns the recorder of one database */
export function createDispatcherMetrics(registry: Registry): (database: string) => DispatcherMetrics {
  const common = { registers: [registry], labelNames: ['database'] as const };
  const attempts = new Counter({
    registers: [registry],
    labelNames: ['database', 'result'] as const,
    name: 'gateway_webhook_attempts_total',
    help: 'Attempts to deliver an outgoing webhook',
  });
  const duration = new Histogram({
    ...common,
    name: 'gateway_webhook_attempt_seconds',
    help: 'Duration of one attempt to deliver an outgoing webhook',
    buckets: [0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10],
  });
  const disabled = new Counter({
    ...common,
    name: 'gateway_webhook_endpoints_disabled_total',
    help: 'Webhook endpoints disabled by the gateway',
  });
  const active = new Gauge({ ...common, name: 'gateway_webhook_endpoints', help: 'Webhook endpoints that get events' });
  const inFlight = new Gauge({ ...common, name: 'gateway_webhook_deliveries_in_flight', help: 'Outgoing webhooks being sent' });
  return (database) => ({
    attempted: (result, seconds) => {
      attempts.inc({ database, result });
      duration.observe({ database }, seconds);
    },
    endpointDisabled: () => disabled.inc({ database }),
    endpoints: (count, running) => {
      active.set({ database }, count);
      inFlight.set({ database }, running);
    },
  });
}
