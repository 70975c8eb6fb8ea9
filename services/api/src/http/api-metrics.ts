import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';
import type { RequestTimings } from './request-log.ts';

/** The metrics of an api process. docs/runbook.md explains each of them. */
export function createApiMetrics(registry: Registry) {
  const requests = new Histogram({
    name: 'gateway_http_seconds',
    help: 'HTTP request duration, by route, method and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    registers: [registry],
  });
  const webhookCounter = new Counter({
    name: 'gateway_webhooks_received_total',
    help: 'Webhooks received, by result: stored, duplicate, not_ours, limited, forged',
    labelNames: ['provider', 'verdict'],
    registers: [registry],
  });
  const openStreams = new Gauge({ name: 'gateway_event_streams', help: 'Open SSE connections of this process', registers: [registry] });
  const droppedStreams = new Counter({
    name: 'gateway_event_streams_dropped_total',
    help: 'SSE connections dropped because the client was too slow',
    registers: [registry],
  });
  const securityCounter = new Counter({
    name: 'gateway_security_events_total',
    help: 'Security events, by event: key_refused, scope_refused, store_refused, login_refused, locked_out, webhook_forged',
    labelNames: ['event'],
    registers: [registry],
  });
  const timings: RequestTimings = { observe: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds) };
  return { timings, webhookCounter, securityCounter, streams: { openStreams, droppedStreams } };
}
