import { choosePorts } from './ports.ts';
import type { StackConfig } from './stack-config.ts';

const metered = ['api', 'worker', 'notifier'] as const;
export type MeteredService = (typeof metered)[number];

/** Where everything of ours listens. */
export interface Addresses {
  apiPort: number;
  simulatorPort: number;
  /** One for each process, in the order of their numbers. */
  metricsPorts: Readonly<Record<MeteredService, readonly number[]>>;
  apiUrl: string;
  simulatorUrl: string;
  metricsUrls: Readonly<Record<MeteredService, readonly string[]>>;
}

/** @throws CannotStart naming every port that is taken. */
export async function chooseAddresses(config: StackConfig): Promise<Addresses> {
  const { HOST, METRICS_PORT } = config;
  const counts = { api: config.API_PROCESSES, worker: config.WORKER_PROCESSES, notifier: config.NOTIFIER_PROCESSES };
  const metricsCount = counts.api + counts.worker + counts.notifier;
  const [apiPort = 0, simulatorPort = 0, ...metrics] = await choosePorts([
    { variable: 'API_PORT', port: config.API_PORT, address: HOST },
    { variable: 'SIMULATOR_PORT', port: config.SIMULATOR_PORT, address: '127.0.0.1' },
    ...Array.from({ length: metricsCount }, (_, n) => ({
      variable: 'METRICS_PORT',
      port: METRICS_PORT && METRICS_PORT + n,
      address: HOST,
    })),
  ]);
  const metricsPorts = {
    api: metrics.slice(0, counts.api),
    worker: metrics.slice(counts.api, counts.api + counts.worker),
    notifier: metrics.slice(counts.api + counts.worker),
  };
  const urlOf = (port: number) => `http://${reachableHost(HOST)}:${port}`;
  return {
    apiPort,
    simulatorPort,
    metricsPorts,
    apiUrl: urlOf(apiPort),
    simulatorUrl: `http://127.0.0.1:${simulatorPort}`,
    metricsUrls: { api: metricsPorts.api.map(urlOf), worker: metricsPorts.worker.map(urlOf), notifier: metricsPorts.notifier.map(urlOf) },
  };
}

/** Listening everywhere is no address to go to. */
function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
