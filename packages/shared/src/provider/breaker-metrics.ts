import { Counter, Gauge, Histogram, type Registry } from '@prometheus-io/client';

export type BreakerState = 'closed' | 'half_open' | 'open';
export type CallOutcome = 'ok' | 'rejected' | 'unavailable' | 'unknown' | 'misconfigured' | 'busy' | 'breaker_open';

export interface BreakerMetrics {
  state(labels: { provider: string; account: string; kind: string }, state: BreakerState): void;
  call(labels: { provider: string; account: string; operation: string }, outcome: CallOutcome, seconds: number): void;
}

const levels: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 };

/** The metrics of provider calls and breakers. Created once per registry, which refuses a second metric of the same name. */
export function createBreakerMetrics(registry: Registry): BreakerMetrics {
  const registers = [registry];
  const states = new Gauge({
    name: 'gateway_breaker_state',
    help: 'Circuit breaker state: 0 closed, 1 half-open, 2 open',
    labelNames: ['provider', 'account', 'kind'],
    registers,
  });
  const calls = new Counter({
    name: 'gateway_provider_calls_total',
    help: 'Provider calls, by outcome; `busy` and `breaker_open` were not sent',
    labelNames: ['provider', 'account', 'operation', 'outcome'],
    registers,
  });
  const durations = new Histogram({
    name: 'gateway_provider_call_seconds',
    help: 'Provider call duration',
    labelNames: ['provider', 'account', 'operation'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20],
    registers,
  });
  return {
    state: (labels, state) => states.set(labels, levels[state]),
    call: (labels, outcome, seconds) => {
      calls.inc({ ...labels, outcome });
      if (outcome !== 'busy' && outcome !== 'breaker_open') durations.observe(labels, seconds);
    },
  };
}
